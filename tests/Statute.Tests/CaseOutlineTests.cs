using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class CaseOutlineTests
{
    private static readonly Fact Request = Requested("2024-01-08");
    private static readonly Fact Assessing = ToldToAssess("2024-02-19");

    private static CaseOutline Outline(params Fact[] facts) => Read("2025-12-01", facts).Outline;

    [Fact]
    public void It_keeps_the_first_of_each_outcome()
    {
        var outline = Outline(
            Request,
            Requested("2024-01-20"),
            Refused("2024-02-10"),
            ToldToAssess("2024-03-10"),
            Drafted("2024-04-10"),
            Drafted("2024-04-20"),
            Planned("2024-06-20"),
            Planned("2024-06-10"),
            MovedOut("2025-02-01"),
            Withdrawn("2025-01-01")
        );

        Assert.Equal((Day("2024-01-08"), Day("2024-01-08")), (outline.RequestReceivedOn, outline.StartOn));
        Assert.Equal((Day("2024-02-10"), AssessmentDecision.DoNotAssess), (outline.DecisionOn, outline.DecisionOutcome));
        Assert.Equal(
            (Day("2024-04-10"), Day("2024-06-10"), (DateOnly?)null),
            (outline.DraftPlanOn, outline.PlanFinalisedOn, outline.NoPlanOn)
        );
        Assert.Equal(Day("2025-01-01"), outline.WithdrawnOn);
        Assert.False(outline.Detained);
    }

    [Fact]
    public void A_case_that_began_without_a_request_has_a_start_but_no_request()
    {
        var outline = Outline(That(new FactBody.BroughtToAttention(RequestSource.Health), "2024-01-05"));

        Assert.Equal(((DateOnly?)null, Day("2024-01-05")), (outline.RequestReceivedOn, outline.StartOn));
    }

    [Fact]
    public void Detention_is_that_of_the_first_request()
    {
        Assert.True(Outline(Requested("2024-01-08", detained: true), Requested("2024-01-09")).Detained);
        Assert.False(Outline(Requested("2024-01-08"), Requested("2024-01-09", detained: true)).Detained);
    }

    public static TheoryData<Fact, bool> Orders =>
        new()
        {
            { Ordered("2024-04-01", AppealIssue.Assess), true },
            { Ordered("2024-04-01", AppealIssue.MakePlan), true },
            { Ordered("2024-04-01", AppealIssue.Reassess), true },
            { Conceded("2024-04-01", AppealIssue.Reconsider), true },
            { Mediated("2024-04-01", MediationIssue.Assess), true },
            { Mediated("2024-04-01", MediationIssue.MakePlan), true },
            { Ordered("2024-04-01", AppealIssue.AmendContent), false },
            { Mediated("2024-04-01", MediationIssue.AmendPlacement), false },
            { Ordered("2024-06-10", AppealIssue.MakePlan), false }, // The day of the plan.
            { Ordered("2024-07-01", AppealIssue.MakePlan), false },
        };

    [Theory]
    [MemberData(nameof(Orders))]
    public void A_plan_that_followed_an_order_is_told_apart(Fact order, bool followed)
    {
        Assert.Equal(followed, Outline(Request, Assessing, order, Planned("2024-06-10")).PlanFollowedOrder);
    }

    [Fact]
    public void An_order_without_a_plan_was_not_followed_by_one()
    {
        Assert.False(Outline(Request, Assessing, Ordered("2024-04-01", AppealIssue.MakePlan)).PlanFollowedOrder);
    }

    [Fact]
    public void Orders_and_agreements_are_listed_by_what_they_are_about()
    {
        var outline = Outline(
            Request,
            Mediated("2024-03-01", MediationIssue.Assess),
            Ordered("2024-03-02", AppealIssue.Assess),
            Conceded("2024-03-03", AppealIssue.Assess),
            Mediated("2024-03-04", MediationIssue.MakePlan),
            Ordered("2024-03-05", AppealIssue.MakePlan),
            Mediated("2024-03-06", MediationIssue.AmendContent),
            Conceded("2024-03-08", AppealIssue.AmendPlacement),
            Ordered("2024-03-07", AppealIssue.Reassess)
        );

        Assert.Equal([Day("2024-03-01")], outline.AssessMediation);
        Assert.Equal([Day("2024-03-02"), Day("2024-03-03")], outline.AssessTribunal);
        Assert.Equal([Day("2024-03-04")], outline.PlanMediation);
        Assert.Equal([Day("2024-03-05")], outline.PlanTribunal);
        Assert.Equal([Day("2024-03-06")], outline.OtherMediation);
        Assert.Equal([Day("2024-03-07"), Day("2024-03-08")], outline.OtherTribunal);
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(true, ObligationCode.FinalisePlan, true)]
    [InlineData(true, ObligationCode.DecideToAssess, false)]
    [InlineData(false, null, false)] // Rejected for want of reasons.
    public void An_exception_on_the_plan_is_one_that_holds(bool reasons, string? obligation, bool counts)
    {
        var claim = Claimed("2024-04-01", new(ExceptionGround.ExceptionalCircumstances, obligation, ReasonGiven: reasons));

        Assert.Equal(counts, Outline(Request, Assessing, Planned("2024-05-01"), claim).ExceptionOnPlan);
    }

    [Theory]
    [InlineData(ExceptionGround.ExceptionalCircumstances, null, null, true)]
    [InlineData(ExceptionGround.ExceptionalCircumstances, ObligationCode.FinalisePlan, null, true)]
    [InlineData(ExceptionGround.ExceptionalCircumstances, ObligationCode.NotifyNoPlan, null, false)]
    [InlineData(ExceptionGround.ExceptionalCircumstances, null, "A1", false)]
    [InlineData(ExceptionGround.MissedAppointment, null, null, false)]
    public void Without_a_start_the_ground_alone_decides(ExceptionGround ground, string? obligation, string? adviceId, bool counts)
    {
        var claim = Claimed("2024-04-01", new(ground, obligation, adviceId));

        Assert.Equal(counts, Outline(Planned("2024-05-01"), claim).ExceptionOnPlan);
    }

    [Fact]
    public void Advice_is_complete_on_the_day_the_last_of_it_came_in()
    {
        Fact[] one = [Request, Asked("2024-02-20", "A"), Received("2024-03-20", "A")];
        var family = That(new FactBody.AdviceSought("F", AdviceKind.ParentYp, null), "2024-02-20");

        Assert.Null(Outline(Request).AdviceCompleteOn);
        Assert.Null(Outline(Request, family, Received("2024-03-01", "F")).AdviceCompleteOn);
        Assert.Equal(Day("2024-03-20"), Outline([.. one, family]).AdviceCompleteOn);
        Assert.Null(Outline([.. one, Asked("2024-02-20", "B")]).AdviceCompleteOn);
        Assert.Equal(Day("2024-04-20"), Outline([.. one, Asked("2024-02-20", "B"), Gave("2024-04-20", "B")]).AdviceCompleteOn);
    }

    [Fact]
    public void What_has_not_happened_yet_is_not_in_it()
    {
        var outline = Read("2024-03-01", Request, Assessing, Ordered("2024-03-02", AppealIssue.Assess), Withdrawn("2024-03-02")).Outline;

        Assert.Null(outline.WithdrawnOn);
        Assert.Empty(outline.AssessTribunal);
    }
}
