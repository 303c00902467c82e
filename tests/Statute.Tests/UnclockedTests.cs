using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class UnclockedTests
{
    private static IReadOnlyList<(Fact Fact, string Obligation)> UnclockedIn(params Fact[] facts) =>
        Unclocked.Of(facts, Bolton, Case, Day("2016-06-01"), Read("2016-06-01", facts));

    [Fact]
    public void A_request_after_one_before_the_Regulations_is_not_the_one_that_counts() =>
        Assert.Empty(UnclockedIn(Requested("2014-07-12"), Requested("2014-10-16")));

    [Fact]
    public void A_decision_that_answers_an_order_from_before_orders_had_limits_has_none_either()
    {
        Assert.Empty(UnclockedIn(Ordered("2015-01-03", AppealIssue.Reassess), Reassessing("2016-03-11")));
        Assert.Empty(UnclockedIn(Ordered("2016-01-03", AppealIssue.Assess), Reassessing("2016-03-11")));
    }

    [Fact]
    public void An_order_to_assess_does_not_excuse_a_decision_to_reassess_without_its_clock()
    {
        Fact[] facts = [Ordered("2016-01-03", AppealIssue.Assess), Reassessing("2016-03-11")];
        var reading = Read("2016-06-01", facts);
        var without = reading with { Obligations = [.. reading.Obligations.Where(o => o.Code != ObligationCode.FinaliseReassessedPlan)] };

        var unclocked = Assert.Single(Unclocked.Of(facts, Bolton, Case, Day("2016-06-01"), without));
        Assert.Equal(ObligationCode.FinaliseReassessedPlan, unclocked.Obligation);
    }
}
