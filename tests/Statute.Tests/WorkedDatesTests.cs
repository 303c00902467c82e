using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

/// <summary>The worked dates of the law page, each by its number there.</summary>
public class WorkedDatesTests
{
    private static readonly Fact T01Request = Requested("2024-01-08");

    [Fact]
    public void T01_limits_fall_on_a_bank_holiday_without_moving()
    {
        var reading = Read("2024-01-08", T01Request, ToldToAssess("2024-01-08"));

        Falls(reading.Decision(), "2024-02-19", "2024-02-20T00:00Z");
        Falls(reading.NoPlanNotice(), "2024-04-29", "2024-04-29T23:00Z");
        Falls(reading.Plan(), "2024-05-27", "2024-05-27T23:00Z"); // Spring Bank Holiday.
    }

    [Fact]
    public void T02_weeks_from_a_leap_day_are_days_not_months()
    {
        var reading = Read("2024-02-29", Requested("2024-02-29"), ToldToAssess("2024-02-29"));

        Falls(reading.Decision(), "2024-04-11", "2024-04-11T23:00Z");
        Falls(reading.NoPlanNotice(), "2024-06-20", "2024-06-20T23:00Z");
        Falls(reading.Plan(), "2024-07-18", "2024-07-18T23:00Z");
    }

    [Fact]
    public void T04_the_councils_own_closure_moves_nothing()
    {
        var reading = Read("2024-12-24", Requested("2024-12-24"), ToldToAssess("2024-12-24"));

        Falls(reading.Decision(), "2025-02-04", "2025-02-05T00:00Z");
        Falls(reading.NoPlanNotice(), "2025-04-15", "2025-04-15T23:00Z");
        Falls(reading.Plan(), "2025-05-13", "2025-05-13T23:00Z");
    }

    [Fact]
    public void T06_a_limit_that_ends_on_the_day_summer_time_begins_is_over_at_23_00_utc()
    {
        var reading = Read("2024-11-10", Requested("2024-11-10"), ToldToAssess("2024-11-10"));

        Falls(reading.Decision(), "2024-12-22", "2024-12-23T00:00Z");
        Falls(reading.NoPlanNotice(), "2025-03-02", "2025-03-03T00:00Z");
        Falls(reading.Plan(), "2025-03-30", "2025-03-30T23:00Z");
    }

    [Fact]
    public void T09_a_refusal_on_the_last_day_is_in_time_and_makes_the_rest_moot()
    {
        var reading = Read("2024-12-01", T01Request, Refused("2024-02-19"));

        Assert.Equal(ObligationState.Met, reading.Decision().State);
        Assert.Equal(ObligationState.NotApplicable, reading.NoPlanNotice().State);
        Assert.Equal(ObligationState.NotApplicable, reading.Plan().State);
    }

    [Fact]
    public void T09_a_refusal_a_day_later_is_late()
    {
        var decision = Read("2024-12-01", T01Request, Refused("2024-02-20")).Decision();

        Assert.Equal((ObligationState.MetLate, 1), (decision.State, decision.DaysLate));
    }

    [Fact]
    public void T11_there_is_no_limit_for_a_draft_by_week_16()
    {
        var reading = Read("2024-06-30", T01Request, ToldToAssess("2024-02-19"), Planned("2024-05-27"));

        Assert.Equal(ObligationState.Met, reading.Plan().State);
        Assert.Equal(ObligationState.NotApplicable, reading.NoPlanNotice().State);
        Assert.Equal(
            [ObligationCode.DecideToAssess, ObligationCode.NotifyNoPlan, ObligationCode.FinalisePlan, ObligationCode.AnnualReview],
            reading.Obligations.Select(o => o.Code)
        );
        Assert.Empty(reading.Findings);
    }

    [Theory]
    [InlineData("2024-05-15", true)]
    [InlineData("2024-05-16", false)]
    public void T12_a_plan_within_fifteen_days_beginning_with_service_is_early_not_late(string planned, bool early)
    {
        var reading = Read("2024-06-30", T01Request, ToldToAssess("2024-02-19"), Drafted("2024-05-01"), Planned(planned));

        Assert.Equal(early ? [FindingCode.FinalisedEarly] : [], reading.Codes());
        Assert.Equal(ObligationState.Met, reading.Plan().State);
    }

    [Fact]
    public void T14_a_body_owes_its_advice_six_weeks_after_it_received_the_request()
    {
        var advice = Read("2024-02-26", T01Request, Asked("2024-02-20", receivedOn: "2024-02-26")).Advice();

        Falls(advice, "2024-04-08", "2024-04-08T23:00Z");
        Assert.Equal(Board, advice.Obligor);
    }

    [Fact]
    public void T17_a_school_shut_for_the_summer_disapplies_what_is_late_and_gives_no_new_date()
    {
        var closed = Claimed(
            "2024-09-10",
            new(
                ExceptionGround.SchoolClosure,
                AdviceRequestedOn: Day("2024-07-22"),
                ClosedFrom: Day("2024-07-27"),
                ReopensOn: Day("2024-09-02")
            )
        );

        var reading = Read("2024-12-01", Requested("2024-06-06"), ToldToAssess("2024-07-01"), closed, NoPlan("2024-11-01"));

        Falls(reading.NoPlanNotice(), "2024-09-26", "2024-09-26T23:00Z");
        Falls(reading.Plan(), "2024-10-24", "2024-10-24T23:00Z");
        Assert.Equal(ObligationState.Disapplied, reading.NoPlanNotice().State);
        Assert.Equal("SCHOOL_CLOSURE, reg 10(4)(a)", reading.NoPlanNotice().Ground);
        Assert.Equal(ObligationState.Disapplied, reading.Plan().State);
        Assert.Equal("SCHOOL_CLOSURE, reg 13(3) with reg 10(4)(a)", reading.Plan().Ground);
    }

    [Fact]
    public void T20_a_Christmas_closure_never_qualifies()
    {
        var closed = Claimed(
            "2025-02-01",
            new(
                ExceptionGround.SchoolClosure,
                AdviceRequestedOn: Day("2024-12-20"),
                ClosedFrom: Day("2024-12-21"),
                ReopensOn: Day("2025-01-06")
            )
        );

        var plan = Read("2025-06-01", Requested("2024-11-10"), closed).Plan();

        Assert.Equal(ObligationState.Breached, plan.State);
        Assert.Equal(
            "closed from 2024-12-21, open again on 2025-01-06: 16 days; reg 13(3) with reg 10(4)(a) requires at least 28",
            plan.GroundRejected
        );
    }

    [Fact]
    public void T21_a_closure_disapplies_the_six_weeks_of_the_decision_too()
    {
        var closed = Claimed(
            "2024-09-03",
            new(
                ExceptionGround.SchoolClosure,
                AdviceRequestedOn: Day("2024-07-23"),
                ClosedFrom: Day("2024-07-27"),
                ReopensOn: Day("2024-09-02")
            )
        );

        var without = Read("2024-09-10", Requested("2024-07-22"), ToldToAssess("2024-09-05")).Decision();
        var with = Read("2024-09-10", Requested("2024-07-22"), ToldToAssess("2024-09-05"), closed).Decision();

        Falls(without, "2024-09-02", "2024-09-02T23:00Z");
        Assert.Equal((ObligationState.MetLate, 3), (without.State, without.DaysLate));
        Assert.Equal((ObligationState.Disapplied, 0, "SCHOOL_CLOSURE, reg 5(4)(a)"), (with.State, with.DaysLate, with.Ground));
        Assert.Equal(Day("2024-09-05"), with.DoneOn);
    }

    [Fact]
    public void T41_a_limit_that_fell_the_day_before_the_coronavirus_window_is_ordinary()
    {
        var plan = Read("2020-06-01", Requested("2019-12-12"), Claimed("2020-05-05", new(ExceptionGround.Coronavirus))).Plan();

        Falls(plan, "2020-04-30", "2020-04-30T23:00Z");
        Assert.Equal((ObligationState.Breached, "2014"), (plan.State, plan.RulePack));
        Assert.Equal(
            "the limit falls on 2020-04-30; SI 2020/471 reaches limits that fall from 2020-05-01 to 2020-09-25",
            plan.GroundRejected
        );
    }

    [Fact]
    public void T42_a_limit_that_fell_on_the_first_day_of_the_coronavirus_window_is_disapplied()
    {
        var plan = Read("2020-06-01", Requested("2019-12-13"), Claimed("2020-05-05", new(ExceptionGround.Coronavirus))).Plan();

        Falls(plan, "2020-05-01", "2020-05-01T23:00Z");
        Assert.Equal((ObligationState.Disapplied, "2020-coronavirus"), (plan.State, plan.RulePack));
        Assert.Equal("CORONAVIRUS, reg 13(3) as modified by SI 2020/471", plan.Ground);
    }

    [Fact]
    public void T46_the_clock_starts_without_a_request_when_a_child_comes_to_attention()
    {
        var attention = That(new FactBody.BroughtToAttention(RequestSource.Health), "2024-03-08");

        var reading = Read("2024-03-08", attention, ToldToAssess("2024-03-08"));

        Falls(reading.Decision(), "2024-04-19", "2024-04-19T23:00Z");
        Falls(reading.NoPlanNotice(), "2024-06-28", "2024-06-28T23:00Z");
        Falls(reading.Plan(), "2024-07-26", "2024-07-26T23:00Z");
    }

    [Fact]
    public void T48_a_withdrawal_ends_what_is_open_and_leaves_what_was_late()
    {
        var reading = Read("2024-12-01", T01Request, Asked("2024-03-01"), Withdrawn("2024-04-02"));

        Assert.Equal(ObligationState.Withdrawn, reading.Plan().State);
        Assert.Equal(ObligationState.Withdrawn, reading.Advice().State);
        Assert.Equal(ObligationState.Breached, reading.Decision().State);
        Assert.Equal(Utc("2024-02-20T00:00Z"), reading.Decision().BreachAt);
        Assert.Equal((Day("2024-04-02"), 43), (reading.Decision().EndedOn, reading.Decision().DaysLate));
    }

    [Theory]
    [InlineData("2024-05-01", "2024-05-22", "2024-05-22T23:00Z")] // 6 May is a bank holiday.
    [InlineData("2024-04-19", "2024-05-13", "2024-05-13T23:00Z")] // Enough notice: due on the day of the move.
    public void T25_a_plan_is_transferred_fifteen_working_days_from_awareness_or_on_the_move(string aware, string due, string breachAt)
    {
        var moved = That(new FactBody.PlanTransferredIn("la:351", Day(aware)), "2024-05-13");

        var transfer = Read("2024-05-13", moved).The(ObligationCode.TransferPlan);

        Falls(transfer, due, breachAt);
        Assert.Equal("la:351", transfer.Obligor);
    }

    [Fact]
    public void T27_an_order_to_assess_runs_its_own_clock_and_closes_the_old_one()
    {
        var reading = Read("2024-10-14", Requested("2024-07-01"), Refused("2024-08-12"), Ordered("2024-10-14", AppealIssue.Assess));

        Falls(reading.The(ObligationCode.OrderNotify), "2024-10-28", "2024-10-29T00:00Z");
        Falls(reading.The(ObligationCode.OrderNoPlan), "2024-12-23", "2024-12-24T00:00Z");
        Falls(reading.The(ObligationCode.OrderFinalisePlan), "2025-01-20", "2025-01-21T00:00Z");
        Assert.Equal(ObligationState.NotApplicable, reading.Plan().State);
    }

    [Fact]
    public void T29_an_order_to_amend_content_gives_five_weeks() =>
        Falls(
            Read("2024-10-14", Ordered("2024-10-14", AppealIssue.AmendContent)).The(ObligationCode.OrderAmendContent),
            "2024-11-18",
            "2024-11-19T00:00Z"
        );

    [Fact]
    public void T30_an_order_to_change_the_named_school_gives_two() =>
        Falls(
            Read("2024-10-14", Ordered("2024-10-14", AppealIssue.AmendPlacement)).The(ObligationCode.OrderAmendPlacement),
            "2024-10-28",
            "2024-10-29T00:00Z"
        );

    [Fact]
    public void T32_a_mediation_agreement_to_make_a_plan_runs_as_an_order()
    {
        var reading = Read("2024-11-22", Mediated("2024-11-22", MediationIssue.MakePlan));

        Falls(reading.The(ObligationCode.OrderDraftPlan), "2024-12-27", "2024-12-28T00:00Z");
        Falls(reading.The(ObligationCode.OrderFinalisePlan), "2025-02-07", "2025-02-08T00:00Z");
    }

    // The family's own deadline is no duty of anybody; what the exchange shares with it is how months are counted.
    [Fact]
    public void T34_months_end_on_the_corresponding_day_or_the_last_of_a_shorter_month()
    {
        Assert.Equal(Day("2024-02-29"), new TimeLimit(2, LimitUnit.MonthsBeginningWith).Due(Day("2023-12-31")));
        Assert.Equal(Day("2024-03-10"), new TimeLimit(1, LimitUnit.MonthsBeginningWith).Due(Day("2024-02-10")));
    }

    [Fact]
    public void T35_an_amended_plan_is_due_from_the_notice_but_no_later_than_twelve_weeks_from_the_meeting()
    {
        Fact[] facts = [Planned("2024-01-10"), Met("2024-11-22"), Reviewed("2024-12-16", ReviewOutcome.Amend)];

        var reading = Read("2024-12-16", [.. facts, Proposed("2024-12-16")]);
        Falls(reading.The(ObligationCode.ReviewDecision), "2024-12-20", "2024-12-21T00:00Z");
        Falls(reading.The(ObligationCode.AmendedPlan), "2025-02-10", "2025-02-11T00:00Z");

        Falls(Read("2024-12-17", facts).The(ObligationCode.AmendedPlan), "2025-02-14", "2025-02-15T00:00Z");
        Assert.Equal(Day("2024-12-30"), PlanProvisions.AllowRepresentationsOnAmendments.Limit.Due(Day("2024-12-16")));
    }

    [Fact]
    public void T37_a_secondary_transfer_is_named_before_15_February_and_late_only_after_it()
    {
        var expected = That(new FactBody.PhaseTransferExpected(PhaseTransferKind.School, Day("2025-09-01")), "2024-09-10");

        var phase = Read("2025-02-15", expected).The(ObligationCode.PhaseTransfer);

        Assert.Equal(Day("2025-02-14"), phase.Target);
        Falls(phase, "2025-02-15", "2025-02-16T00:00Z");
    }

    [Theory]
    [InlineData("2025-09-01", "2025-04-01")]
    [InlineData("2025-07-31", "2025-02-28")]
    public void T39_a_move_between_post_16_settings_is_named_five_months_before(string transferOn, string lastDay)
    {
        var expected = That(new FactBody.PhaseTransferExpected(PhaseTransferKind.Post16ToPost16, Day(transferOn)), "2024-09-10");

        var phase = Read("2025-01-01", expected).The(ObligationCode.PhaseTransfer);

        Assert.Equal((Day(lastDay), Day(lastDay)), (phase.Target, phase.Due));
    }

    [Theory]
    [InlineData("2015-09-28", "2016-02-01")]
    [InlineData("2015-08-31", "2015-12-07")] // Started before 1 September 2015: fourteen weeks.
    public void T50_a_statement_is_converted_in_eighteen_weeks_from_the_stated_start(string start, string due) =>
        Assert.Equal(Day(due), StatementTransfers.LimitOf(Day(start))!.Limit.Due(Day(start)));

    [Theory]
    [InlineData("2014-08-31", null)]
    [InlineData("2014-09-01", 14)]
    [InlineData("2015-09-01", 18)]
    [InlineData("2018-03-31", 18)]
    [InlineData("2018-04-01", null)]
    public void T50_the_two_limits_have_their_years(string start, int? weeks) =>
        Assert.Equal(weeks, StatementTransfers.LimitOf(Day(start))?.Limit.Length);

    private static void Falls(Obligation obligation, string due, string breachAt) => obligation.Falls(due, breachAt);
}
