using System.Globalization;
using SendExchange.Statute;

namespace SendExchange.Statute.Tests;

/// <summary>Short words for the facts of one case, so that a test reads as a story. Days are written 2024-01-08.</summary>
internal static class Story
{
    public const string Bolton = "la:350";
    public const string Board = "icb:QJ2";
    public const string Case = "C1";

    public static DateOnly Day(string iso) => DateOnly.ParseExact(iso, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static DateTimeOffset Utc(string iso) =>
        DateTimeOffset.ParseExact(iso, "yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    /// <summary>A fact of Bolton's about the case. Its id is made of what and when, unless given.</summary>
    public static Fact That(FactBody body, string on, string? id = null, string by = Bolton, string? corrects = null) =>
        new(by, id ?? $"{body.GetType().Name}-{on}", Bolton, Case, Day(on), body, corrects);

    public static Fact Requested(string on, bool detained = false) =>
        That(new FactBody.RequestReceived(RequestSource.School, detained), on);

    public static Fact ToldToAssess(string on) => That(new FactBody.DecisionNotified(AssessmentDecision.Assess), on);

    public static Fact Refused(string on) => That(new FactBody.DecisionNotified(AssessmentDecision.DoNotAssess), on, $"Refused-{on}");

    public static Fact Asked(string on, string adviceId = "A1", string from = Board, string? receivedOn = null) =>
        That(
            new FactBody.AdviceSought(adviceId, AdviceKind.Medical, from, receivedOn is null ? null : Day(receivedOn)),
            on,
            $"Asked-{adviceId}-{on}"
        );

    public static Fact Gave(string on, string adviceId = "A1", string by = Board) =>
        That(new FactBody.AdviceGiven(adviceId), on, by == Board ? $"Gave-{adviceId}-{on}" : $"Gave-{adviceId}-{on}-{by}", by);

    public static Fact Received(string on, string adviceId = "A1") =>
        That(new FactBody.AdviceReceived(adviceId), on, $"Received-{adviceId}-{on}");

    public static Fact Missed(string on, string adviceId = "A1") =>
        That(new FactBody.AppointmentMissed(adviceId), on, $"Missed-{adviceId}-{on}", Board);

    public static Fact NoPlan(string on) => That(new FactBody.NoPlanNotified(), on);

    public static Fact Drafted(string on) => That(new FactBody.DraftPlanServed(), on);

    public static Fact Planned(string on) => That(new FactBody.PlanFinalised(), on);

    public static Fact Withdrawn(string on) => That(new FactBody.RequestWithdrawn(), on);

    public static Fact MovedOut(string on) => That(new FactBody.MovedOut(), on);

    public static Fact Ordered(string on, AppealIssue issue) => That(new FactBody.TribunalOrdered(issue), on);

    public static Fact Conceded(string on, AppealIssue issue) => That(new FactBody.AppealUnopposed(issue), on);

    public static Fact Mediated(string on, MediationIssue issue) => That(new FactBody.MediationAgreed(issue), on);

    public static Fact Met(string on) => That(new FactBody.ReviewMeetingHeld(), on);

    public static Fact Reviewed(string on, ReviewOutcome outcome = ReviewOutcome.Maintain) =>
        That(new FactBody.ReviewDecisionNotified(outcome), on);

    public static Fact Proposed(string on) => That(new FactBody.AmendmentNoticeServed(), on);

    public static Fact Amended(string on) => That(new FactBody.AmendedPlanFinalised(), on);

    public static Fact Ceased(string on) => That(new FactBody.PlanCeased(), on);

    public static Fact Reassessing(string on) => That(new FactBody.ReassessmentDecided(ReassessmentDecision.Reassess), on);

    public static Fact Reassessed(string on) => That(new FactBody.ReassessedPlanFinalised(), on);

    public static Fact Claimed(string on, FactBody.ExceptionClaimed claim, string? id = null) => That(claim, on, id);

    public static Fact Retracted(string factId, string on, string? id = null, string by = Bolton) =>
        That(new FactBody.Retracted(factId), on, id ?? $"Retracted-{factId}", by);

    public static CaseReading Read(string asOf, params Fact[] facts) => CaseReading.Of(facts, Bolton, Case, Day(asOf));

    public static Obligation The(this CaseReading reading, string code, string? adviceId = null) =>
        reading.Obligations.Single(o => o.Code == code && (adviceId is null || o.AdviceId == adviceId));

    public static Obligation Decision(this CaseReading reading) => reading.The(ObligationCode.DecideToAssess);

    public static Obligation Advice(this CaseReading reading, string? adviceId = null) => reading.The(ObligationCode.GiveAdvice, adviceId);

    public static Obligation NoPlanNotice(this CaseReading reading) => reading.The(ObligationCode.NotifyNoPlan);

    public static Obligation Plan(this CaseReading reading) => reading.The(ObligationCode.FinalisePlan);

    public static Obligation[] All(this CaseReading reading, string code) => [.. reading.Obligations.Where(o => o.Code == code)];

    /// <summary>The last day and the instant of breach.</summary>
    public static void Falls(this Obligation obligation, string due, string breachAt)
    {
        Assert.Equal(Day(due), obligation.Due);
        Assert.Equal(Utc(breachAt), obligation.BreachAt);
    }

    /// <summary>How it stands: state, day done, days late.</summary>
    public static void Stands(this Obligation obligation, ObligationState state, string? doneOn = null, int daysLate = 0) =>
        Assert.Equal(
            (state, doneOn is null ? (DateOnly?)null : Day(doneOn), daysLate),
            (obligation.State, obligation.DoneOn, obligation.DaysLate)
        );

    public static string[] Codes(this CaseReading reading) => [.. reading.Findings.Select(f => f.Code)];
}
