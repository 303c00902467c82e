using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class OrderClockTests
{
    // The order of 2024-10-14: notify by 10-28, no plan by 12-23, plan by 2025-01-20.
    private static readonly Fact Request = Requested("2024-03-01");
    private static readonly Fact Refusal = Refused("2024-04-01");
    private static readonly Fact ToAssess = Ordered("2024-10-14", AppealIssue.Assess);

    [Theory]
    [InlineData("2024-10-14", ObligationState.Met, 0)]
    [InlineData("2024-10-28", ObligationState.Met, 0)]
    [InlineData("2024-10-29", ObligationState.MetLate, 1)]
    public void The_family_is_told_of_an_ordered_assessment_within_two_weeks(string told, ObligationState state, int daysLate) =>
        Read("2025-12-01", Request, Refusal, ToAssess, ToldToAssess(told)).The(ObligationCode.OrderNotify).Stands(state, told, daysLate);

    [Theory]
    [InlineData("2025-01-20", ObligationState.Met, 0)]
    [InlineData("2025-01-21", ObligationState.MetLate, 1)]
    public void The_plan_follows_an_ordered_assessment_within_fourteen_weeks(string planned, ObligationState state, int daysLate)
    {
        var reading = Read("2025-12-01", Request, Refusal, ToAssess, ToldToAssess("2024-10-20"), Planned(planned));

        reading.The(ObligationCode.OrderFinalisePlan).Stands(state, planned, daysLate);
        reading.The(ObligationCode.OrderNoPlan).Stands(ObligationState.NotApplicable);
        Assert.Empty(reading.Findings);
    }

    [Fact]
    public void A_no_plan_notice_after_an_ordered_assessment_makes_the_plan_moot()
    {
        var reading = Read("2025-12-01", Request, Refusal, ToAssess, ToldToAssess("2024-10-20"), NoPlan("2024-12-24"));

        reading.The(ObligationCode.OrderNoPlan).Stands(ObligationState.MetLate, "2024-12-24", 1);
        reading.The(ObligationCode.OrderFinalisePlan).Stands(ObligationState.NotApplicable);
    }

    [Fact]
    public void The_no_plan_notice_of_an_order_is_not_late_before_the_outcome_is_known()
    {
        Read("2026-01-01", Request, Refusal, ToAssess).The(ObligationCode.OrderNoPlan).Stands(ObligationState.Open);
    }

    [Fact]
    public void A_plan_after_all_revives_the_limit_of_the_order()
    {
        var reading = Read("2025-12-01", Request, Refusal, ToAssess, NoPlan("2024-12-01"), Planned("2025-02-20"));

        reading.The(ObligationCode.OrderFinalisePlan).Stands(ObligationState.MetLate, "2025-02-20", 31);
    }

    [Fact]
    public void A_refusal_does_not_discharge_an_order_to_assess()
    {
        var reading = Read(
            "2025-12-01",
            Request,
            Refusal,
            ToAssess,
            That(new FactBody.DecisionNotified(AssessmentDecision.DoNotAssess), "2024-10-20")
        );

        Assert.Equal(ObligationState.Breached, reading.The(ObligationCode.OrderNotify).State);
        Assert.Contains(FindingCode.RefusedAgainstOrder, reading.Codes());
    }

    [Fact]
    public void A_later_order_supersedes_what_was_not_yet_late_and_leaves_what_was()
    {
        var reading = Read("2025-12-01", Request, Refusal, ToAssess, NoPlan("2024-12-01"), Ordered("2025-01-10", AppealIssue.MakePlan));

        reading.The(ObligationCode.OrderNotify).Stands(ObligationState.Breached, daysLate: 74); // To 2025-01-10.
        reading.The(ObligationCode.OrderNoPlan).Stands(ObligationState.Met, "2024-12-01");
        var plans = reading.All(ObligationCode.OrderFinalisePlan);
        plans[0].Stands(ObligationState.NotApplicable);
        Assert.Equal(Day("2025-03-28"), plans[1].Due);
        Assert.Equal(["TribunalOrdered-2024-10-14", "TribunalOrdered-2025-01-10"], plans.Select(p => p.Occasion));
    }

    [Fact]
    public void An_order_follows_an_appeal_given_up_and_supersedes_it()
    {
        var reading = Read("2024-11-01", Request, Refusal, Conceded("2024-10-08", AppealIssue.Assess), ToAssess);

        var notify = reading.All(ObligationCode.OrderNotify);
        Assert.Equal(
            [
                ("SEND Regulations 2014, reg 45(3)", ObligationState.Superseded),
                ("SEND Regulations 2014, reg 44(2)(b)", ObligationState.Breached),
            ],
            notify.Select(o => (o.Rule, o.State))
        );
    }

    [Fact]
    public void Two_orders_of_one_day_both_run_and_are_reported()
    {
        var reading = Read("2024-11-01", Request, Refusal, Conceded("2024-10-14", AppealIssue.Assess), ToAssess);

        Assert.All(reading.All(ObligationCode.OrderNotify), o => Assert.Equal(ObligationState.Breached, o.State));
        Assert.Contains(FindingCode.OrdersOfOneDay, reading.Codes());
    }

    [Theory]
    [InlineData("2024-11-18", ObligationState.Met, 0)]
    [InlineData("2024-11-19", ObligationState.MetLate, 1)]
    public void A_plan_that_was_ordered_is_drafted_within_five_weeks(string drafted, ObligationState state, int daysLate) =>
        Read("2025-12-01", Request, NoPlan("2024-06-01"), Ordered("2024-10-14", AppealIssue.MakePlan), Drafted(drafted))
            .The(ObligationCode.OrderDraftPlan)
            .Stands(state, drafted, daysLate);

    [Fact]
    public void A_plan_sent_without_a_draft_makes_the_draft_moot_and_a_no_plan_notice_ends_nothing()
    {
        var order = Ordered("2024-10-14", AppealIssue.MakePlan);

        Read("2025-12-01", Request, NoPlan("2024-06-01"), order, Planned("2024-11-01"))
            .The(ObligationCode.OrderDraftPlan)
            .Stands(ObligationState.NotApplicable);
        Assert.Equal(
            ObligationState.Breached,
            Read("2025-12-01", Request, NoPlan("2024-06-01"), order, NoPlan("2024-11-01")).The(ObligationCode.OrderFinalisePlan).State
        );
    }

    [Fact]
    public void An_order_to_reassess_is_answered_by_the_facts_of_a_reassessment()
    {
        var reading = Read(
            "2025-12-01",
            Planned("2023-01-10"),
            Ordered("2024-10-14", AppealIssue.Reassess),
            Reassessing("2024-10-20"),
            Reassessed("2025-01-21")
        );

        reading.The(ObligationCode.OrderNotify).Stands(ObligationState.Met, "2024-10-20");
        reading.The(ObligationCode.OrderFinalisePlan).Stands(ObligationState.MetLate, "2025-01-21", 1);
        Assert.Empty(reading.All(ObligationCode.FinaliseReassessedPlan));
    }

    [Fact]
    public void Any_decision_shows_that_the_authority_has_reconsidered()
    {
        Fact[] facts = [Request, NoPlan("2024-06-01"), Ordered("2024-10-14", AppealIssue.Reconsider)];

        Assert.Equal(Day("2024-10-28"), Read("2024-10-14", facts).The(ObligationCode.OrderReconsider).Due);
        Read("2025-12-01", [.. facts, NoPlan("2024-10-28")]).The(ObligationCode.OrderReconsider).Stands(ObligationState.Met, "2024-10-28");
        Read("2025-12-01", [.. facts, Drafted("2024-10-30")])
            .The(ObligationCode.OrderReconsider)
            .Stands(ObligationState.MetLate, "2024-10-30", 2);
    }

    [Theory]
    [InlineData(AppealIssue.AmendContent, "reg 44(2)(e)", "2024-11-18")]
    [InlineData(AppealIssue.ContinueAndAmend, "reg 44(2)(h)", "2024-11-18")]
    public void Content_is_amended_within_five_weeks(AppealIssue issue, string rule, string due)
    {
        var amend = Read("2025-12-01", Planned("2023-10-16"), Ordered("2024-10-14", issue), Amended("2024-11-19"))
            .The(ObligationCode.OrderAmendContent);

        Assert.Equal(($"SEND Regulations 2014, {rule}", Day(due)), (amend.Rule, amend.Due));
        amend.Stands(ObligationState.MetLate, "2024-11-19", 1);
    }

    [Fact]
    public void A_plan_that_names_the_next_phase_answers_an_order_on_placement()
    {
        Fact[] facts = [Planned("2023-10-16"), Ordered("2024-10-14", AppealIssue.AmendPlacement)];

        Read("2025-12-01", [.. facts, That(new FactBody.PhaseTransferNamed(), "2024-10-28")])
            .The(ObligationCode.OrderAmendPlacement)
            .Stands(ObligationState.Met, "2024-10-28");
    }

    [Theory]
    [InlineData("2024-10-01", ObligationState.Met)] // The authority had not waited.
    [InlineData("2024-10-15", ObligationState.Met)]
    [InlineData("2024-10-16", ObligationState.MetLate)]
    public void A_plan_ceases_immediately_which_is_by_the_day_after_the_order(string ceased, ObligationState state)
    {
        var cease = Read("2025-12-01", Planned("2023-10-16"), Ordered("2024-10-14", AppealIssue.DismissCease), Ceased(ceased))
            .The(ObligationCode.OrderCease);

        Assert.Equal((Day("2024-10-14"), Day("2024-10-15"), state), (cease.Target, cease.Due, cease.State));
    }

    [Fact]
    public void The_ceasing_of_an_earlier_plan_is_not_that_of_this_one()
    {
        Fact[] facts =
        [
            Planned("2019-10-16"),
            Ceased("2021-05-01"),
            Planned("2023-10-16"),
            Ordered("2024-10-14", AppealIssue.DismissCease),
        ];

        Assert.Equal(ObligationState.Breached, Read("2025-12-01", facts).The(ObligationCode.OrderCease).State);
    }

    [Theory]
    [InlineData("A", "B")]
    [InlineData("B", "A")]
    public void A_plan_of_the_day_of_the_ceasing_is_not_one_made_since_whoever_told_first(string planId, string ceaseId)
    {
        var planned = Planned("2024-10-01") with { FactId = planId };
        var ceased = Ceased("2024-10-01") with { FactId = ceaseId };

        Read("2025-12-01", planned, ceased, Ordered("2024-10-14", AppealIssue.DismissCease))
            .The(ObligationCode.OrderCease)
            .Stands(ObligationState.Met, "2024-10-01");
    }

    [Fact]
    public void An_order_to_continue_calls_for_no_act_but_undoes_the_ceasing()
    {
        Fact[] facts = [Planned("2023-10-16"), Ceased("2024-09-01")];

        Read("2025-12-01", facts).The(ObligationCode.AnnualReview).Stands(ObligationState.NotApplicable);
        var reading = Read("2025-12-01", [.. facts, Ordered("2024-10-14", AppealIssue.Continue)]);
        Assert.Equal(ObligationState.Breached, reading.The(ObligationCode.AnnualReview).State);
        Assert.DoesNotContain(reading.Obligations, o => o.Code.StartsWith("order_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2015-03-22", 0)]
    [InlineData("2015-03-23", 1)]
    public void The_limits_are_those_of_23_March_2015(string on, int limits)
    {
        var reading = Read("2016-01-01", Ordered(on, AppealIssue.AmendContent));

        Assert.Equal(limits, reading.All(ObligationCode.OrderAmendContent).Length);
        Assert.Equal(limits == 0, reading.Codes().Contains(FindingCode.LawNotInForce));
        Assert.All(reading.Obligations, o => Assert.Equal("2015-appeals", o.RulePack));
    }

    [Theory]
    [InlineData(AppealIssue.Reconsider)]
    [InlineData(AppealIssue.DismissCease)]
    public void What_reg_45_does_not_provide_for_is_reported_and_not_guessed(AppealIssue issue)
    {
        var reading = Read("2025-12-01", Planned("2023-10-16"), Reviewed("2024-10-01", ReviewOutcome.Cease), Conceded("2024-10-14", issue));

        Assert.Contains(FindingCode.OrderNotProvidedFor, reading.Codes());
        Assert.DoesNotContain(reading.Obligations, o => o.Code.StartsWith("order_", StringComparison.Ordinal));
    }

    [Fact]
    public void An_order_without_anything_to_appeal_against_is_reported()
    {
        Assert.Contains(FindingCode.OrderWithoutDecision, Read("2024-11-01", Request, ToAssess).Codes());
        Assert.DoesNotContain(FindingCode.OrderWithoutDecision, Read("2024-11-01", Request, Refusal, ToAssess).Codes());
    }

    [Theory]
    [InlineData("2024-10-20", "2024-11-02", ObligationState.Breached)] // 13 days.
    [InlineData("2024-10-20", "2024-11-03", ObligationState.Disapplied)] // 14 days.
    public void An_absence_of_two_weeks_excuses_an_order(string left, string back, ObligationState state)
    {
        var absent = Claimed("2024-11-05", new(ExceptionGround.AbsentFromArea, AbsentFrom: Day(left), ReturnedOn: Day(back)));

        Assert.Equal(
            state,
            Read("2024-12-20", Planned("2023-10-16"), Ordered("2024-10-14", AppealIssue.AmendContent), absent)
                .The(ObligationCode.OrderAmendContent)
                .State
        );
    }

    [Fact]
    public void A_claim_made_before_the_order_is_not_for_it()
    {
        var early = Claimed("2024-10-13", new(ExceptionGround.ExceptionalCircumstances, ReasonGiven: true));

        Assert.Equal(
            ObligationState.Breached,
            Read("2024-12-20", Planned("2023-10-16"), Ordered("2024-10-14", AppealIssue.AmendContent), early)
                .The(ObligationCode.OrderAmendContent)
                .State
        );
    }

    [Fact]
    public void A_move_away_ends_what_was_ordered()
    {
        Read("2024-12-20", Planned("2023-10-16"), Ordered("2024-10-14", AppealIssue.AmendContent), MovedOut("2024-11-01"))
            .The(ObligationCode.OrderAmendContent)
            .Stands(ObligationState.Withdrawn);
    }

    [Fact]
    public void A_corrected_order_keeps_its_place()
    {
        var corrected = ToAssess with { FactId = "Again", On = Day("2024-10-15"), Corrects = ToAssess.FactId };

        var notify = Read("2024-11-01", Request, Refusal, ToAssess, corrected).The(ObligationCode.OrderNotify);

        Assert.Equal((ToAssess.FactId, Day("2024-10-29")), (notify.Occasion, notify.Due));
    }
}
