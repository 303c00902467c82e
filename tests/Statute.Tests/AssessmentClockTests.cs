using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class AssessmentClockTests
{
    // Decision due 2024-02-19, no-plan notice 2024-04-29, plan 2024-05-27.
    private static readonly Fact Request = Requested("2024-01-08");
    private static readonly Fact Assessing = ToldToAssess("2024-02-19");

    [Theory]
    [InlineData("2024-05-26", ObligationState.Open, 0)]
    [InlineData("2024-05-27", ObligationState.Open, 0)]
    [InlineData("2024-05-28", ObligationState.Breached, 1)]
    [InlineData("2024-06-27", ObligationState.Breached, 31)]
    public void A_plan_that_is_not_made_is_late_from_the_day_after_its_last_day(string asOf, ObligationState state, int daysLate)
    {
        var plan = Read(asOf, Request, Assessing).Plan();

        Assert.Equal((state, daysLate, (DateOnly?)null), (plan.State, plan.DaysLate, plan.DoneOn));
    }

    [Theory]
    [InlineData("2024-05-27", ObligationState.Met, 0)]
    [InlineData("2024-05-28", ObligationState.MetLate, 1)]
    [InlineData("2025-05-27", ObligationState.MetLate, 365)]
    public void A_plan_is_in_time_on_its_last_day_and_not_after(string planned, ObligationState state, int daysLate)
    {
        var plan = Read("2026-01-01", Request, Assessing, Planned(planned)).Plan();

        Assert.Equal((state, daysLate, Day(planned)), (plan.State, plan.DaysLate, plan.DoneOn));
    }

    [Fact]
    public void Both_readings_of_within_are_kept_a_day_apart()
    {
        var reading = Read("2024-01-08", Request, Assessing with { On = Day("2024-01-08") });

        Assert.All(reading.Obligations, o => Assert.Equal(1, o.Due.DayNumber - o.Target.DayNumber));
        Assert.Equal(139, reading.Plan().Target.DayNumber - reading.Plan().Start.DayNumber);
        Assert.Equal(140, reading.Plan().Due.DayNumber - reading.Plan().Start.DayNumber);
    }

    [Fact]
    public void An_obligation_carries_its_case_citation_pack_and_basis()
    {
        var plan = Read("2024-06-30", Request, Assessing, Planned("2024-05-01")).Plan();

        Assert.Equal((Case, Bolton, Bolton, (string?)null), (plan.CaseId, plan.Authority, plan.Obligor, plan.AdviceId));
        Assert.Equal(("SEND Regulations 2014, reg 13(2)", "2014"), (plan.Rule, plan.RulePack));
        Assert.Equal(["PlanFinalised-2024-05-01", "RequestReceived-2024-01-08"], plan.Basis);
    }

    [Fact]
    public void The_earliest_start_counts_whatever_its_kind()
    {
        var attention = That(new FactBody.BroughtToAttention(RequestSource.Health), "2024-01-05");
        var moved = That(new FactBody.BecameResponsible(), "2024-01-06");

        var reading = Read("2024-02-01", Request, attention, moved);

        Assert.Equal(Day("2024-01-05"), reading.Plan().Start);
        Assert.Equal([FindingCode.SecondStart, FindingCode.SecondStart], reading.Codes());
    }

    [Theory]
    [InlineData("2024-01-10", null, "2024-01-10")]
    [InlineData("2024-01-10", "2024-01-09", "2024-01-10")]
    [InlineData("2024-01-10", "2024-01-20", "2024-01-20")]
    public void A_move_starts_the_clock_on_the_later_of_the_move_and_learning_of_it(string moved, string? aware, string start)
    {
        var became = That(new FactBody.BecameResponsible(aware is null ? null : Day(aware), "la:351"), moved);

        Assert.Equal(Day(start), Read("2024-02-01", became).Decision().Start);
    }

    [Fact]
    public void A_move_learned_of_late_does_not_overtake_a_request_made_in_between()
    {
        var moved = That(new FactBody.BecameResponsible(Day("2024-01-20")), "2024-01-01");

        var reading = Read("2024-02-01", moved, Request);

        Assert.Equal(Day("2024-01-08"), reading.Decision().Start);
        Assert.Equal([FindingCode.SecondStart], reading.Codes());
    }

    [Fact]
    public void Without_a_start_no_limit_of_the_authoritys_assessment_runs()
    {
        var reading = Read("2024-04-09", Assessing, Asked("2024-02-26"), Planned("2024-04-01"));

        Assert.Equal([ObligationCode.GiveAdvice, ObligationCode.AnnualReview], reading.Obligations.Select(o => o.Code));
        Assert.Equal(ObligationState.Breached, reading.Advice().State);
        Assert.Contains(FindingCode.NoStart, reading.Codes());
    }

    [Fact]
    public void The_first_decision_counts_for_the_six_weeks()
    {
        var decision = Read("2024-12-01", Request, Refused("2024-02-12"), ToldToAssess("2024-03-12")).Decision();

        Assert.Equal((ObligationState.Met, Day("2024-02-12")), (decision.State, decision.DoneOn));
    }

    [Fact]
    public void The_no_plan_notice_is_not_spoken_of_before_a_decision()
    {
        Assert.DoesNotContain(Read("2024-06-30", Request).Obligations, o => o.Code == ObligationCode.NotifyNoPlan);
    }

    [Theory]
    [InlineData("2024-04-29")]
    [InlineData("2024-04-30")]
    [InlineData("2026-04-30")]
    public void The_no_plan_notice_stays_open_until_the_outcome_is_known(string asOf)
    {
        var notice = Read(asOf, Request, Assessing).NoPlanNotice();

        Assert.Equal((ObligationState.Open, 0), (notice.State, notice.DaysLate));
    }

    [Theory]
    [InlineData("2024-04-29", ObligationState.Met, 0)]
    [InlineData("2024-04-30", ObligationState.MetLate, 1)]
    public void A_no_plan_notice_is_in_time_in_the_sixteenth_week_and_ends_the_plan(string notified, ObligationState state, int daysLate)
    {
        var reading = Read("2024-12-01", Request, Assessing, NoPlan(notified));

        Assert.Equal((state, daysLate), (reading.NoPlanNotice().State, reading.NoPlanNotice().DaysLate));
        Assert.Equal((ObligationState.NotApplicable, Day(notified)), (reading.Plan().State, reading.Plan().EndedOn));
    }

    [Fact]
    public void A_no_plan_notice_after_the_twentieth_week_leaves_the_plan_late_to_that_day()
    {
        var plan = Read("2024-12-01", Request, Assessing, NoPlan("2024-06-03")).Plan();

        Assert.Equal((ObligationState.Breached, 7, Day("2024-06-03")), (plan.State, plan.DaysLate, plan.EndedOn));
    }

    [Fact]
    public void A_refusal_after_the_twentieth_week_leaves_the_plan_late_to_that_day()
    {
        var reading = Read("2024-12-01", Request, Refused("2024-05-28"));

        Assert.Equal(
            (ObligationState.Breached, 1, Day("2024-05-28")),
            (reading.Plan().State, reading.Plan().DaysLate, reading.Plan().EndedOn)
        );
        Assert.Equal(ObligationState.NotApplicable, reading.NoPlanNotice().State);
        Assert.Equal(ObligationState.MetLate, reading.Decision().State);
    }

    [Fact]
    public void A_change_of_mind_revives_the_clock_from_the_same_day()
    {
        var reading = Read("2024-12-01", Request, Refused("2024-02-12"), ToldToAssess("2024-05-20"), Planned("2024-06-10"));

        Assert.Equal((ObligationState.MetLate, 14), (reading.Plan().State, reading.Plan().DaysLate));
        Assert.Equal((Day("2024-01-08"), (DateOnly?)null), (reading.Plan().Start, reading.Plan().EndedOn));
        Assert.Equal(Day("2024-06-10"), reading.NoPlanNotice().EndedOn); // By the plan, not by the refusal.
    }

    [Fact]
    public void A_refusal_after_a_decision_to_assess_ends_the_clock_again()
    {
        var reading = Read("2024-12-01", Request, ToldToAssess("2024-02-12"), Refused("2024-03-12"), Refused("2024-04-12"));

        Assert.Equal((ObligationState.NotApplicable, Day("2024-03-12")), (reading.Plan().State, reading.Plan().EndedOn));
    }

    [Fact]
    public void A_plan_after_a_refusal_with_no_order_is_a_change_of_mind_without_its_decision()
    {
        var reading = Read("2024-12-01", Request, Refused("2024-02-12"), Planned("2024-05-28"));

        Assert.Equal((ObligationState.MetLate, 1), (reading.Plan().State, reading.Plan().DaysLate));
        Assert.Equal([FindingCode.OutcomeWithoutDecision], reading.Codes());
    }

    [Fact]
    public void A_plan_after_a_no_plan_notice_with_no_order_is_counted_from_the_same_day()
    {
        var reading = Read("2024-12-01", Request, Assessing, NoPlan("2024-04-01"), Planned("2024-05-28"));

        Assert.Equal((ObligationState.MetLate, 1), (reading.Plan().State, reading.Plan().DaysLate));
        Assert.Equal(ObligationState.Met, reading.NoPlanNotice().State);
        Assert.Equal([FindingCode.PlanAndNoPlan], reading.Codes());
    }

    public static TheoryData<Fact> OrdersToAssess =>
        [
            Ordered("2024-05-01", AppealIssue.Assess),
            Conceded("2024-05-01", AppealIssue.Assess),
            Mediated("2024-05-01", MediationIssue.Assess),
        ];

    [Theory]
    [MemberData(nameof(OrdersToAssess))]
    public void An_order_to_assess_ends_what_is_open_and_leaves_what_was_late(Fact order)
    {
        var reading = Read("2024-12-01", Request, order);

        Assert.Equal(
            (ObligationState.Breached, 72, Day("2024-05-01")),
            (reading.Decision().State, reading.Decision().DaysLate, reading.Decision().EndedOn)
        );
        Assert.Equal((ObligationState.Superseded, Day("2024-05-01")), (reading.Plan().State, reading.Plan().EndedOn));
    }

    [Theory]
    [MemberData(nameof(OrdersToAssess))]
    public void After_an_order_to_assess_a_decision_and_a_plan_answer_the_order(Fact order)
    {
        var reading = Read("2024-12-01", Request, Refused("2024-02-12"), order, ToldToAssess("2024-05-10"), Planned("2024-08-01"));

        Assert.Equal((ObligationState.NotApplicable, Day("2024-02-12")), (reading.Plan().State, reading.Plan().EndedOn));
        Assert.Equal(ObligationState.Met, reading.Decision().State);
        Assert.True(reading.Outline.PlanFollowedOrder);
        Assert.Empty(reading.Findings);
    }

    [Theory]
    [InlineData("2024-05-27", ObligationState.Superseded, 0)]
    [InlineData("2024-05-28", ObligationState.Breached, 1)]
    public void An_order_supersedes_a_plan_up_to_its_last_day(string ordered, ObligationState state, int daysLate)
    {
        var plan = Read("2024-12-01", Request, Assessing, Ordered(ordered, AppealIssue.MakePlan), Planned("2024-06-20")).Plan();

        Assert.Equal((state, daysLate, (DateOnly?)null), (plan.State, plan.DaysLate, plan.DoneOn));
    }

    [Fact]
    public void An_order_to_make_a_plan_does_not_touch_the_decision()
    {
        var reading = Read("2024-02-01", Request, Ordered("2024-01-20", AppealIssue.MakePlan));

        Assert.Equal(ObligationState.Open, reading.Decision().State);
        Assert.Equal(ObligationState.Superseded, reading.Plan().State);
    }

    [Theory]
    [InlineData(AppealIssue.AmendContent)]
    [InlineData(AppealIssue.AmendPlacement)]
    [InlineData(AppealIssue.Reassess)]
    [InlineData(AppealIssue.Reconsider)]
    [InlineData(AppealIssue.Continue)]
    public void An_order_about_something_else_ends_nothing(AppealIssue issue)
    {
        var plan = Read("2024-04-01", Request, Assessing, Ordered("2024-03-01", issue)).Plan();

        Assert.Equal(ObligationState.Open, plan.State);
    }

    [Fact]
    public void What_is_done_on_the_day_of_an_order_still_answers_the_old_clock()
    {
        var plan = Read("2024-12-01", Request, Assessing, Planned("2024-05-01"), Ordered("2024-05-01", AppealIssue.MakePlan)).Plan();

        Assert.Equal((ObligationState.Met, Day("2024-05-01")), (plan.State, plan.DoneOn));
    }

    [Theory]
    [InlineData("2024-05-27", ObligationState.Withdrawn, 0)]
    [InlineData("2024-05-28", ObligationState.Breached, 1)]
    public void A_move_away_ends_a_plan_up_to_its_last_day(string moved, ObligationState state, int daysLate)
    {
        var plan = Read("2024-12-01", Request, Assessing, MovedOut(moved)).Plan();

        Assert.Equal((state, daysLate, Day(moved)), (plan.State, plan.DaysLate, plan.EndedOn));
    }

    [Fact]
    public void A_withdrawal_does_not_undo_what_was_done()
    {
        var reading = Read("2024-12-01", Request, ToldToAssess("2024-03-01"), Withdrawn("2024-04-02"));

        Assert.Equal((ObligationState.MetLate, 11), (reading.Decision().State, reading.Decision().DaysLate));
        Assert.Equal(ObligationState.Withdrawn, reading.NoPlanNotice().State);
    }

    [Fact]
    public void A_no_plan_notice_past_its_day_was_never_late_and_so_falls_away_with_a_withdrawal()
    {
        Assert.Equal(ObligationState.Withdrawn, Read("2024-12-01", Request, Assessing, Withdrawn("2024-05-10")).NoPlanNotice().State);
    }

    [Fact]
    public void An_outcome_before_the_start_is_met_and_reported()
    {
        var reading = Read("2024-12-01", Request, ToldToAssess("2024-01-02"), Planned("2024-01-07"));

        Assert.Equal((ObligationState.Met, Day("2024-01-02")), (reading.Decision().State, reading.Decision().DoneOn));
        Assert.Equal(ObligationState.Met, reading.Plan().State);
        Assert.Equal([FindingCode.DoneBeforeStart, FindingCode.DoneBeforeStart], reading.Codes());
    }

    [Fact]
    public void A_detained_person_has_the_twenty_weeks_of_other_regulations()
    {
        var plan = Read("2024-01-08", Requested("2024-01-08", detained: true)).Plan();

        Assert.Equal(("SI 2015/62 reg 13(2)", Day("2024-05-27")), (plan.Rule, plan.Due));
    }

    [Fact]
    public void Before_the_Regulations_were_in_force_there_is_no_limit()
    {
        var reading = Read("2015-06-01", Requested("2014-08-31"));

        Assert.Empty(reading.Obligations);
        Assert.Contains(FindingCode.LawNotInForce, reading.Codes());
        Assert.NotEmpty(Read("2015-06-01", Requested("2014-09-01")).Obligations);
    }

    [Fact]
    public void What_is_dated_after_the_day_asked_about_has_not_happened()
    {
        var reading = Read("2024-05-01", Request, Assessing, Planned("2024-05-20"));

        Assert.Equal((ObligationState.Open, (DateOnly?)null), (reading.Plan().State, reading.Plan().DoneOn));
        Assert.Null(reading.Outline.PlanFinalisedOn);
        Assert.Equal([FindingCode.DatedInFuture], reading.Codes());
        Assert.Equal(Day("2024-05-20"), reading.ChangesOn);
    }

    [Fact]
    public void A_reading_says_when_the_next_limit_passes()
    {
        Assert.Equal(Day("2024-02-20"), Read("2024-01-31", Request).ChangesOn);
        Assert.Equal(Day("2024-05-28"), Read("2024-02-20", Request).ChangesOn);
        Assert.Null(Read("2024-05-28", Request).ChangesOn);
    }

    [Fact]
    public void What_is_no_step_of_an_assessment_leaves_its_limits_as_they_are()
    {
        FactBody[] others =
        [
            new FactBody.AdviceReused(AdviceKind.Medical, Board),
            new FactBody.SchoolConsulted("105154"),
            new FactBody.SchoolReplied("105154"),
            new FactBody.MediationActionDone(),
            new FactBody.MediationReported(),
            new FactBody.PlanTransferredIn("la:351"),
            new FactBody.PlanTransferred(),
            new FactBody.TransferFamilyInformed(),
            new FactBody.ReviewMeetingHeld(),
            new FactBody.ReviewDecisionNotified(ReviewOutcome.Amend),
            new FactBody.AmendmentNoticeServed(),
            new FactBody.AmendedPlanFinalised(),
            new FactBody.NotAmendingNotified(),
            new FactBody.PhaseTransferExpected(PhaseTransferKind.School, Day("2025-09-01")),
            new FactBody.PhaseTransferNamed(),
            new FactBody.ReassessmentRequested(),
            new FactBody.ReassessmentDecided(ReassessmentDecision.Reassess),
            new FactBody.ReassessedPlanFinalised(),
            new FactBody.PlanCeased(),
            new FactBody.SectionGAgreed(),
            new FactBody.EarlyYearsNotified(),
        ];

        var without = Read("2024-06-30", Request, Assessing);
        var with = Read("2024-06-30", [Request, Assessing, .. others.Select(body => That(body, "2024-03-01"))]);

        Assert.Equal(without.Obligations, with.Obligations.Take(without.Obligations.Count));
        Assert.Equal(without.Outline, with.Outline);
    }

    [Theory]
    [InlineData("0001-01-01")]
    [InlineData("9999-12-31")]
    public void Dates_at_the_ends_of_the_calendar_are_read_without_failing(string end)
    {
        var day = Day(end);
        Fact[] facts =
        [
            That(new FactBody.BecameResponsible(day), "2024-01-01"),
            Asked("2024-01-02", receivedOn: end),
            Gave(end),
            Planned(end),
            Claimed(
                "2024-01-03",
                new(ExceptionGround.SchoolClosure, AdviceRequestedOn: day, ClosedFrom: day, ReopensOn: Day("2024-01-01"))
            ),
            Claimed(
                "2024-01-04",
                new(ExceptionGround.SchoolClosure, AdviceRequestedOn: day, ClosedFrom: Day("2024-01-01"), ReopensOn: day)
            ),
            Claimed("2024-01-05", new(ExceptionGround.AbsentFromArea, AbsentFrom: day)),
            Claimed("2024-01-06", new(ExceptionGround.AbsentFromArea, AbsentFrom: day, ReturnedOn: day)),
        ];

        foreach (var asOf in new[] { "0001-01-01", "2024-06-01", "9999-12-31" })
        {
            Assert.NotNull(Read(asOf, facts));
        }
    }
}
