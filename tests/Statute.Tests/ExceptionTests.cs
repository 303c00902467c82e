using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class ExceptionTests
{
    // Plan due 2024-05-27.
    private static readonly Fact Request = Requested("2024-01-08");

    private static FactBody.ExceptionClaimed Closure(string closed, string reopens, string? asked = null) =>
        new(ExceptionGround.SchoolClosure, AdviceRequestedOn: Day(asked ?? closed), ClosedFrom: Day(closed), ReopensOn: Day(reopens));

    private static FactBody.ExceptionClaimed Absence(string left, string? back) =>
        new(ExceptionGround.AbsentFromArea, AbsentFrom: Day(left), ReturnedOn: back is null ? null : Day(back));

    private static Obligation PlanWith(FactBody.ExceptionClaimed claim, string asOf = "2024-12-01") =>
        Read(asOf, Request, ToldToAssess("2024-02-19"), Claimed("2024-05-30", claim)).Plan();

    [Theory]
    [InlineData("2024-04-27", false)] // 27 days
    [InlineData("2024-04-28", true)] // 28 days
    public void A_closure_must_last_four_weeks(string reopens, bool holds)
    {
        var plan = PlanWith(Closure("2024-03-31", reopens, "2024-04-05"));

        Assert.Equal(holds, plan.ExceptionHolds);
        Assert.Equal(holds ? ObligationState.Disapplied : ObligationState.Breached, plan.State);
    }

    [Theory]
    [InlineData("2024-03-24", false)] // The day before the window.
    [InlineData("2024-03-25", true)] // One week before closing.
    [InlineData("2024-03-26", true)]
    [InlineData("2024-04-26", true)]
    [InlineData("2024-04-27", true)] // One week before reopening.
    [InlineData("2024-04-28", false)] // The day after.
    public void Advice_must_have_been_asked_for_from_a_week_before_closing_to_a_week_before_reopening(string asked, bool holds)
    {
        var plan = PlanWith(Closure("2024-04-01", "2024-05-04", asked));

        Assert.Equal(holds, plan.ExceptionHolds);
        Assert.Equal(
            holds ? null : $"advice was asked for on {asked}; reg 13(3) with reg 10(4)(a) requires a day from 2024-03-25 to 2024-04-27",
            plan.GroundRejected
        );
    }

    [Fact]
    public void A_closure_without_its_dates_names_those_that_are_missing()
    {
        var plan = PlanWith(new(ExceptionGround.EarlyYearsClosure, ClosedFrom: Day("2024-04-01")));

        Assert.Equal(
            "reg 13(3) with reg 10(4)(b) requires adviceRequestedOn, closedFrom and reopensOn; adviceRequestedOn, reopensOn not given",
            plan.GroundRejected
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Exceptional_circumstances_need_reasons(bool reasons)
    {
        var plan = PlanWith(new(ExceptionGround.ExceptionalCircumstances, ReasonGiven: reasons));

        Assert.Equal(reasons, plan.ExceptionHolds);
        Assert.Equal(reasons ? "EXCEPTIONAL_CIRCUMSTANCES, reg 13(3) with reg 10(4)(c)" : null, plan.Ground);
    }

    [Theory]
    [InlineData("2024-04-27", false)] // 27 days
    [InlineData("2024-04-28", true)] // 28 days
    public void An_absence_must_last_four_weeks(string back, bool holds)
    {
        Assert.Equal(holds, PlanWith(Absence("2024-03-31", back)).ExceptionHolds);
    }

    [Theory]
    [InlineData("2023-11-01", "2024-01-08", false)] // Back on the day the limit began.
    [InlineData("2023-11-01", "2024-01-09", true)]
    [InlineData("2024-05-27", "2024-07-27", true)] // Left on its last day.
    [InlineData("2024-05-28", "2024-07-27", false)]
    public void An_absence_must_overlap_the_period_of_the_limit(string left, string back, bool holds)
    {
        Assert.Equal(holds, PlanWith(Absence(left, back)).ExceptionHolds);
    }

    [Theory]
    [InlineData("2024-06-11", false)]
    [InlineData("2024-06-12", true)]
    public void A_child_still_away_has_been_away_to_the_day_asked_about(string asOf, bool holds)
    {
        var plan = PlanWith(Absence("2024-05-15", null), asOf);

        Assert.Equal(holds ? ObligationState.Disapplied : ObligationState.Breached, plan.State);
        Assert.Equal(
            holds ? null : Day("2024-06-12"),
            Read(asOf, Request, Refused("2024-02-01"), Claimed("2024-05-30", Absence("2024-05-15", null))).ChangesOn
        );
    }

    [Fact]
    public void Absence_is_no_exception_for_a_detained_person()
    {
        var detained = Requested("2024-01-08", detained: true);

        var plan = Read("2024-12-01", detained, Claimed("2024-05-30", Absence("2024-02-01", "2024-04-01"))).Plan();
        var named = Read(
                "2024-12-01",
                detained,
                Claimed("2024-05-30", Absence("2024-02-01", "2024-04-01") with { Obligation = "finalise_plan" })
            )
            .Plan();
        var closed = Read("2024-12-01", detained, Claimed("2024-05-30", Closure("2024-03-01", "2024-04-01"))).Plan();

        Assert.Equal((ObligationState.Breached, (string?)null), (plan.State, plan.GroundRejected));
        Assert.Equal(
            (ObligationState.Breached, "ABSENT_FROM_AREA is not among the exceptions to SI 2015/62 reg 13(2)"),
            (named.State, named.GroundRejected)
        );
        Assert.Equal((ObligationState.Disapplied, "SCHOOL_CLOSURE, SI 2015/62 reg 10(4)(a)"), (closed.State, closed.Ground));
    }

    [Theory]
    [InlineData("2019-12-12", false)] // 20 weeks end 2020-04-30.
    [InlineData("2019-12-13", true)] // 2020-05-01.
    [InlineData("2020-05-08", true)] // 2020-09-25.
    [InlineData("2020-05-09", false)] // 2020-09-26.
    public void Coronavirus_reaches_plans_whose_limit_fell_in_its_window(string requested, bool holds)
    {
        var plan = Read("2021-01-01", Requested(requested), Claimed("2020-10-01", new(ExceptionGround.Coronavirus))).Plan();

        Assert.Equal(holds, plan.ExceptionHolds);
        Assert.Equal(holds ? "2020-coronavirus" : "2014", plan.RulePack);
    }

    [Theory]
    [InlineData("2020-03-19", false)]
    [InlineData("2020-03-20", true)]
    [InlineData("2020-08-14", true)]
    [InlineData("2020-08-15", false)]
    public void Coronavirus_reaches_decisions_and_advice_whose_six_weeks_ended_in_its_window(string start, bool holds)
    {
        var reading = Read("2021-01-01", Requested(start), Asked(start), Claimed("2020-10-01", new(ExceptionGround.Coronavirus)));

        Assert.Equal((holds, holds), (reading.Decision().ExceptionHolds, reading.Advice().ExceptionHolds));
    }

    [Theory]
    [InlineData("2020-01-09", false)]
    [InlineData("2020-01-10", true)]
    [InlineData("2020-06-05", true)]
    [InlineData("2020-06-06", false)]
    public void Coronavirus_reaches_no_plan_notices_whose_sixteen_weeks_ended_in_its_window(string start, bool holds)
    {
        var reading = Read("2021-01-01", Requested(start), ToldToAssess(start), Claimed("2020-10-01", new(ExceptionGround.Coronavirus)));

        Assert.Equal(holds, reading.NoPlanNotice().ExceptionHolds);
    }

    [Theory]
    [InlineData("2024-02-25", false)] // Before the body had the request.
    [InlineData("2024-02-26", true)]
    [InlineData("2024-04-08", true)]
    [InlineData("2024-04-09", false)] // After the six weeks.
    public void A_missed_appointment_within_the_six_weeks_helps_the_body(string missed, bool holds)
    {
        var claim = Claimed("2024-04-10", new(ExceptionGround.MissedAppointment, AdviceId: "A1"));

        var reading = Read("2024-12-01", Request, Asked("2024-02-20", receivedOn: "2024-02-26"), Missed(missed), claim);

        Assert.Equal(holds, reading.Advice().ExceptionHolds);
        Assert.Equal(holds ? "MISSED_APPOINTMENT, reg 8(2)(c)" : null, reading.Advice().Ground);
        Assert.Equal(!holds, reading.Codes().Contains(FindingCode.ExceptionRejected));
        Assert.Equal(holds, reading.Advice().Basis.Contains($"Missed-A1-{missed}"));
        Assert.False(reading.Plan().ExceptionHolds);
    }

    [Fact]
    public void A_missed_appointment_without_a_claim_is_no_exception()
    {
        var advice = Read("2024-12-01", Request, Asked("2024-02-26"), Missed("2024-03-10")).Advice();

        Assert.Equal((ObligationState.Breached, false, (string?)null), (advice.State, advice.ExceptionHolds, advice.GroundRejected));
    }

    [Fact]
    public void A_missed_appointment_does_not_help_the_authority()
    {
        var claim = Claimed("2024-05-30", new(ExceptionGround.MissedAppointment, ObligationCode.FinalisePlan));

        var reading = Read("2024-12-01", Request, Asked("2024-02-26"), Missed("2024-03-10"), claim);

        Assert.Equal(ObligationState.Breached, reading.Plan().State);
        Assert.Equal(
            "MISSED_APPOINTMENT is not among the exceptions to SEND Regulations 2014, reg 13(2); a missed appointment helps only the body asked for advice, reg 8(2)(c)",
            reading.Plan().GroundRejected
        );
        Assert.Null(reading.Advice().GroundRejected);
        Assert.Contains(FindingCode.ExceptionRejected, reading.Codes());
    }

    [Theory]
    [InlineData(ExceptionGround.SchoolClosure)]
    [InlineData(ExceptionGround.EarlyYearsClosure)]
    public void A_closure_does_not_help_the_body(ExceptionGround ground)
    {
        var claim = Closure("2024-03-01", "2024-04-15") with { Ground = ground, Obligation = ObligationCode.GiveAdvice };

        var advice = Read("2024-12-01", Request, Asked("2024-02-26"), Claimed("2024-05-30", claim)).Advice();

        Assert.Equal(ObligationState.Breached, advice.State);
        Assert.StartsWith(
            $"{ground.ToWire()} is not among the exceptions to SEND Regulations 2014, reg 8(1)",
            advice.GroundRejected,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_claim_that_names_an_obligation_reaches_no_other()
    {
        var claim = Closure("2024-03-01", "2024-04-15") with { Obligation = ObligationCode.NotifyNoPlan };

        var reading = Read("2024-12-01", Request, ToldToAssess("2024-02-19"), Claimed("2024-05-30", claim), NoPlan("2024-06-10"));

        Assert.Equal(ObligationState.Disapplied, reading.NoPlanNotice().State);
        Assert.Equal((ObligationState.Breached, (string?)null), (reading.Plan().State, reading.Plan().GroundRejected));
    }

    [Fact]
    public void A_claim_that_names_advice_reaches_no_other_advice()
    {
        var claim = new FactBody.ExceptionClaimed(ExceptionGround.ExceptionalCircumstances, AdviceId: "A", ReasonGiven: true);

        var reading = Read("2024-12-01", Request, Asked("2024-02-26", "A"), Asked("2024-02-26", "B"), Claimed("2024-05-30", claim));

        Assert.Equal(
            (ObligationState.Disapplied, "EXCEPTIONAL_CIRCUMSTANCES, reg 8(2)(a)"),
            (reading.Advice("A").State, reading.Advice("A").Ground)
        );
        Assert.Equal(ObligationState.Breached, reading.Advice("B").State);
        Assert.Equal((ObligationState.Breached, false), (reading.Plan().State, reading.Plan().ExceptionHolds));
    }

    [Fact]
    public void A_claim_that_names_neither_reaches_every_limit_its_ground_reaches()
    {
        var claim = new FactBody.ExceptionClaimed(ExceptionGround.ExceptionalCircumstances, ReasonGiven: true);

        var reading = Read("2024-12-01", Request, Asked("2024-02-26"), Claimed("2024-05-30", claim));

        Assert.All(reading.Obligations, o => Assert.Equal(ObligationState.Disapplied, o.State));
    }

    [Theory]
    [InlineData("2024-05-01", ObligationState.Open)]
    [InlineData("2024-05-28", ObligationState.Disapplied)]
    public void An_exception_shows_only_where_there_is_lateness_to_excuse(string asOf, ObligationState state)
    {
        var claim = Claimed("2024-04-30", new(ExceptionGround.ExceptionalCircumstances, ReasonGiven: true));

        var plan = Read(asOf, Request, ToldToAssess("2024-02-19"), claim).Plan();

        Assert.Equal((state, true), (plan.State, plan.ExceptionHolds));
        Assert.Equal(state == ObligationState.Disapplied, plan.Ground is not null);
        Assert.Equal(Day("2024-05-27"), plan.Due); // Never moved.
    }

    [Fact]
    public void What_was_done_in_time_is_met_and_needs_no_exception()
    {
        var claim = Claimed("2024-04-30", new(ExceptionGround.ExceptionalCircumstances, ReasonGiven: true));

        var plan = Read("2024-12-01", Request, ToldToAssess("2024-02-19"), Planned("2024-05-27"), claim).Plan();

        Assert.Equal((ObligationState.Met, (string?)null, true), (plan.State, plan.Ground, plan.ExceptionHolds));
    }

    [Fact]
    public void A_disapplied_limit_that_was_met_late_keeps_the_day_it_was_done()
    {
        var claim = Claimed("2024-05-30", new(ExceptionGround.ExceptionalCircumstances, ReasonGiven: true));

        var plan = Read("2024-12-01", Request, ToldToAssess("2024-02-19"), Planned("2024-06-30"), claim).Plan();

        Assert.Equal((ObligationState.Disapplied, Day("2024-06-30"), 0), (plan.State, plan.DoneOn, plan.DaysLate));
    }

    [Fact]
    public void What_was_late_when_withdrawn_is_disapplied_by_an_exception()
    {
        var claim = Claimed("2024-05-30", new(ExceptionGround.ExceptionalCircumstances, ReasonGiven: true));

        var plan = Read("2024-12-01", Request, Withdrawn("2024-06-30"), claim).Plan();

        Assert.Equal((ObligationState.Disapplied, Day("2024-06-30"), 0), (plan.State, plan.EndedOn, plan.DaysLate));
    }

    [Fact]
    public void One_claim_that_holds_is_enough_and_the_first_by_day_is_named()
    {
        var bad = Claimed("2024-05-29", new(ExceptionGround.ExceptionalCircumstances), "bad");
        var good = Claimed("2024-05-30", Closure("2024-03-01", "2024-04-15"), "good");
        var later = Claimed("2024-05-31", Absence("2024-03-01", "2024-04-15"), "later");

        var reading = Read("2024-12-01", Request, later, good, bad);

        Assert.Equal(
            ("SCHOOL_CLOSURE, reg 13(3) with reg 10(4)(a)", (string?)null),
            (reading.Plan().Ground, reading.Plan().GroundRejected)
        );
        Assert.Contains("good", reading.Plan().Basis);
        Assert.DoesNotContain("bad", reading.Plan().Basis);
        Assert.Equal(["bad"], Assert.Single(reading.Findings).Facts);
    }

    [Fact]
    public void Rejected_claims_are_in_the_basis_and_reported_with_their_reasons()
    {
        var short1 = Claimed("2024-05-29", Closure("2024-03-01", "2024-03-10"), "short");
        var bare = Claimed("2024-05-30", new(ExceptionGround.ExceptionalCircumstances, ObligationCode.FinalisePlan), "bare");

        var reading = Read("2024-12-01", Request, bare, short1);

        Assert.Equal(
            "closed from 2024-03-01, open again on 2024-03-10: 9 days; reg 13(3) with reg 10(4)(a) requires at least 28; no reasons were given; reg 13(3) with reg 10(4)(c) requires exceptional circumstances to be shown",
            reading.Plan().GroundRejected
        );
        Assert.Equal(["RequestReceived-2024-01-08", "bare", "short"], reading.Plan().Basis);
        Assert.Equal([FindingCode.ExceptionRejected, FindingCode.ExceptionRejected], reading.Codes());
    }

    [Theory]
    [InlineData("finalise_planet")]
    [InlineData("order_notify")] // Not in this case.
    [InlineData("notify_no_plan")] // Nor this.
    public void A_claim_for_a_limit_that_is_not_there_is_reported(string obligation)
    {
        var claim = Claimed("2024-05-30", new(ExceptionGround.ExceptionalCircumstances, obligation, ReasonGiven: true));

        var reading = Read("2024-12-01", Request, claim);

        Assert.Contains(FindingCode.ExceptionRejected, reading.Codes());
        Assert.All(reading.Obligations, o => Assert.False(o.ExceptionHolds));
    }

    [Fact]
    public void A_claim_for_advice_that_nobody_asked_for_is_reported()
    {
        var reading = Read("2024-12-01", Request, Claimed("2024-05-30", new(ExceptionGround.AbsentFromArea, AdviceId: "X")));

        Assert.Equal("ABSENT_FROM_AREA claimed for advice X: there is no such limit in this case", Assert.Single(reading.Findings).Detail);
    }

    [Fact]
    public void An_unknown_ground_reaches_nothing_and_is_reported()
    {
        var claim = Claimed("2024-05-30", new((ExceptionGround)99, ObligationCode.FinalisePlan));

        var reading = Read("2024-12-01", Request, claim);

        Assert.Equal("99 is not among the exceptions to SEND Regulations 2014, reg 13(2)", reading.Plan().GroundRejected);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("finalise_plan", null)]
    [InlineData(null, "A1")]
    [InlineData("give_advice", "A1")]
    [InlineData("give_advice", null)]
    public void A_body_may_claim_for_its_own_advice_and_for_nothing_else(string? obligation, string? adviceId)
    {
        var claim = That(
            new FactBody.ExceptionClaimed(ExceptionGround.ExceptionalCircumstances, obligation, adviceId, ReasonGiven: true),
            "2024-05-30",
            by: Board
        );

        var reading = Read("2024-12-01", Request, Asked("2024-02-20", "A1", Board), Asked("2024-02-20", "A2", "care:350"), claim);

        Assert.False(reading.Plan().ExceptionHolds || reading.Decision().ExceptionHolds || reading.Advice("A2").ExceptionHolds);
        Assert.Equal(obligation != "finalise_plan", reading.Advice("A1").ExceptionHolds);
        Assert.False(reading.Outline.ExceptionOnPlan);
    }

    [Fact]
    public void A_claim_for_somebody_elses_limit_is_reported()
    {
        var claim = That(
            new FactBody.ExceptionClaimed(ExceptionGround.ExceptionalCircumstances, "finalise_plan", ReasonGiven: true),
            "2024-05-30",
            by: Board
        );

        var finding = Assert.Single(Read("2024-12-01", Request, claim).Findings);

        Assert.Equal(FindingCode.ExceptionRejected, finding.Code);
        Assert.EndsWith("icb:QJ2 may claim for duties of its own only", finding.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_authority_may_claim_for_advice_as_well()
    {
        var claim = Claimed("2024-05-30", new(ExceptionGround.ExceptionalCircumstances, ReasonGiven: true));

        Assert.True(Read("2024-12-01", Request, Asked("2024-02-20"), claim).Advice().ExceptionHolds);
    }
}
