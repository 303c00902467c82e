using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class MediationClockTests
{
    private static Fact Agreed(MediationIssue issue, string? obligor = null, bool party = false, string? date = null) =>
        That(new FactBody.MediationAgreed(issue, obligor, party, date is null ? null : Day(date)), "2024-11-22", "Agreed");

    [Theory]
    [InlineData("2024-12-06", ObligationState.Met, 0)]
    [InlineData("2024-12-07", ObligationState.MetLate, 1)]
    public void What_was_agreed_is_done_within_two_weeks(string done, ObligationState state, int daysLate)
    {
        var action = Read(
                "2025-12-01",
                Agreed(MediationIssue.OtherAction, Bolton, party: true),
                That(new FactBody.MediationActionDone(), done)
            )
            .The(ObligationCode.MediationAction);

        action.Stands(state, done, daysLate);
        Assert.Equal((Bolton, "Agreed"), (action.Obligor, action.Occasion));
    }

    [Fact]
    public void A_board_that_agreed_without_the_authority_tells_it_within_a_week()
    {
        var reading = Read(
            "2025-12-01",
            Agreed(MediationIssue.OtherAction, Board),
            That(new FactBody.MediationReported(), "2024-11-30", by: Board)
        );

        var report = reading.The(ObligationCode.MediationReport);
        Assert.Equal((Board, Day("2024-11-29")), (report.Obligor, report.Due));
        report.Stands(ObligationState.MetLate, "2024-11-30", 1);
        Assert.Equal(ObligationState.Breached, reading.The(ObligationCode.MediationAction).State);
    }

    [Theory]
    [InlineData(Board, true)]
    [InlineData(Bolton, false)]
    [InlineData("trust:RX4", false)]
    public void Nobody_else_owes_a_report(string obligor, bool party) =>
        Assert.Empty(Read("2025-12-01", Agreed(MediationIssue.OtherAction, obligor, party)).All(ObligationCode.MediationReport));

    [Fact]
    public void Without_a_named_obligor_the_authority_acts_if_it_was_a_party_and_nobody_is_accused_if_not()
    {
        Assert.Equal(
            Bolton,
            Read("2025-12-01", Agreed(MediationIssue.OtherAction, party: true)).The(ObligationCode.MediationAction).Obligor
        );

        var reading = Read("2025-12-01", Agreed(MediationIssue.OtherAction));
        Assert.Empty(reading.Obligations);
        Assert.Equal([FindingCode.ObligorUnknown], reading.Codes());
    }

    [Fact]
    public void Another_agreed_date_takes_the_place_of_the_limit()
    {
        var action = Read("2024-11-22", Agreed(MediationIssue.OtherAction, Bolton, true, "2025-01-31")).The(ObligationCode.MediationAction);

        Assert.Equal((Day("2025-01-31"), Day("2025-01-31")), (action.Target, action.Due));
        Assert.Equal(
            Day("2025-01-31"),
            Read("2024-11-22", Agreed(MediationIssue.AmendPlacement, date: "2025-01-31")).The(ObligationCode.OrderAmendPlacement).Due
        );
    }

    [Theory]
    [InlineData("2025-01-10", "2024-12-26", "2025-01-10", "2025-01-10", "2025-02-07")] // Between draft and plan.
    [InlineData("2025-03-01", "2024-12-26", "2025-03-01", "2025-02-06", "2025-03-01")] // After both.
    public void Of_several_steps_each_is_due_on_the_later_and_warned_of_from_the_earlier(
        string agreed,
        string draftTarget,
        string draftDue,
        string planTarget,
        string planDue
    )
    {
        var reading = Read("2024-11-22", Agreed(MediationIssue.MakePlan, date: agreed));
        var (draft, plan) = (reading.The(ObligationCode.OrderDraftPlan), reading.The(ObligationCode.OrderFinalisePlan));

        Assert.Equal((Day(draftTarget), Day(draftDue)), (draft.Target, draft.Due));
        Assert.Equal((Day(planTarget), Day(planDue)), (plan.Target, plan.Due));
    }

    [Fact]
    public void A_date_before_the_agreement_is_not_counted()
    {
        var reading = Read("2024-11-22", Agreed(MediationIssue.OtherAction, Bolton, true, "2024-11-01"));

        Assert.Equal(Day("2024-12-06"), reading.The(ObligationCode.MediationAction).Due);
        Assert.Equal([FindingCode.ImpossibleDate], reading.Codes());
    }

    [Fact]
    public void Another_body_cannot_say_that_it_was_done()
    {
        var reading = Read(
            "2025-12-01",
            Agreed(MediationIssue.OtherAction, Bolton, true),
            That(new FactBody.MediationActionDone(), "2024-12-01", by: Board)
        );

        Assert.Equal(ObligationState.Breached, reading.The(ObligationCode.MediationAction).State);
        Assert.Equal([FindingCode.NotTheirsToSay], reading.Codes());
    }
}
