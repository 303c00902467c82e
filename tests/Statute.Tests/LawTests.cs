using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class LawTests
{
    private static readonly Law Proposed = Law.Current.With(
        Provisions.FinalisePlan,
        new TimeLimit(18, LimitUnit.Weeks),
        Day("2027-09-01"),
        "Bill, clause 3"
    );

    private static Obligation Plan(Law? law, string requested, params Fact[] more) =>
        CaseReading.Of([Requested(requested), .. more], Bolton, Case, Day("2029-01-01"), law).Plan();

    [Theory]
    [InlineData("2027-08-31", "2028-01-18", "SEND Regulations 2014, reg 13(2)", "2014")]
    [InlineData("2027-09-01", "2028-01-05", "Bill, clause 3", "proposed-2027-09-01")]
    public void A_proposed_limit_applies_to_what_starts_from_its_day(string requested, string due, string rule, string pack)
    {
        var plan = Plan(Proposed, requested);

        Assert.Equal((Day(due), rule, pack), (plan.Due, plan.Rule, plan.RulePack));
    }

    [Fact]
    public void The_law_in_force_is_not_changed_by_a_proposal()
    {
        Assert.Equal(Day("2028-01-19"), Plan(null, "2027-09-01").Due);
        Assert.Equal(Plan(Law.Current, "2027-09-01"), Plan(null, "2027-09-01"));
    }

    [Fact]
    public void A_proposed_limit_keeps_the_exceptions_of_what_it_amends()
    {
        var claim = Claimed("2028-01-10", new(ExceptionGround.ExceptionalCircumstances, ReasonGiven: true));

        Assert.Equal("EXCEPTIONAL_CIRCUMSTANCES, reg 13(3) with reg 10(4)(c)", Plan(Proposed, "2027-09-01", claim).Ground);
    }

    [Fact]
    public void A_temporary_limit_gives_way_again()
    {
        var temporary = Law.Current.With(
            Provisions.FinalisePlan,
            new TimeLimit(26, LimitUnit.Weeks),
            Day("2027-09-01"),
            "Order",
            Day("2027-12-31")
        );

        Assert.Equal(Day("2028-06-30"), Plan(temporary, "2027-12-31").Due);
        Assert.Equal(Day("2028-05-20"), Plan(temporary, "2028-01-01").Due);
    }

    [Fact]
    public void The_later_of_two_proposals_applies()
    {
        var law = Proposed.With(Provisions.FinalisePlan, new TimeLimit(16, LimitUnit.Weeks), Day("2028-01-01"), "Bill, clause 4");

        Assert.Equal(Day("2028-01-05"), Plan(law, "2027-09-01").Due);
        Assert.Equal(Day("2028-04-22"), Plan(law, "2028-01-01").Due);
    }

    [Fact]
    public void An_exception_can_be_added_or_taken_away()
    {
        var claim = Claimed("2024-06-10", new(ExceptionGround.ExceptionalCircumstances, ReasonGiven: true));
        var rule = Law.Current.Exception(Provisions.FinalisePlan, ExceptionGround.ExceptionalCircumstances)!;
        var without = Law.Current.Without(rule);

        Assert.Equal(ObligationState.Disapplied, Plan(null, "2024-01-08", claim).State);
        Assert.Equal(ObligationState.Breached, Plan(without, "2024-01-08", claim).State);
        Assert.Equal(ObligationState.Disapplied, Plan(without.With(rule), "2024-01-08", claim).State);
    }
}
