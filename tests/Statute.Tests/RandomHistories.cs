using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

/// <summary>Random histories of one case: plausible, contradictory and impossible ones. The same seed gives the same one.</summary>
internal sealed class RandomHistories(int seed)
{
    private const string School = "school:105154";
    private static readonly DateOnly Origin = new(2019, 11, 1);
    private readonly Random random = new(seed);

    public DateOnly AsOf { get; } = Origin.AddDays(new Random(seed).Next(0, 900));

    /// <summary>Up to 30 facts with distinct ids, some of which correct, retract or circle each other, some of other cases.</summary>
    public List<Fact> Facts()
    {
        var facts = new List<Fact>();
        var count = random.Next(0, 31);
        for (var i = 0; i < count; i++)
        {
            var by = random.Next(5) == 0 ? AnyBody() : Bolton;
            var body =
                random.Next(8) == 0 ? new FactBody.Retracted(AnyId())
                : random.Next(3) == 0 ? AnyLaterStep()
                : Body();
            var corrects = random.Next(8) == 0 ? AnyId() : null;
            var caseId = random.Next(12) == 0 ? "C2" : Case;
            facts.Add(new Fact(by, $"F{i}", Bolton, caseId, AnyDay(), body, corrects));
        }
        return facts;

        // Ahead of those made so far as well, so that circles and unknown targets occur.
        string AnyId() => $"F{random.Next(count + 2)}";
    }

    /// <summary>The same facts in another order, some of them twice.</summary>
    public List<Fact> Rearranged(IReadOnlyList<Fact> facts)
    {
        var again = facts.Where(_ => random.Next(3) == 0).Select(f => f with { });
        var arrived = facts.Concat(again).ToArray();
        random.Shuffle(arrived);
        return [.. arrived];
    }

    public int Next(int below) => random.Next(below);

    // Few distinct days near each other make ties and edges frequent.
    private DateOnly AnyDay() => Origin.AddDays(random.Next(3) == 0 ? random.Next(0, 900) : 7 * random.Next(0, 40));

    private DateOnly? MaybeDay() => random.Next(4) == 0 ? null : AnyDay();

    private string AnyAdvice() => $"A{random.Next(3)}";

    private T Any<T>()
        where T : struct, Enum
    {
        if (random.Next(60) == 0)
        {
            return (T)(object)99; // A later version's.
        }
        var values = Enum.GetValues<T>();
        return values[random.Next(values.Length)];
    }

    private string AnyBody() => random.Next(4) == 0 ? School : Board;

    private string? MaybeUrn() => random.Next(3) == 0 ? null : School["school:".Length..];

    // Steps of mediation, transfers, reviews and reassessments, which need a plan more often than they have one.
    private FactBody AnyLaterStep() =>
        random.Next(20) switch
        {
            0 => new FactBody.SchoolConsulted(MaybeUrn()),
            1 => new FactBody.SchoolReplied(MaybeUrn()),
            2 => new FactBody.MediationAgreed(
                random.Next(2) == 0 ? MediationIssue.OtherAction : Any<MediationIssue>(),
                random.Next(3) == 0 ? null : AnyObligor(),
                random.Next(2) == 0,
                random.Next(2) == 0 ? null : AnyDay()
            ),
            3 => new FactBody.MediationActionDone(),
            4 => new FactBody.MediationReported(),
            5 => new FactBody.PlanTransferredIn(random.Next(4) == 0 ? null : "la:351", MaybeDay(), MaybeDay(), MaybeDay()),
            6 => new FactBody.PlanTransferred(),
            7 => new FactBody.TransferFamilyInformed(),
            8 or 9 => new FactBody.ReviewMeetingHeld(),
            10 or 11 => new FactBody.ReviewDecisionNotified(random.Next(2) == 0 ? ReviewOutcome.Amend : Any<ReviewOutcome>()),
            12 => new FactBody.AmendmentNoticeServed(),
            13 => random.Next(2) == 0 ? new FactBody.AmendedPlanFinalised() : new FactBody.NotAmendingNotified(),
            14 => new FactBody.PhaseTransferExpected(Any<PhaseTransferKind>(), MaybeDay()),
            15 => new FactBody.PhaseTransferNamed(),
            16 => new FactBody.ReassessmentRequested(),
            17 => new FactBody.ReassessmentDecided(Any<ReassessmentDecision>()),
            18 => new FactBody.ReassessedPlanFinalised(),
            _ => random.Next(2) == 0 ? new FactBody.PlanCeased() : new FactBody.MovedOut(),
        };

    private string AnyObligor() => random.Next(2) == 0 ? Board : Bolton;

    private FactBody Body() =>
        random.Next(22) switch
        {
            0 or 1 or 2 => new FactBody.RequestReceived(Any<RequestSource>(), random.Next(6) == 0),
            3 => new FactBody.BroughtToAttention(Any<RequestSource>()),
            4 => new FactBody.BecameResponsible(MaybeDay()),
            5 or 6 or 7 => new FactBody.DecisionNotified(random.Next(3) == 0 ? AssessmentDecision.DoNotAssess : AssessmentDecision.Assess),
            8 or 9 => new FactBody.AdviceSought(AnyAdvice(), Any<AdviceKind>(), random.Next(2) == 0 ? Board : "care:350", MaybeDay()),
            10 => new FactBody.AdviceGiven(AnyAdvice()),
            11 => new FactBody.AdviceReceived(AnyAdvice()),
            12 => new FactBody.AppointmentMissed(AnyAdvice()),
            13 or 14 => Claim(),
            15 => new FactBody.NoPlanNotified(),
            16 => random.Next(2) == 0 ? new FactBody.DraftPlanServed() : new FactBody.FamilyResponded(random.Next(2) == 0),
            17 or 18 => new FactBody.PlanFinalised(),
            19 => random.Next(2) == 0 ? new FactBody.RequestWithdrawn() : new FactBody.MovedOut(),
            20 => new FactBody.MediationAgreed(Any<MediationIssue>()),
            _ => random.Next(2) == 0 ? new FactBody.TribunalOrdered(Any<AppealIssue>()) : new FactBody.AppealUnopposed(Any<AppealIssue>()),
        };

    private FactBody.ExceptionClaimed Claim() =>
        new(
            Any<ExceptionGround>(),
            random.Next(2) == 0 ? null : ObligationCode.All[random.Next(random.Next(2) == 0 ? 6 : ObligationCode.All.Count)],
            random.Next(3) == 0 ? AnyAdvice() : null,
            MaybeDay(),
            MaybeDay(),
            MaybeDay(),
            MaybeDay(),
            MaybeDay(),
            random.Next(2) == 0
        );
}
