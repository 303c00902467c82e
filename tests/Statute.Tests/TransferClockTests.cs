using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class TransferClockTests
{
    private static Fact Moved(string on, string? aware = null, string? made = null, string? reviewed = null, string? from = "la:351") =>
        That(new FactBody.PlanTransferredIn(from, Maybe(aware), Maybe(made), Maybe(reviewed)), on);

    private static Fact Transferred(string on, string by = "la:351") => That(new FactBody.PlanTransferred(), on, by: by);

    private static DateOnly? Maybe(string? day) => day is null ? null : Day(day);

    [Theory]
    [InlineData("2024-04-22", "2024-05-13", "2024-05-13")] // The fifteenth working day is the day of the move.
    [InlineData("2024-04-23", "2024-05-14", "2024-04-23")]
    [InlineData("2024-05-20", "2024-06-10", "2024-05-20")] // Learned of it after the move; 27 May is a bank holiday.
    public void The_plan_is_due_on_the_move_or_fifteen_working_days_from_awareness(string aware, string due, string start)
    {
        var transfer = Read("2024-05-13", Moved("2024-05-13", aware)).The(ObligationCode.TransferPlan);

        Assert.Equal((Day(due), Day(due)), (transfer.Due, transfer.Target));
        Assert.Equal(due == "2024-05-13" ? Day(aware) : Day(start), transfer.Start);
    }

    [Fact]
    public void Where_awareness_was_not_said_it_is_taken_to_be_the_day_of_the_move_and_warned_of_from_it()
    {
        var transfer = Read("2024-05-13", Moved("2024-05-13")).The(ObligationCode.TransferPlan);

        Assert.Equal((Day("2024-05-13"), Day("2024-06-03")), (transfer.Target, transfer.Due));
    }

    [Theory]
    [InlineData("2024-05-02", ObligationState.Met, 0)] // Ahead of the move.
    [InlineData("2024-05-22", ObligationState.Met, 0)]
    [InlineData("2024-05-23", ObligationState.MetLate, 1)]
    public void The_old_authority_owes_the_transfer(string on, ObligationState state, int daysLate)
    {
        var reading = Read("2025-01-01", Moved("2024-05-13", "2024-05-01"), Transferred(on));

        reading.The(ObligationCode.TransferPlan).Stands(state, on, daysLate);
        Assert.Empty(reading.Findings);
    }

    [Fact]
    public void The_law_of_the_day_of_the_move_applies_however_early_the_old_authority_knew_of_it()
    {
        var transfer = Read("2015-02-01", Moved("2014-12-28", "2014-08-30")).The(ObligationCode.TransferPlan);

        Assert.Equal((Day("2014-12-28"), Day("2014-12-28")), (transfer.Start, transfer.Due));
        Assert.DoesNotContain(
            Read("2015-02-01", Moved("2014-08-31", "2014-09-01")).Obligations,
            o => o.Code == ObligationCode.TransferPlan
        );
    }

    [Fact]
    public void Two_moves_told_of_one_day_do_not_hide_a_transfer_ahead_of_them()
    {
        var again = That(new FactBody.PlanTransferredIn("la:351"), "2024-05-13", "Again");

        var reading = Read("2025-01-01", Moved("2024-05-13", "2024-05-01"), again, Transferred("2024-05-02"));

        Assert.All(reading.All(ObligationCode.TransferPlan), o => Assert.Equal(ObligationState.Met, o.State));
    }

    [Fact]
    public void A_ceased_plan_need_no_longer_be_transferred_nor_its_family_told() =>
        Assert.All(
            Read("2025-01-01", Moved("2024-05-13", "2024-05-01"), Ceased("2024-05-20")).Obligations,
            o => Assert.Equal(ObligationState.NotApplicable, o.State)
        );

    [Fact]
    public void A_third_authority_cannot_say_that_the_plan_was_transferred()
    {
        var reading = Read("2025-01-01", Moved("2024-05-13"), Transferred("2024-05-13", by: "la:352"));

        Assert.Equal(ObligationState.Breached, reading.The(ObligationCode.TransferPlan).State);
        Assert.Equal([FindingCode.NotTheirsToSay], reading.Codes());
    }

    [Fact]
    public void Nobody_is_accused_where_the_old_authority_is_not_named()
    {
        var reading = Read("2025-01-01", Moved("2024-05-13", from: null));

        Assert.Empty(reading.All(ObligationCode.TransferPlan));
        Assert.Equal([FindingCode.ObligorUnknown], reading.Codes());
    }

    [Theory]
    [InlineData(null, "2024-06-24")]
    [InlineData("2024-05-10", "2024-06-24")] // Before the move: from the move.
    [InlineData("2024-05-20", "2024-07-01")]
    public void The_family_is_told_within_six_weeks_of_move_and_transfer(string? transferred, string due)
    {
        Fact[] facts = transferred is null ? [Moved("2024-05-13")] : [Moved("2024-05-13"), Transferred(transferred)];

        Assert.Equal(Day(due), Read("2025-01-01", facts).The(ObligationCode.TransferInformFamily).Due);
        Read("2025-01-01", [.. facts, That(new FactBody.TransferFamilyInformed(), due)])
            .The(ObligationCode.TransferInformFamily)
            .Stands(ObligationState.Met, due);
    }

    [Theory]
    [InlineData("2023-06-01", null, "2024-08-12", "2024-08-13", "(b)")] // Three months from the move are later.
    [InlineData("2022-06-01", "2024-02-01", "2025-01-31", "2025-02-01", "(a)")] // A year from the last review is.
    [InlineData("2024-02-01", "2022-06-01", "2025-01-31", "2025-02-01", "(a)")]
    [InlineData(null, null, "2024-08-12", "2025-05-13", "(a)")] // Not known: made as late as the move, or long before.
    public void The_review_is_due_on_the_later_of_the_two_days_of_reg_15_5(
        string? made,
        string? reviewed,
        string target,
        string due,
        string limb
    )
    {
        var reading = Read("2024-05-13", Moved("2024-05-13", made: made, reviewed: reviewed));

        var review = reading.The(ObligationCode.TransferReview);
        Assert.Equal((Day(target), Day(due)), (review.Target, review.Due));
        Assert.EndsWith(limb, review.Rule, StringComparison.Ordinal);
        Assert.Empty(reading.All(ObligationCode.AnnualReview));
    }

    [Fact]
    public void The_years_of_review_begin_when_the_first_is_done()
    {
        var reading = Read("2025-01-01", Moved("2024-05-13", made: "2023-06-01"), Reviewed("2024-08-14"));

        reading.The(ObligationCode.TransferReview).Stands(ObligationState.MetLate, "2024-08-14", 1);
        Assert.Equal(Day("2025-08-14"), reading.The(ObligationCode.AnnualReview).Due);
    }

    [Fact]
    public void Dates_after_the_move_are_reported_and_not_counted()
    {
        var reading = Read("2025-01-01", Moved("2024-05-13", made: "2024-05-14", reviewed: "2024-06-01"));

        Assert.Equal([FindingCode.ImpossibleDate, FindingCode.ImpossibleDate], reading.Codes());
        Assert.Equal(Day("2025-05-13"), reading.The(ObligationCode.TransferReview).Due);
    }

    [Fact]
    public void A_second_move_in_does_not_take_the_first_ones_transfer()
    {
        var reading = Read("2024-06-01", Moved("2022-01-10"), Transferred("2022-01-20"), MovedOut("2023-01-01"), Moved("2024-05-13"));

        Assert.Equal(
            [(Day("2022-01-20"), ObligationState.Met), ((DateOnly?)null, ObligationState.Open)],
            reading.All(ObligationCode.TransferPlan).Select(o => (o.DoneOn, o.State))
        );
    }
}
