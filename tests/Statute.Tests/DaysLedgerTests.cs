using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class DaysLedgerTests
{
    private static DaysLedger Ledger(string asOf, params Fact[] facts) => DaysLedger.Of(facts, Bolton, Case, Day(asOf))!;

    private static (Holder, string?, int)[] Entries(DaysLedger ledger) =>
        [.. ledger.Entries.Select(e => (e.Holder, e.Organisation, e.Days))];

    [Fact]
    public void Each_day_from_request_to_plan_has_one_holder()
    {
        var ledger = Ledger(
            "2024-12-01",
            Requested("2024-01-08"),
            ToldToAssess("2024-02-19"), // 42 days of deciding.
            Asked("2024-02-20", "A1", Board, receivedOn: "2024-02-26"), // A week of drafting before.
            Asked("2024-02-26", "A2", "care:350"),
            Gave("2024-03-27", "A1"), // 30 days: asked first by name.
            Received("2024-04-06", "A2"), // 10 more.
            Drafted("2024-04-16"), // 10 of drafting.
            That(new FactBody.SchoolConsulted("105154"), "2024-04-26"),
            That(new FactBody.SchoolReplied("105154"), "2024-05-11"), // 15 of the family, then 10 of the school.
            Planned("2024-05-20") // 9 of drafting.
        );

        Assert.Equal((Day("2024-01-08"), Day("2024-05-20"), 133), (ledger.From, ledger.To, ledger.Days));
        Assert.Equal(
            [
                (Holder.Deciding, null, 42),
                (Holder.Family, null, 15),
                (Holder.School, "school:105154", 10),
                (Holder.Advice, "care:350", 40),
                (Holder.Drafting, null, 26),
            ],
            Entries(ledger)
        );
    }

    [Fact]
    public void An_open_case_is_accounted_for_up_to_the_day_asked_about()
    {
        Assert.Equal([(Holder.Deciding, null, 30)], Entries(Ledger("2024-02-07", Requested("2024-01-08"))));
        Assert.Empty(Ledger("2024-01-08", Requested("2024-01-08")).Entries);
    }

    [Fact]
    public void The_time_from_a_refusal_to_the_order_is_the_disputes()
    {
        var ledger = Ledger(
            "2024-12-01",
            Requested("2024-01-08"),
            Refused("2024-02-07"),
            Ordered("2024-05-07", AppealIssue.Assess),
            ToldToAssess("2024-05-17"),
            Planned("2024-08-01")
        );

        Assert.Equal([(Holder.Dispute, null, 90), (Holder.Deciding, null, 40), (Holder.Drafting, null, 76)], Entries(ledger));
    }

    [Fact]
    public void A_refusal_that_nothing_follows_ends_the_account()
    {
        var ledger = Ledger("2024-12-01", Requested("2024-01-08"), Refused("2024-02-07"));

        Assert.Equal((Day("2024-02-07"), 30), (ledger.To, ledger.Days));
    }

    [Theory]
    [InlineData("2024-07-22", 37)]
    [InlineData("2024-07-10", 0)] // Not in the window: the exception does not hold.
    public void A_closure_has_its_days_where_its_exception_holds(string asked, int days)
    {
        var closed = Claimed(
            "2024-09-10",
            new(ExceptionGround.SchoolClosure, AdviceRequestedOn: Day(asked), ClosedFrom: Day("2024-07-27"), ReopensOn: Day("2024-09-02"))
        );

        var ledger = Ledger("2024-12-01", Requested("2024-06-06"), ToldToAssess("2024-07-01"), closed);

        Assert.Equal(days, ledger.Entries.Where(e => e.Holder == Holder.Closure).Sum(e => e.Days));
        Assert.Equal(178, ledger.Entries.Sum(e => e.Days));
    }

    [Fact]
    public void The_familys_days_end_when_it_agrees()
    {
        var ledger = Ledger(
            "2024-12-01",
            Requested("2024-01-08"),
            ToldToAssess("2024-02-08"),
            Drafted("2024-03-01"),
            That(new FactBody.FamilyResponded(true), "2024-03-05"),
            Planned("2024-03-10")
        );

        Assert.Equal(4, ledger.Entries.Single(e => e.Holder == Holder.Family).Days);
    }

    [Fact]
    public void Without_a_start_there_is_no_account() =>
        Assert.Null(DaysLedger.Of([Planned("2024-01-01")], Bolton, Case, Day("2024-02-01")));
}
