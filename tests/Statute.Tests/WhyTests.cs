using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class WhyTests
{
    private static readonly Fact[] Late = [Requested("2024-01-08"), ToldToAssess("2024-02-19"), Planned("2024-05-31")];

    [Fact]
    public void A_late_plan_is_accounted_for_from_the_fact_to_the_day()
    {
        var why = Why.Of(Read("2024-12-01", Late).Plan(), Late);

        Assert.Equal(
            [
                "la:350 must send the finalised plan by 27 May 2024: SEND Regulations 2014, reg 13(2).",
                "On 8 January 2024 a request for an assessment was received (fact RequestReceived-2024-01-08 of la:350).",
                "On 31 May 2024 the finalised plan was sent (fact PlanFinalised-2024-05-31 of la:350).",
                "20 weeks from, and not counting, 8 January 2024 end on 27 May 2024. Read most strictly the last day is 26 May 2024: warnings count to that day, lateness only from the day after 27 May 2024.",
                "The law applied is that of the Children and Families Act 2014 Part 3 with the SEND Regulations 2014 (SI 2014/1530), pack 2014.",
                "It was done on 31 May 2024, 4 days late.",
            ],
            why
        );
    }

    [Fact]
    public void Rejected_claims_are_given_with_their_reason()
    {
        Fact[] facts = [.. Late, Claimed("2024-05-28", new(ExceptionGround.ExceptionalCircumstances))];

        Assert.Contains(
            "An exception was claimed and does not hold: no reasons were given; reg 13(3) with reg 10(4)(c) requires exceptional circumstances to be shown.",
            Why.Of(Read("2024-12-01", facts).Plan(), facts)
        );
    }

    [Fact]
    public void The_reading_taken_is_said()
    {
        Fact[] facts = [Planned("2023-11-27")];

        var why = Why.Of(Read("2025-01-01", facts).The(ObligationCode.AnnualReview), facts);

        Assert.Contains(
            "How the law is read here: a review is complete when the authority notifies its decision; a breach is counted only after the anniversary.",
            why
        );
        Assert.Equal("It has not been done and is 35 days late.", why[^1]);
    }

    [Fact]
    public void Every_obligation_of_any_history_can_be_accounted_for()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var history = new RandomHistories(seed);
            var facts = history.Facts();
            foreach (var obligation in CaseReading.Of(facts, Bolton, Case, history.AsOf).Obligations)
            {
                var why = Why.Of(obligation, facts);
                Assert.True(why.Count >= 5);
                Assert.All(why, sentence => Assert.EndsWith(".", sentence, StringComparison.Ordinal));
                Assert.All(obligation.Basis, id => Assert.Contains(why, s => s.Contains($"fact {id} ", StringComparison.Ordinal)));
            }
        }
    }
}
