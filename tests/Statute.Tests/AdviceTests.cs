using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class AdviceTests
{
    // Advice received by the body on 2024-02-26 is due on 2024-04-08.
    private static readonly Fact Request = Requested("2024-01-08");
    private static readonly Fact Sought = Asked("2024-02-20", receivedOn: "2024-02-26");

    [Fact]
    public void The_day_it_was_sent_counts_where_the_day_of_receipt_is_not_known()
    {
        Assert.Equal(Day("2024-02-20"), Read("2024-03-01", Request, Asked("2024-02-20")).Advice().Start);
    }

    [Theory]
    [InlineData("2024-04-08", ObligationState.Met, 0)]
    [InlineData("2024-04-09", ObligationState.MetLate, 1)]
    public void Advice_is_in_time_on_the_last_day_and_not_after(string given, ObligationState state, int daysLate)
    {
        var advice = Read("2024-12-01", Request, Sought, Gave(given)).Advice();

        Assert.Equal((state, daysLate, Day(given)), (advice.State, advice.DaysLate, advice.DoneOn));
    }

    [Theory]
    [InlineData("2024-04-08", ObligationState.Open)]
    [InlineData("2024-04-09", ObligationState.Breached)]
    public void Advice_not_given_is_late_from_the_day_after_the_last(string asOf, ObligationState state)
    {
        Assert.Equal(state, Read(asOf, Request, Sought).Advice().State);
    }

    [Fact]
    public void Given_or_received_whichever_was_said_to_be_earlier_counts()
    {
        var advice = Read("2024-12-01", Request, Sought, Received("2024-04-10"), Gave("2024-04-05")).Advice();

        Assert.Equal((Day("2024-04-05"), ObligationState.Met), (advice.DoneOn, advice.State));
        Assert.Equal(Day("2024-04-05"), Read("2024-12-01", Request, Sought, Gave("2024-04-10"), Received("2024-04-05")).Advice().DoneOn);
    }

    [Fact]
    public void Each_request_for_advice_is_an_obligation_of_the_body_asked()
    {
        var reading = Read(
            "2024-12-01",
            Request,
            Asked("2024-03-01", "B", "care:350"),
            Asked("2024-03-01", "A", "icb:QJ2"),
            Gave("2024-03-20", "B", "care:350")
        );

        var advice = reading.Obligations.Where(o => o.Code == ObligationCode.GiveAdvice).ToList();
        Assert.Equal([("A", "icb:QJ2"), ("B", "care:350")], advice.Select(o => (o.AdviceId, o.Obligor)));
        Assert.Equal([ObligationState.Breached, ObligationState.Met], advice.Select(o => o.State));
        Assert.Equal(["Asked-B-2024-03-01", "Gave-B-2024-03-20-care:350"], reading.Advice("B").Basis);
    }

    [Fact]
    public void The_family_is_not_a_body_and_owes_no_advice()
    {
        var family = That(new FactBody.AdviceSought("F", AdviceKind.ParentYp, null), "2024-02-20");

        var reading = Read("2024-12-01", Request, family, Received("2024-11-01", "F"));

        Assert.DoesNotContain(reading.Obligations, o => o.Code == ObligationCode.GiveAdvice);
        Assert.Empty(reading.Findings);
    }

    [Fact]
    public void A_refusal_to_assess_makes_advice_asked_for_by_then_moot()
    {
        var reading = Read("2024-12-01", Request, Sought, Refused("2024-03-01"), Gave("2024-06-01"));

        Assert.Equal((ObligationState.NotApplicable, (DateOnly?)null), (reading.Advice().State, reading.Advice().DoneOn));
    }

    [Fact]
    public void Advice_already_late_when_assessment_is_refused_stays_late_to_that_day()
    {
        var advice = Read("2024-12-01", Request, Sought, Refused("2024-04-18")).Advice();

        Assert.Equal((ObligationState.Breached, 10, Day("2024-04-18")), (advice.State, advice.DaysLate, advice.EndedOn));
    }

    [Fact]
    public void Advice_asked_for_under_an_order_is_not_touched_by_the_refusal_before_it()
    {
        var reading = Read("2024-12-01", Request, Refused("2024-02-12"), Ordered("2024-06-01", AppealIssue.Assess), Asked("2024-06-10"));

        Assert.Equal(ObligationState.Breached, reading.Advice().State);
    }

    [Fact]
    public void A_plan_finalised_without_the_advice_does_not_excuse_the_body()
    {
        var advice = Read("2024-06-01", Request, Sought, ToldToAssess("2024-02-19"), Planned("2024-05-01")).Advice();

        Assert.Equal((ObligationState.Breached, 54), (advice.State, advice.DaysLate));
    }

    [Fact]
    public void Advice_asked_for_twice_under_one_id_runs_from_the_first_request()
    {
        var reading = Read("2024-12-01", Request, Asked("2024-03-01"), Asked("2024-02-20"));

        Assert.Equal(Day("2024-02-20"), reading.Advice().Start);
        Assert.Empty(reading.Findings);
    }

    [Fact]
    public void One_id_for_two_bodies_is_reported_and_the_first_counts()
    {
        var reading = Read("2024-12-01", Request, Asked("2024-03-01", from: "trust:RX4"), Asked("2024-02-20", from: Board));

        Assert.Equal(Board, reading.Advice().Obligor);
        Assert.Equal([FindingCode.DuplicateAdvice], reading.Codes());
    }

    [Fact]
    public void Facts_about_advice_that_nobody_asked_for_are_reported_together()
    {
        var reading = Read("2024-12-01", Request, Gave("2024-03-01", "X"), Received("2024-03-02", "X"), Missed("2024-02-28", "X"));

        var finding = Assert.Single(reading.Findings);
        Assert.Equal(FindingCode.UnknownAdvice, finding.Code);
        Assert.Equal(["Gave-X-2024-03-01", "Missed-X-2024-02-28", "Received-X-2024-03-02"], finding.Facts);
    }

    [Fact]
    public void What_another_body_says_of_the_advice_does_not_discharge_the_body_asked()
    {
        var reading = Read("2024-12-01", Request, Sought, Gave("2024-03-01", by: "trust:RX4"), Gave("2024-04-10"));

        Assert.Equal((ObligationState.MetLate, Day("2024-04-10")), (reading.Advice().State, reading.Advice().DoneOn));
        var finding = Assert.Single(reading.Findings);
        Assert.Equal((FindingCode.NotTheirsToSay, "Gave-A1-2024-03-01-trust:RX4"), (finding.Code, Assert.Single(finding.Facts)));
    }

    [Fact]
    public void Advice_that_only_others_speak_of_stays_owed()
    {
        var reading = Read("2024-12-01", Request, Sought, Gave("2024-03-01", by: "trust:RX4"), Gave("2024-03-02", by: "care:350"));

        Assert.Equal(ObligationState.Breached, reading.Advice().State);
        Assert.Null(reading.Outline.AdviceCompleteOn);
        Assert.Equal(2, Assert.Single(reading.Findings).Facts.Count);
    }

    [Fact]
    public void The_authority_may_say_that_a_body_gave_its_advice()
    {
        var reading = Read("2024-12-01", Request, Sought, That(new FactBody.AdviceGiven("A1"), "2024-03-01"));

        Assert.Equal(ObligationState.Met, reading.Advice().State);
        Assert.Empty(reading.Findings);
    }

    [Fact]
    public void Advice_sought_after_a_withdrawal_or_move_is_for_something_else_and_owed()
    {
        var again = That(new FactBody.PlanTransferredIn("la:351"), "2026-01-10");

        var reading = Read("2026-12-01", Request, MovedOut("2024-02-01"), again, Reassessing("2026-02-01"), Asked("2026-02-02"));

        Assert.Equal(ObligationState.Breached, reading.Advice().State);
    }
}
