using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

/// <summary>Random histories of one case: plausible, contradictory and impossible ones. The same seed gives the same one.</summary>
/// <remarks>
/// Dense in what is hard: each history dwells on a few matters, its days lie on and around limits of each other and around
/// days on which the law or the clock changed, and anything may be corrected or retracted.
/// </remarks>
internal sealed class RandomHistories
{
    private const string School = "school:105154";
    private const string OldAuthority = "la:351";

    // Days between facts that put one on, just before or just after a limit that the other starts.
    private static readonly int[] Spans = [7, 14, 15, 28, 35, 42, 56, 70, 77, 84, 98, 112, 140, 182, 365, 366, 548];

    // Starts of the Regulations, of the law on detained persons and on appeals, the one-off day of 2015, both ends of the
    // coronavirus window, leap days, nights on which the clocks change, days of reg 18, holidays.
    private static readonly DateOnly[] Landmarks =
    [
        .. new[]
        {
            "2014-09-01",
            "2015-03-23",
            "2015-04-01",
            "2015-05-31",
            "2016-02-29",
            "2019-12-13",
            "2020-02-29",
            "2020-05-01",
            "2020-05-08",
            "2020-09-25",
            "2022-06-02",
            "2023-05-08",
            "2024-02-15",
            "2024-02-29",
            "2024-03-31",
            "2024-10-27",
            "2024-12-25",
            "2025-01-31",
            "2025-08-31",
            "2027-12-27",
        }.Select(Day),
    ];

    private readonly Random random;
    private readonly DateOnly origin;
    private readonly bool pandemic; // Its limits fall around the ends of the coronavirus window, and it claims them.
    private readonly int[] matters; // Which kinds of fact it dwells on.
    private readonly List<DateOnly> days = [];

    public RandomHistories(int seed)
    {
        random = new Random(seed);
        pandemic = random.Next(8) == 0;
        origin =
            pandemic ? Day("2019-10-01").AddDays(random.Next(200))
            : random.Next(4) == 0 ? Day("2014-06-01").AddDays(random.Next(5000))
            : Landmarks[random.Next(Landmarks.Length)].AddDays(-random.Next(200));
        matters = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(9)), .. pandemic ? [8] : Array.Empty<int>()];
        AsOf = random.Next(10) == 0 ? origin.AddDays(random.Next(-30, 900)) : origin.AddDays(300 + random.Next(900));
    }

    public DateOnly AsOf { get; }

    /// <summary>Up to 30 facts, no two of one sender and id, some of which correct, retract or circle each other, some of other cases.</summary>
    public List<Fact> Facts()
    {
        var facts = new List<Fact>();
        var count = random.Next(3) == 0 ? random.Next(0, 31) : random.Next(2, 14);
        while (facts.Count < count)
        {
            var body = random.Next(14) == 0 ? new FactBody.Retracted(AnyId()) : AnyStep();
            var corrects = (string?)null;
            var by = AnySender(body);
            if (facts.Count > 0 && random.Next(9) == 0)
            {
                // Of the same sender, most often by the same kind of fact on another day.
                var wrong = facts[random.Next(facts.Count)];
                (by, corrects) = (wrong.Organisation, wrong.FactId);
                body = random.Next(3) == 0 ? body : wrong.Body;
            }
            else if (random.Next(40) == 0)
            {
                corrects = AnyId();
            }
            var caseId = random.Next(40) == 0 ? "C2" : Case;
            facts.Add(new Fact(by, NewId(by), Bolton, caseId, AnyDay(), body, corrects));
        }
        return facts;

        // Two senders may use one id, and an id may look like one of another sender's.
        string NewId(string by)
        {
            var last = facts.Count > 0 ? facts[^1].FactId : "";
            return random.Next(12) == 0 && last.Length > 0 && !facts.Exists(f => f.Organisation == by && f.FactId == last) ? last
                : random.Next(40) == 0 ? $"{Board}/F{facts.Count}"
                : $"F{facts.Count}";
        }

        // Ahead of those made so far as well, so that circles and unknown targets occur.
        string AnyId() => $"F{random.Next(count + 1)}";
    }

    /// <summary>The same facts and a few more, each on or around a day that matters to the facts before it.</summary>
    /// <param name="daysThatMatter">Of facts, the last days of the limits that they start.</param>
    public List<Fact> FactsAimedAt(Func<List<Fact>, IReadOnlyList<DateOnly>> daysThatMatter)
    {
        var facts = Facts();
        for (var more = random.Next(4); more > 0; more--)
        {
            var matter = daysThatMatter(facts);
            if (matter.Count > 0)
            {
                var on = matter[random.Next(matter.Count)].AddDays(random.Next(-1, 3));
                var body = AnyStep();
                facts.Add(new Fact(AnySender(body), $"F{facts.Count}", Bolton, Case, on, body));
            }
        }
        return facts;
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

    /// <summary>A day near those of the facts: on one, at a limit from it, or long after.</summary>
    public DateOnly AnyDay()
    {
        var day =
            days.Count == 0 ? origin
            : random.Next(12) == 0 ? Landmarks[random.Next(Landmarks.Length)]
            : random.Next(10) == 0 ? origin.AddDays(random.Next(900))
            : days[random.Next(days.Count)];
        day = random.Next(9) switch
        {
            0 or 1 => day,
            2 => day.AddDays(random.Next(-2, 3)),
            3 => day.AddMonths(new[] { -18, -5, 3, 12 }[random.Next(4)]).AddDays(random.Next(-1, 2)),
            _ => day.AddDays(Spans[random.Next(Spans.Length)] + random.Next(-1, 2)),
        };
        if (pandemic && random.Next(3) == 0)
        {
            var edge = random.Next(2) == 0 ? Day("2020-05-01") : Day("2020-09-25");
            day = edge.AddDays(random.Next(-1, 2) - Spans[random.Next(Spans.Length)]);
        }
        // Kept near the origin, or the days would wander off into years where nothing meets anything.
        if (day < origin.AddDays(-600) || day > origin.AddDays(1200))
        {
            day = origin.AddDays(random.Next(60));
        }
        days.Add(day);
        return day;
    }

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

    private string? MaybeUrn() =>
        random.Next(4) == 0 ? null
        : random.Next(6) == 0 ? "100000"
        : School["school:".Length..];

    private string? AnyObligor() => new[] { null, Board, Bolton, "ccg:15M", "trust:RX4" }[random.Next(5)];

    // Mostly who would say it, often somebody who may not.
    private string AnySender(FactBody body) =>
        body switch
        {
            _ when random.Next(12) == 0 => new[] { Board, School, OldAuthority, "ccg:15M" }[random.Next(4)],
            FactBody.AdviceGiven or FactBody.MediationActionDone or FactBody.MediationReported or FactBody.AppointmentMissed => random.Next(
                2
            ) == 0
                ? Board
                : Bolton,
            FactBody.PlanTransferred => random.Next(2) == 0 ? OldAuthority : Bolton,
            FactBody.SchoolReplied or FactBody.ReviewMeetingHeld => random.Next(2) == 0 ? School : Bolton,
            FactBody.ExceptionClaimed => random.Next(4) == 0 ? Board : Bolton,
            _ => Bolton,
        };

    private FactBody AnyStep() =>
        random.Next(6) == 0 ? AnyEnd()
        : random.Next(8) == 0 ? Claim()
        : (random.Next(6) == 0 ? random.Next(9) : matters[random.Next(matters.Length)]) switch
        {
            0 => OfAssessment(),
            1 => OfAdviceAndSchools(),
            2 => OfOrders(),
            3 => OfMediation(),
            4 => OfTransfers(),
            5 => OfReviews(),
            6 => OfPhaseTransfers(),
            7 => OfReassessment(),
            _ => Claim(),
        };

    private FactBody AnyEnd() =>
        random.Next(9) switch
        {
            0 or 1 => new FactBody.PlanCeased(),
            2 => new FactBody.MovedOut(),
            3 => new FactBody.RequestWithdrawn(),
            4 => new FactBody.NoPlanNotified(),
            5 or 6 => new FactBody.PlanFinalised(),
            7 => AnyOrder(random.Next(2) == 0 ? AppealIssue.Continue : Any<AppealIssue>()),
            _ => new FactBody.AmendedPlanFinalised(),
        };

    private FactBody AnyOrder(AppealIssue issue) =>
        random.Next(3) == 0 ? new FactBody.AppealUnopposed(issue) : new FactBody.TribunalOrdered(issue);

    private FactBody OfAssessment() =>
        random.Next(12) switch
        {
            0 or 1 or 2 => new FactBody.RequestReceived(Any<RequestSource>(), random.Next(5) == 0),
            3 => new FactBody.BroughtToAttention(Any<RequestSource>()),
            4 => new FactBody.BecameResponsible(MaybeDay()),
            5 or 6 => new FactBody.DecisionNotified(AssessmentDecision.Assess),
            7 => new FactBody.DecisionNotified(AssessmentDecision.DoNotAssess),
            8 => new FactBody.NoPlanNotified(),
            9 => random.Next(2) == 0 ? new FactBody.DraftPlanServed() : new FactBody.FamilyResponded(random.Next(2) == 0),
            10 => AnyOrder(random.Next(2) == 0 ? AppealIssue.Assess : AppealIssue.MakePlan),
            _ => new FactBody.PlanFinalised(),
        };

    private FactBody OfAdviceAndSchools() =>
        random.Next(9) switch
        {
            0 or 1 => new FactBody.AdviceSought(
                AnyAdvice(),
                random.Next(4) == 0 ? Any<AdviceKind>() : AdviceKind.Medical,
                random.Next(3) == 0 ? "care:350" : Board,
                MaybeDay()
            ),
            2 => new FactBody.AdviceGiven(AnyAdvice()),
            3 => new FactBody.AdviceReceived(AnyAdvice()),
            4 => new FactBody.AppointmentMissed(AnyAdvice()),
            5 => new FactBody.ExceptionClaimed(ExceptionGround.MissedAppointment, AdviceId: AnyAdvice()),
            6 => new FactBody.DecisionNotified(AssessmentDecision.DoNotAssess),
            7 => new FactBody.SchoolConsulted(MaybeUrn()),
            _ => new FactBody.SchoolReplied(MaybeUrn()),
        };

    private FactBody OfOrders() =>
        random.Next(14) switch
        {
            < 5 => AnyOrder(Any<AppealIssue>()),
            5 => new FactBody.DecisionNotified(AssessmentDecision.Assess),
            6 => new FactBody.ReassessmentDecided(ReassessmentDecision.Reassess),
            7 => new FactBody.NoPlanNotified(),
            8 => new FactBody.DraftPlanServed(),
            9 => new FactBody.PlanFinalised(),
            10 => new FactBody.AmendedPlanFinalised(),
            11 => random.Next(2) == 0 ? new FactBody.ReassessedPlanFinalised() : new FactBody.PhaseTransferNamed(),
            12 => new FactBody.MediationAgreed(Any<MediationIssue>(), AgreedDate: MaybeDay()),
            _ => new FactBody.PlanCeased(),
        };

    private FactBody OfMediation() =>
        random.Next(8) switch
        {
            < 3 => new FactBody.MediationAgreed(
                random.Next(2) == 0 ? MediationIssue.OtherAction : Any<MediationIssue>(),
                AnyObligor(),
                random.Next(2) == 0,
                random.Next(2) == 0 ? null : AnyDay()
            ),
            3 => new FactBody.MediationActionDone(),
            4 => new FactBody.MediationReported(),
            5 => new FactBody.AmendedPlanFinalised(),
            6 => new FactBody.DraftPlanServed(),
            _ => new FactBody.PlanFinalised(),
        };

    private FactBody OfTransfers() =>
        random.Next(8) switch
        {
            0 or 1 => new FactBody.PlanTransferredIn(random.Next(6) == 0 ? null : OldAuthority, MaybeDay(), MaybeDay(), MaybeDay()),
            2 or 3 => new FactBody.PlanTransferred(),
            4 => new FactBody.TransferFamilyInformed(),
            5 => new FactBody.ReviewDecisionNotified(Any<ReviewOutcome>()),
            6 => new FactBody.MovedOut(),
            _ => new FactBody.PlanFinalised(),
        };

    private FactBody OfReviews() =>
        random.Next(14) switch
        {
            < 3 => new FactBody.ReviewMeetingHeld(),
            < 6 => new FactBody.ReviewDecisionNotified(random.Next(2) == 0 ? ReviewOutcome.Amend : Any<ReviewOutcome>()),
            < 9 => new FactBody.AmendmentNoticeServed(),
            9 => new FactBody.AmendedPlanFinalised(),
            10 => new FactBody.NotAmendingNotified(),
            11 => new FactBody.PlanFinalised(),
            12 => new FactBody.PlanCeased(),
            _ => new FactBody.PhaseTransferNamed(),
        };

    private FactBody OfPhaseTransfers() =>
        random.Next(6) switch
        {
            0 or 1 or 2 => new FactBody.PhaseTransferExpected(Any<PhaseTransferKind>(), random.Next(8) == 0 ? null : AnyTransfer()),
            3 or 4 => new FactBody.PhaseTransferNamed(),
            _ => random.Next(2) == 0 ? new FactBody.PlanFinalised() : new FactBody.PlanTransferredIn(OldAuthority),
        };

    private DateOnly AnyTransfer() => random.Next(2) == 0 ? new DateOnly(AnyDay().Year + random.Next(2), 9, 1) : AnyDay();

    private FactBody OfReassessment() =>
        random.Next(8) switch
        {
            0 or 1 => new FactBody.ReassessmentRequested(),
            2 or 3 => new FactBody.ReassessmentDecided(ReassessmentDecision.Reassess),
            4 => new FactBody.ReassessmentDecided(ReassessmentDecision.DoNotReassess),
            5 => new FactBody.ReassessedPlanFinalised(),
            6 => AnyOrder(AppealIssue.Reassess),
            _ => new FactBody.PlanCeased(),
        };

    private FactBody.ExceptionClaimed Claim()
    {
        var obligation = random.Next(2) == 0 ? null : ObligationCode.All[random.Next(random.Next(2) == 0 ? 6 : ObligationCode.All.Count)];
        var adviceId = random.Next(4) == 0 ? AnyAdvice() : null;
        var from = AnyDay();
        var length = new[] { 13, 14, 15, 27, 28, 29, 60 }[random.Next(7)];
        return (pandemic && random.Next(2) == 0 ? 2 : random.Next(5)) switch
        {
            0 => new(
                random.Next(2) == 0 ? ExceptionGround.SchoolClosure : ExceptionGround.EarlyYearsClosure,
                obligation,
                adviceId,
                random.Next(6) == 0 ? MaybeDay()
                    : random.Next(2) == 0 ? from.AddDays(random.Next(-8, -5))
                    : from.AddDays(length - 7 + random.Next(-1, 2)),
                from,
                from.AddDays(length)
            ),
            1 => new(
                ExceptionGround.AbsentFromArea,
                obligation,
                adviceId,
                AbsentFrom: random.Next(8) == 0 ? null : from,
                ReturnedOn: random.Next(4) == 0 ? null : from.AddDays(length)
            ),
            2 => new(ExceptionGround.Coronavirus, pandemic ? null : obligation, pandemic ? null : adviceId),
            3 => new(ExceptionGround.ExceptionalCircumstances, obligation, adviceId, ReasonGiven: random.Next(4) > 0),
            _ => new(
                Any<ExceptionGround>(),
                obligation,
                adviceId,
                MaybeDay(),
                MaybeDay(),
                MaybeDay(),
                MaybeDay(),
                MaybeDay(),
                random.Next(2) == 0
            ),
        };
    }
}
