using SendExchange.Contracts;
using SendExchange.Education.V1;
using LocalAuthorities = SendExchange.Statute.LocalAuthorities;

namespace SendExchange.Benchmarks;

/// <summary>
/// Facts of active plans and open assessments as an authority would have sent them by a day, the same for the same seed. Of
/// both kinds a share has something that falls due on that very day; the rest is spread over the year, or the twenty weeks.
/// </summary>
internal sealed class Caseload(DateOnly today, double dueToday)
{
    private const int Seed = 20140901;
    private const double Late = 0.05; // Reviews, and assessments beyond their twenty weeks.
    private const double WithAssessment = 0.3; // Plans made since the authority began to send facts.
    private const double Amended = 0.2; // Reviews.
    private const double PhaseTransfer = 0.12;
    private const int MostYears = 5;

    private readonly Random _random = new(Seed);
    private int _facts;

    /// <summary>Each case's facts, plans and assessments mixed, over all authorities.</summary>
    public IEnumerable<(string Authority, string CaseId, IReadOnlyList<AssessmentFact> Facts)> Cases(int plans, int assessments)
    {
        for (var number = 0; number < plans + assessments; number++)
        {
            var authority = LocalAuthorities.All[number % LocalAuthorities.All.Count].Organisation;
            var caseId = $"C{number:D7}";
            var isPlan = (long)number * plans / (plans + assessments) != (long)(number + 1) * plans / (plans + assessments);
            var facts = new List<AssessmentFact>();
            var tell = new Telling(this, facts, authority, caseId);
            if (isPlan)
            {
                Plan(tell);
            }
            else
            {
                Assessment(tell);
            }
            yield return (authority, caseId, facts);
        }
    }

    private void Plan(Telling tell)
    {
        var chance = _random.NextDouble();
        var last =
            chance < dueToday ? today.AddMonths(-12)
            : chance < dueToday + Late ? today.AddDays(-_random.Next(366, 500))
            : today.AddDays(-_random.Next(0, 364));
        var years = _random.Next(MostYears);
        var made = last.AddMonths(-12 * years);
        if (_random.NextDouble() < WithAssessment)
        {
            ToTheDraft(tell, made.AddDays(-_random.Next(120, 160)), made);
        }
        tell.That(made, f => f.PlanFinalised = new PlanFinalised());
        for (var year = years - 1; year >= 0; year--)
        {
            var decided = last.AddMonths(-12 * year);
            var amended = _random.NextDouble() < Amended;
            tell.That(decided.AddDays(-_random.Next(7, 28)), f => f.ReviewMeetingHeld = new ReviewMeetingHeld());
            tell.That(
                decided,
                f =>
                    f.ReviewDecisionNotified = new ReviewDecisionNotified
                    {
                        Outcome = amended ? ReviewOutcome.Amend : ReviewOutcome.Maintain,
                    }
            );
            if (amended)
            {
                tell.That(decided, f => f.AmendmentNoticeServed = new AmendmentNoticeServed());
                tell.That(decided.AddDays(_random.Next(30, 56)), f => f.AmendedPlanFinalised = new AmendedPlanFinalised());
            }
        }
        if (_random.NextDouble() < PhaseTransfer)
        {
            tell.That(
                today.AddDays(-_random.Next(1, 60)),
                f =>
                    f.PhaseTransferExpected = new PhaseTransferExpected
                    {
                        Kind = PhaseTransferKind.School,
                        TransferOn = $"{today.Year + 1}-09-01",
                    }
            );
        }
    }

    private void Assessment(Telling tell)
    {
        var chance = _random.NextDouble();
        var running =
            chance < dueToday ? 140
            : chance < dueToday + Late ? _random.Next(141, 250)
            : _random.Next(0, 140);
        ToTheDraft(tell, today.AddDays(-running), today);
    }

    private void ToTheDraft(Telling tell, DateOnly requested, DateOnly until)
    {
        tell.Until = until;
        tell.That(requested, f => f.RequestReceived = new RequestReceived { Source = RequestSource.School });
        var decided = requested.AddDays(_random.Next(20, 48));
        tell.That(decided, f => f.DecisionNotified = new DecisionNotified { Outcome = AssessmentDecision.Assess });
        foreach (
            var (kind, from) in new[]
            {
                (AdviceKind.Medical, "icb:QJ2"),
                (AdviceKind.SocialCare, "care:350"),
                (AdviceKind.Education, "school:105154"),
            }
        )
        {
            var adviceId = $"{tell.CaseId}-{kind}";
            tell.That(
                decided.AddDays(2),
                f =>
                    f.AdviceSought = new AdviceSought
                    {
                        AdviceId = adviceId,
                        Kind = kind,
                        From = from,
                    }
            );
            tell.That(decided.AddDays(_random.Next(20, 60)), f => f.AdviceReceived = new AdviceReceived { AdviceId = adviceId });
        }
        tell.That(decided.AddDays(70), f => f.DraftPlanServed = new DraftPlanServed());
        tell.Until = today;
    }

    private sealed class Telling(Caseload caseload, List<AssessmentFact> facts, string authority, string caseId)
    {
        public string CaseId => caseId;

        /// <summary>What would be later has not happened.</summary>
        public DateOnly Until { get; set; } = caseload.Today;

        public void That(DateOnly on, Action<AssessmentFact> what)
        {
            if (on > Until)
            {
                return;
            }
            var fact = new AssessmentFact
            {
                FactId = $"f{++caseload._facts:D8}",
                Organisation = authority,
                Authority = authority,
                CaseId = caseId,
                On = on.ToString("yyyy-MM-dd"),
            };
            what(fact);
            facts.Add(fact);
        }
    }

    private DateOnly Today => today;
}
