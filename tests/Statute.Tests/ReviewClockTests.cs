using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class ReviewClockTests
{
    private static readonly Fact Plan = Planned("2023-11-27");

    [Theory]
    [InlineData("2024-11-26", ObligationState.Met, 0)]
    [InlineData("2024-11-27", ObligationState.Met, 0)] // The anniversary: no breach is published for it.
    [InlineData("2024-11-28", ObligationState.MetLate, 1)]
    public void A_review_is_complete_within_a_year_when_its_decision_is_notified(string decided, ObligationState state, int daysLate)
    {
        var year = Read("2025-06-01", Plan, Met("2024-11-01"), Reviewed(decided)).All(ObligationCode.AnnualReview)[0];

        year.Stands(state, decided, daysLate);
        Assert.Equal((Day("2024-11-26"), Day("2024-11-27")), (year.Target, year.Due));
    }

    [Fact]
    public void A_meeting_alone_completes_no_review()
    {
        Assert.Equal(ObligationState.Breached, Read("2025-06-01", Plan, Met("2024-11-01")).The(ObligationCode.AnnualReview).State);
    }

    [Fact]
    public void Each_review_begins_the_next_year_and_each_year_is_an_obligation_of_its_own()
    {
        var years = Read("2026-06-01", Plan, Reviewed("2024-11-20"), Reviewed("2025-11-10")).All(ObligationCode.AnnualReview);

        Assert.Equal([Day("2024-11-27"), Day("2025-11-20"), Day("2026-11-10")], years.Select(y => y.Due));
        Assert.Equal([ObligationState.Met, ObligationState.Met, ObligationState.Open], years.Select(y => y.State));
        Assert.Equal(
            ["PlanFinalised-2023-11-27", "ReviewDecisionNotified-2024-11-20", "ReviewDecisionNotified-2025-11-10"],
            years.Select(y => y.Occasion)
        );
    }

    [Fact]
    public void A_leap_day_has_its_anniversary_on_28_February()
    {
        var year = Read("2024-03-01", Planned("2024-02-29")).The(ObligationCode.AnnualReview);

        Assert.Equal((Day("2025-02-27"), Day("2025-02-28")), (year.Target, year.Due));
    }

    [Fact]
    public void A_reassessed_plan_begins_a_new_year_and_ends_the_old_one()
    {
        var years = Read("2024-08-01", Plan, Reassessing("2024-03-01"), Reassessed("2024-06-01")).All(ObligationCode.AnnualReview);

        Assert.Equal([ObligationState.NotApplicable, ObligationState.Open], years.Select(y => y.State));
        Assert.Equal(Day("2025-06-01"), years[1].Due);
    }

    [Theory]
    [InlineData("2024-11-01", ObligationState.NotApplicable)]
    [InlineData("2024-11-27", ObligationState.NotApplicable)]
    [InlineData("2024-11-28", ObligationState.Breached)]
    public void A_plan_that_ceases_needs_no_review_unless_it_was_late_already(string ceased, ObligationState state) =>
        Assert.Equal(state, Read("2025-06-01", Plan, Ceased(ceased)).The(ObligationCode.AnnualReview).State);

    [Fact]
    public void A_move_away_ends_the_year() =>
        Read("2025-06-01", Plan, MovedOut("2024-05-01")).The(ObligationCode.AnnualReview).Stands(ObligationState.Withdrawn);

    [Theory]
    [InlineData("2024-12-20", ObligationState.Met, 0)]
    [InlineData("2024-12-21", ObligationState.MetLate, 1)]
    public void The_decision_follows_the_meeting_within_four_weeks(string decided, ObligationState state, int daysLate) =>
        Read("2025-06-01", Plan, Met("2024-11-22"), Reviewed(decided)).The(ObligationCode.ReviewDecision).Stands(state, decided, daysLate);

    [Fact]
    public void School_and_authority_may_both_report_the_meeting()
    {
        var reading = Read(
            "2025-01-01",
            Plan,
            Met("2024-11-22"),
            That(new FactBody.ReviewMeetingHeld(), "2024-11-22", "S1", by: "school:105154")
        );

        Assert.Equal("ReviewMeetingHeld-2024-11-22", reading.The(ObligationCode.ReviewDecision).Occasion);
        Assert.DoesNotContain(FindingCode.SecondReviewMeeting, reading.Codes());
    }

    [Fact]
    public void A_meeting_that_the_school_alone_reports_is_named_with_the_school()
    {
        var reading = Read("2025-01-01", Plan, That(new FactBody.ReviewMeetingHeld(), "2024-11-22", "S1", by: "school:105154"));

        Assert.Equal("school:105154/S1", reading.The(ObligationCode.ReviewDecision).Occasion);
    }

    [Fact]
    public void A_second_meeting_does_not_move_the_first_ones_limit()
    {
        var reading = Read("2025-01-10", Plan, Met("2024-11-01"), Met("2024-11-22"), Reviewed("2024-12-10"));

        Assert.Equal([ObligationState.MetLate, ObligationState.Met], reading.All(ObligationCode.ReviewDecision).Select(o => o.State));
        Assert.Contains(FindingCode.SecondReviewMeeting, reading.Codes());
    }

    [Theory]
    [InlineData("2024-12-20", "2025-02-14", "reg 22(3)")] // Notice on the last day: both limits fall together.
    [InlineData("2024-12-21", "2025-02-14", "Devon")] // A late notice does not put off the end.
    [InlineData("2024-12-10", "2025-02-04", "reg 22(3)")]
    public void A_late_notice_does_not_put_off_the_amended_plan(string notice, string due, string rule)
    {
        var plan = Read("2025-01-01", Plan, Met("2024-11-22"), Reviewed("2024-12-09", ReviewOutcome.Amend), Proposed(notice))
            .The(ObligationCode.AmendedPlan);

        Assert.Equal(Day(due), plan.Due);
        Assert.Contains(rule, plan.Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2025-02-10", ObligationState.Met, 0)]
    [InlineData("2025-02-11", ObligationState.MetLate, 1)]
    public void The_amended_plan_or_word_that_there_is_none_answers_the_notice(string on, ObligationState state, int daysLate)
    {
        Fact[] facts = [Plan, Met("2024-11-22"), Reviewed("2024-12-16", ReviewOutcome.Amend), Proposed("2024-12-16")];
        FactBody[] answers = [new FactBody.AmendedPlanFinalised(), new FactBody.NotAmendingNotified(), new FactBody.PhaseTransferNamed()];

        Assert.All(answers, a => Read("2025-06-01", [.. facts, That(a, on)]).The(ObligationCode.AmendedPlan).Stands(state, on, daysLate));
    }

    [Fact]
    public void A_review_that_keeps_the_plan_calls_for_no_amended_one() =>
        Assert.Empty(Read("2025-06-01", Plan, Met("2024-11-22"), Reviewed("2024-12-16")).All(ObligationCode.AmendedPlan));

    [Fact]
    public void A_notice_long_after_a_review_that_kept_the_plan_has_eight_weeks_of_its_own()
    {
        var plan = Read("2025-06-01", Plan, Met("2024-11-22"), Reviewed("2024-12-16"), Proposed("2025-05-01"))
            .The(ObligationCode.AmendedPlan);

        Assert.Equal((Day("2025-06-26"), "AmendmentNoticeServed-2025-05-01"), (plan.Due, plan.Occasion));
        Assert.Contains("reg 28", plan.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_notice_after_the_amended_plan_is_another_amendment()
    {
        var reading = Read(
            "2025-06-01",
            Plan,
            Met("2024-11-22"),
            Reviewed("2024-12-16", ReviewOutcome.Amend),
            Proposed("2024-12-16"),
            Amended("2025-01-20"),
            Proposed("2025-05-01")
        );

        Assert.Equal([ObligationState.Met, ObligationState.Open], reading.All(ObligationCode.AmendedPlan).Select(o => o.State));
    }

    [Theory]
    [InlineData("2024-12-30", null, true)]
    [InlineData("2024-12-31", null, false)]
    [InlineData("2024-12-20", "2024-12-19", false)]
    public void The_family_has_fifteen_days_to_answer_the_proposed_amendments(string amended, string? agreed, bool early)
    {
        Fact[] facts = [Plan, Met("2024-11-22"), Reviewed("2024-12-16", ReviewOutcome.Amend), Proposed("2024-12-16"), Amended(amended)];
        Fact[] reply = agreed is null ? [] : [That(new FactBody.FamilyResponded(true), agreed)];

        Assert.Equal(early, Read("2025-06-01", [.. facts, .. reply]).Codes().Contains(FindingCode.FinalisedEarly));
    }

    [Fact]
    public void A_review_of_a_plan_that_had_ceased_starts_no_clock_and_is_reported()
    {
        var reading = Read(
            "2025-06-01",
            Plan,
            Ceased("2024-05-01"),
            Met("2024-11-22"),
            Reviewed("2024-12-16", ReviewOutcome.Amend),
            Proposed("2024-12-17")
        );

        Assert.Equal([ObligationCode.AnnualReview], reading.Obligations.Select(o => o.Code));
        Assert.Equal(3, reading.Codes().Count(c => c == FindingCode.PlanHadEnded));
    }

    [Fact]
    public void A_review_of_a_plan_that_nobody_told_of_runs_and_is_reported()
    {
        var reading = Read("2025-06-01", Met("2024-11-22"));

        Assert.Equal(ObligationState.Breached, reading.The(ObligationCode.ReviewDecision).State);
        Assert.Equal([FindingCode.PlanNotKnown], reading.Codes());
    }

    [Fact]
    public void Contradictory_review_decisions_and_second_plans_are_reported()
    {
        Assert.Contains(
            FindingCode.ContradictoryReviewDecisions,
            Read(
                    "2025-06-01",
                    Plan,
                    Reviewed("2024-11-01"),
                    That(new FactBody.ReviewDecisionNotified(ReviewOutcome.Cease), "2024-11-01", "Other")
                )
                .Codes()
        );
        Assert.Contains(FindingCode.PlanFinalisedTwice, Read("2025-06-01", Plan, Planned("2024-02-01")).Codes());
        Assert.DoesNotContain(
            FindingCode.PlanFinalisedTwice,
            Read("2025-06-01", Plan, Ceased("2024-01-01"), Planned("2024-02-01")).Codes()
        );
    }

    [Fact]
    public void Coronavirus_reaches_the_year_and_the_decision_and_not_the_amended_plan()
    {
        var claim = Claimed("2020-12-01", new(ExceptionGround.Coronavirus));
        Fact[] facts = [Planned("2019-06-01"), Met("2020-04-20"), Reviewed("2020-07-01", ReviewOutcome.Amend), claim];

        var reading = Read("2021-01-01", facts);

        Assert.Equal(ObligationState.Disapplied, reading.All(ObligationCode.AnnualReview)[0].State);
        Assert.Equal(ObligationState.Disapplied, reading.The(ObligationCode.ReviewDecision).State);
        Assert.Equal(ObligationState.Breached, reading.The(ObligationCode.AmendedPlan).State); // Due 2020-07-13.
    }
}
