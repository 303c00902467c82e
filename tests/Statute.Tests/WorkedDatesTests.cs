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

    private static void Falls(Obligation obligation, string due, string breachAt)
    {
        Assert.Equal(Day(due), obligation.Due);
        Assert.Equal(Utc(breachAt), obligation.BreachAt);
    }
}
