using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class FindingTests
{
    private static readonly Fact Request = Requested("2024-01-08");
    private static readonly Fact Assessing = ToldToAssess("2024-02-19");

    [Fact]
    public void An_ordinary_case_has_none()
    {
        var reading = Read(
            "2024-12-01",
            Request,
            Assessing,
            Asked("2024-02-20"),
            Received("2024-03-20"),
            Drafted("2024-05-01"),
            Planned("2024-05-24")
        );

        Assert.Empty(reading.Findings);
    }

    [Fact]
    public void Each_names_its_case_and_its_facts()
    {
        var finding = Assert.Single(Read("2024-03-01", Request, Requested("2024-02-01")).Findings);

        Assert.Equal((Bolton, Case, FindingCode.SecondStart), (finding.Authority, finding.CaseId, finding.Code));
        Assert.Equal("requestReceived on 2024-02-01, but the clock has run since requestReceived on 2024-01-08", finding.Detail);
        Assert.Equal(["RequestReceived-2024-01-08", "RequestReceived-2024-02-01"], finding.Facts);
    }

    [Fact]
    public void Two_starts_of_one_day_are_not_odd()
    {
        Assert.Empty(Read("2024-02-01", Request, That(new FactBody.BroughtToAttention(RequestSource.School), "2024-01-08")).Findings);
    }

    [Fact]
    public void A_future_date_is_named()
    {
        var finding = Assert.Single(Read("2024-02-01", Request, Planned("2042-05-24")).Findings);

        Assert.Equal(
            (FindingCode.DatedInFuture, "planFinalised is dated 2042-05-24, which has not come yet"),
            (finding.Code, finding.Detail)
        );
    }

    [Fact]
    public void The_day_asked_about_is_not_the_future()
    {
        Assert.Empty(Read("2024-01-08", Request).Findings);
    }

    [Theory]
    [InlineData("2024-05-10", true, false)]
    [InlineData("2024-05-10", false, true)] // Replied, but did not agree to end the fifteen days.
    [InlineData("2024-05-11", true, true)] // Agreed only afterwards.
    [InlineData("2024-04-30", true, true)] // Answered something before the draft.
    public void A_family_may_agree_to_an_early_plan(string replied, bool agrees, bool early)
    {
        var reply = That(new FactBody.FamilyResponded(agrees), replied);

        var reading = Read("2024-12-01", Request, Assessing, Drafted("2024-05-01"), reply, Planned("2024-05-10"));

        Assert.Equal(early, reading.Codes().Contains(FindingCode.FinalisedEarly));
    }

    [Fact]
    public void An_early_plan_is_described_with_its_window()
    {
        var finding = Assert.Single(Read("2024-12-01", Request, Assessing, Drafted("2024-05-01"), Planned("2024-05-10")).Findings);

        Assert.Equal(
            "draft served on 2024-05-01, plan finalised on 2024-05-10; the family has until 2024-05-15, SEND Regulations 2014, reg 13(1)(a)",
            finding.Detail
        );
    }

    [Fact]
    public void A_draft_served_after_the_plan_opens_no_window()
    {
        Assert.Empty(Read("2024-12-01", Request, Assessing, Planned("2024-05-10"), Drafted("2024-05-11")).Findings);
    }

    [Fact]
    public void Contradictory_decisions_of_one_day_are_reported_and_the_first_by_id_counts()
    {
        var reading = Read("2024-12-01", Request, Refused("2024-02-01"), ToldToAssess("2024-02-01"));

        Assert.Contains(FindingCode.ContradictoryDecisions, reading.Codes());
        Assert.Equal(AssessmentDecision.Assess, reading.Outline.DecisionOutcome); // DecisionNotified- sorts before Refused-.
    }

    [Fact]
    public void A_plan_without_a_decision_is_reported()
    {
        var reading = Read("2024-12-01", Request, Planned("2024-05-10"));

        Assert.Equal([FindingCode.OutcomeWithoutDecision], reading.Codes());
        Assert.Equal(ObligationState.Breached, reading.Decision().State);
    }

    [Fact]
    public void A_plan_that_was_ordered_needs_no_decision()
    {
        Assert.Empty(
            Read("2024-12-01", Request, Refused("2024-02-01"), Ordered("2024-04-01", AppealIssue.Assess), Planned("2024-07-01")).Findings
        );
    }

    [Fact]
    public void A_plan_ordered_after_a_no_plan_notice_is_not_odd()
    {
        Assert.Empty(
            Read(
                "2024-12-01",
                Request,
                Assessing,
                NoPlan("2024-04-01"),
                Mediated("2024-06-01", MediationIssue.MakePlan),
                Planned("2024-08-01")
            ).Findings
        );
    }

    [Fact]
    public void What_follows_a_withdrawal_is_reported_and_does_not_count()
    {
        var reading = Read("2024-12-01", Request, Withdrawn("2024-02-01"), ToldToAssess("2024-02-10"), Planned("2024-05-10"));

        Assert.Equal([FindingCode.OutcomeAfterWithdrawal, FindingCode.OutcomeAfterWithdrawal], reading.Codes());
        Assert.All(
            reading.Obligations.Where(o => o.Code != ObligationCode.AnnualReview), // A plan was sent all the same.
            o => Assert.Equal((ObligationState.Withdrawn, (DateOnly?)null), (o.State, o.DoneOn))
        );
    }

    [Fact]
    public void A_case_without_an_assessment_needs_no_start()
    {
        var reading = Read(
            "2024-12-01",
            That(new FactBody.PlanTransferredIn("la:351"), "2024-05-13"),
            That(new FactBody.ReviewMeetingHeld(), "2024-11-22")
        );

        Assert.Empty(reading.Findings);
        Assert.DoesNotContain(reading.Obligations, o => o.Code == ObligationCode.DecideToAssess);
    }
}
