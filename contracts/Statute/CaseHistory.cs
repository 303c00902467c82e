using System.Runtime.InteropServices;

namespace SendExchange.Statute;

/// <summary>What has happened in a case by the day asked about: its standing facts, sorted by what they are.</summary>
/// <remarks>
/// A fact dated after the day asked about has not happened yet: it has no effect, and a finding says so. "First" is by day;
/// facts of the same day are taken by sender and id.
/// </remarks>
internal sealed class CaseHistory
{
    private readonly FindingList findings;
    private int knownCount;
    private readonly StandingFacts standing;
    private readonly Dictionary<string, Advice> adviceById = [];

    private CaseHistory(StandingFacts standing, DateOnly asOf, FindingList findings)
    {
        this.standing = standing;
        AsOf = asOf;
        this.findings = findings;
    }

    public DateOnly AsOf { get; }

    /// <summary>The first day after <see cref="AsOf"/> on which something is said to happen.</summary>
    public DateOnly? NextFactOn { get; private set; }

    /// <summary>The fact that starts the authority's clock.</summary>
    public Fact? Start { get; private set; }

    /// <summary>D0. Only meaningful where there is a <see cref="Start"/>.</summary>
    public DateOnly StartOn { get; private set; }

    public Fact? FirstRequest { get; private set; }

    /// <summary>The first request was for a detained child or young person.</summary>
    public bool Detained => FirstRequest?.Body is FactBody.RequestReceived { Detained: true };

    public List<Fact> Decisions { get; } = new(1);

    public Fact? FirstNoPlan { get; private set; }

    public Fact? FirstDraft { get; private set; }

    public Fact? FirstPlan => Plans?[0];

    /// <summary>Finalised plans.</summary>
    public List<Fact>? Plans { get; private set; }

    /// <summary>The family's replies that agree to finalise before its fifteen days are over.</summary>
    public List<Fact>? AgreedReplies { get; private set; }

    /// <summary>The first withdrawal of the request or move out of the area.</summary>
    public Fact? Withdrawal => Departures?[0];

    /// <summary>Withdrawals of the request and moves out of the area.</summary>
    public List<Fact>? Departures { get; private set; }

    /// <summary>Consultations of schools, and their replies.</summary>
    public List<Fact>? Consultations { get; private set; }

    /// <summary>What happened that is no step of an assessment: mediation, orders, transfers, reviews, reassessments.</summary>
    public List<Fact>? Beyond { get; private set; }

    /// <summary>Everything that has happened, by day.</summary>
    public ReadOnlySpan<Fact> Known => CollectionsMarshal.AsSpan(standing.ByDay)[..knownCount];

    /// <summary>The first order, unopposed appeal or mediation agreement that calls for an assessment.</summary>
    public Fact? AssessOrder { get; private set; }

    /// <summary>The first order, unopposed appeal or mediation agreement that calls for an assessment or a plan.</summary>
    public Fact? PlanOrder { get; private set; }

    /// <summary>The first of <see cref="PlanOrder"/> and of orders to reassess or reconsider.</summary>
    public Fact? AnyClockOrder { get; private set; }

    /// <summary>Where nothing starts the clock: the first fact that an assessment is under way all the same.</summary>
    public Fact? FirstSign { get; private set; }

    public List<Fact>? Mediations { get; private set; }

    /// <summary>Tribunal orders and unopposed appeals.</summary>
    public List<Fact>? Appeals { get; private set; }

    public List<Fact>? Claims { get; private set; }

    /// <summary>Requests for advice, by their ids.</summary>
    public List<Advice> AdviceSought { get; } = [];

    /// <param name="standing">The standing facts of the case.</param>
    /// <param name="authority">Whose case it is.</param>
    /// <param name="asOf">The day asked about.</param>
    /// <param name="findings">Takes what is odd.</param>
    public static CaseHistory Of(StandingFacts standing, string authority, DateOnly asOf, FindingList findings)
    {
        var history = new CaseHistory(standing, asOf, findings);
        var facts = standing.ByDay;
        foreach (var fact in facts)
        {
            if (fact.On <= asOf)
            {
                history.knownCount++;
                history.Take(fact);
                continue;
            }
            history.NextFactOn ??= fact.On;
            findings.Add(FindingCode.DatedInFuture, $"{fact.Kind} is dated {fact.On:yyyy-MM-dd}, which has not come yet", fact);
        }
        history.FirstSign = history.Start is null ? facts.Find(f => f.On <= asOf && IsSign(f.Body)) : null;
        history.FindLaterStarts(facts);
        history.FindContradictoryDecisions();
        history.SortAdvice(facts, authority);
        return history;
    }

    /// <summary>Names the fact's place among the facts of the case, see <see cref="StandingFacts.PlaceOf"/>.</summary>
    public string PlaceOf(Fact fact) => standing.PlaceOf(fact);

    /// <summary>The first fact of a kind on a day or later.</summary>
    public Fact? First<T>(DateOnly from)
        where T : FactBody
    {
        foreach (var fact in Known)
        {
            if (fact.On >= from && fact.Body is T)
            {
                return fact;
            }
        }
        return null;
    }

    /// <summary>The first fact on a day or later that is what is asked for.</summary>
    public Fact? First(DateOnly from, Predicate<Fact> which)
    {
        foreach (var fact in Known)
        {
            if (fact.On >= from && which(fact))
            {
                return fact;
            }
        }
        return null;
    }

    /// <summary>The first move out of the area on a day or later.</summary>
    public Fact? Moved(DateOnly from) => Departures?.Find(f => f.On >= from && f.Body is FactBody.MovedOut);

    /// <summary>The first withdrawal or move out of the area on a day or later.</summary>
    public Fact? Departed(DateOnly from) => Departures?.Find(f => f.On >= from);

    /// <summary>The first time on a day or later that the plan ceased and no order undid it.</summary>
    /// <remarks>An order to continue the plan, or the authority's giving up of that appeal, undoes a ceasing by its day.</remarks>
    public Fact? Ceased(DateOnly from) => Beyond is null ? null : First(from, f => f.Body is FactBody.PlanCeased && EndsPlan(f));

    private bool EndsPlan(Fact fact) =>
        fact.Body is FactBody.MovedOut || (fact.Body is FactBody.PlanCeased && First(fact.On, o => Continues(o.Body)) is null);

    /// <summary>What ends duties about the plan from a day on: that it ceased, or that the child moved away.</summary>
    public Ending? PlanEnd(DateOnly from) =>
        Ending.First(Ending.By(ObligationState.NotApplicable, Ceased(from)), Ending.By(ObligationState.Withdrawn, Moved(from)));

    /// <summary>Reports a step in the life of a plan that had ended on an earlier day, with none made or brought since.</summary>
    /// <returns>True where it had.</returns>
    public bool PlanHadEnded(Fact step)
    {
        Fact? end = null;
        foreach (var fact in Known)
        {
            if (fact.On < step.On && EndsPlan(fact))
            {
                end = fact;
            }
        }
        if (end is null || First(end.On.Plus(1), f => f.On <= step.On && MakesPlan(f.Body)) is not null)
        {
            return false;
        }
        findings.Add(
            FindingCode.PlanHadEnded,
            $"{step.Kind} on {step.On:yyyy-MM-dd}, after {end.Kind} on {end.On:yyyy-MM-dd}; it starts no clock",
            [end, step]
        );
        return true;
    }

    /// <summary>A plan begins, or begins again, in this authority.</summary>
    public static bool MakesPlan(FactBody body) =>
        body is FactBody.PlanFinalised or FactBody.ReassessedPlanFinalised or FactBody.PlanTransferredIn;

    /// <summary>An order, or the giving up of an appeal, by which a plan goes on.</summary>
    public static bool Continues(FactBody body) =>
        body
            is FactBody.TribunalOrdered { Issue: AppealIssue.Continue or AppealIssue.ContinueAndAmend }
                or FactBody.AppealUnopposed { Issue: AppealIssue.Continue or AppealIssue.ContinueAndAmend };

    private void Take(Fact fact)
    {
        switch (fact.Body)
        {
            case FactBody.AdviceSought sought:
                TakeAdviceSought(fact, sought);
                break;
            case FactBody.AdviceReceived received:
                AdviceNamed(received.AdviceId).Came(fact);
                break;
            case FactBody.AdviceGiven given:
                AdviceNamed(given.AdviceId).Came(fact);
                break;
            case FactBody.RequestReceived:
                FirstRequest ??= fact;
                TakeStart(fact);
                break;
            case FactBody.DecisionNotified:
                Decisions.Add(fact);
                break;
            case FactBody.PlanFinalised:
                (Plans ??= new(1)).Add(fact);
                break;
            case FactBody.DraftPlanServed:
                FirstDraft ??= fact;
                break;
            case FactBody.FamilyResponded { AgreesToFinalise: true }:
                (AgreedReplies ??= []).Add(fact);
                break;
            case FactBody.NoPlanNotified:
                FirstNoPlan ??= fact;
                break;
            case FactBody.ExceptionClaimed:
                (Claims ??= []).Add(fact);
                break;
            case FactBody.AppointmentMissed missed:
                (AdviceNamed(missed.AdviceId).Missed ??= []).Add(fact);
                break;
            case FactBody.BroughtToAttention:
            case FactBody.BecameResponsible:
                TakeStart(fact);
                break;
            case FactBody.RequestWithdrawn:
            case FactBody.MovedOut:
                (Departures ??= new(1)).Add(fact);
                break;
            case FactBody.SchoolConsulted:
            case FactBody.SchoolReplied:
                (Consultations ??= []).Add(fact);
                break;
            case FactBody.MediationAgreed { Issue: var issue }:
                (Beyond ??= []).Add(fact);
                (Mediations ??= []).Add(fact);
                TakeOrder(fact, toAssess: issue == MediationIssue.Assess, toPlan: issue == MediationIssue.MakePlan);
                break;
            case FactBody.TribunalOrdered { Issue: var issue }:
                TakeAppeal(fact, issue);
                break;
            case FactBody.AppealUnopposed { Issue: var issue }:
                TakeAppeal(fact, issue);
                break;
            case FactBody.FamilyResponded:
            case FactBody.AdviceReused:
            case FactBody.SectionGAgreed:
            case FactBody.EarlyYearsNotified:
            case FactBody.Retracted:
                break;
            default:
                (Beyond ??= []).Add(fact);
                break;
        }
    }

    private static bool IsSign(FactBody body) =>
        body
            is FactBody.DecisionNotified
                or FactBody.AdviceSought
                or FactBody.ExceptionClaimed
                or FactBody.NoPlanNotified
                or FactBody.DraftPlanServed
                or FactBody.FamilyResponded
                or FactBody.PlanFinalised
                or FactBody.RequestWithdrawn;

    private void TakeAppeal(Fact fact, AppealIssue issue)
    {
        (Beyond ??= []).Add(fact);
        (Appeals ??= []).Add(fact);
        TakeOrder(fact, toAssess: issue == AppealIssue.Assess, toPlan: issue == AppealIssue.MakePlan);
        if (issue is AppealIssue.Reassess or AppealIssue.Reconsider)
        {
            AnyClockOrder ??= fact;
        }
    }

    private void TakeOrder(Fact fact, bool toAssess, bool toPlan)
    {
        if (toAssess)
        {
            AssessOrder ??= fact;
        }
        if (toAssess || toPlan)
        {
            PlanOrder ??= fact;
            AnyClockOrder ??= fact;
        }
    }

    private void TakeStart(Fact fact)
    {
        var on = StartDay(fact);
        if (Start is null || on < StartOn)
        {
            (Start, StartOn) = (fact, on);
        }
    }

    // A move starts the clock on the later of the move and the authority's learning of it: reading A10 of CFA 2014 s.24.
    private static DateOnly StartDay(Fact fact) =>
        fact.Body is FactBody.BecameResponsible { AwareOn: { } awareOn } && awareOn > fact.On ? awareOn : fact.On;

    private void TakeAdviceSought(Fact fact, FactBody.AdviceSought sought)
    {
        var advice = AdviceNamed(sought.AdviceId);
        if (advice.Sought is not { } first)
        {
            advice.Sought = fact;
            advice.Request = sought;
        }
        else if (advice.Request!.From != sought.From || advice.Request.Kind != sought.Kind)
        {
            findings.Add(
                FindingCode.DuplicateAdvice,
                $"advice {sought.AdviceId} was sought twice, of different bodies or kinds; the request of {first.On:yyyy-MM-dd} counts",
                [first, fact]
            );
        }
    }

    private Advice AdviceNamed(string adviceId)
    {
        if (!adviceById.TryGetValue(adviceId, out var found))
        {
            adviceById.Add(adviceId, found = new Advice(adviceId));
        }
        return found;
    }

    private void FindLaterStarts(List<Fact> facts)
    {
        if (Start is null)
        {
            return;
        }
        foreach (var fact in facts)
        {
            var starts = fact.Body is FactBody.RequestReceived or FactBody.BroughtToAttention or FactBody.BecameResponsible;
            if (starts && fact.On <= AsOf && StartDay(fact) > StartOn)
            {
                findings.Add(
                    FindingCode.SecondStart,
                    $"{fact.Kind} on {StartDay(fact):yyyy-MM-dd}, but the clock has run since {Start.Kind} on {StartOn:yyyy-MM-dd}",
                    [Start, fact]
                );
            }
        }
    }

    private void FindContradictoryDecisions()
    {
        for (var i = 1; i < Decisions.Count; i++)
        {
            if (Decisions[i].On == Decisions[i - 1].On && Decisions[i].Body != Decisions[i - 1].Body)
            {
                findings.Add(
                    FindingCode.ContradictoryDecisions,
                    $"decisions to assess and not to assess, both notified on {Decisions[i].On:yyyy-MM-dd}",
                    [Decisions[i - 1], Decisions[i]]
                );
            }
        }
    }

    private void SortAdvice(List<Fact> facts, string authority)
    {
        foreach (var named in adviceById.Values)
        {
            if (named.Sought is not null)
            {
                AdviceSought.Add(named);
                if (named.IsOfBody)
                {
                    LeaveOutWhatOthersSay(named, authority);
                }
                continue;
            }
            var mentions = facts.FindAll(f => f.On <= AsOf && AdviceIdOf(f) == named.AdviceId);
            findings.Add(FindingCode.UnknownAdvice, $"nobody asked for advice {named.AdviceId} in this case", mentions);
        }
        AdviceSought.Sort(static (a, b) => string.CompareOrdinal(a.AdviceId, b.AdviceId));
    }

    // Neither the body asked nor the authority that receives it: somebody else cannot discharge the body's duty.
    private void LeaveOutWhatOthersSay(Advice advice, string authority)
    {
        if (advice.LeaveOutAllBut(authority, advice.Request!.From) is { } others)
        {
            findings.Add(
                FindingCode.NotTheirsToSay,
                $"advice {advice.AdviceId} was asked of {advice.Request.From}; what others say of it does not count",
                others
            );
        }
    }

    private static string? AdviceIdOf(Fact fact) =>
        fact.Body switch
        {
            FactBody.AdviceGiven given => given.AdviceId,
            FactBody.AdviceReceived received => received.AdviceId,
            FactBody.AppointmentMissed missed => missed.AdviceId,
            _ => null,
        };

    /// <summary>One request for advice and what came of it.</summary>
    internal sealed class Advice(string adviceId)
    {
        private List<Fact>? later;

        public string AdviceId => adviceId;

        /// <summary>The fact that it was asked for; null where only other facts name it.</summary>
        public Fact? Sought { get; set; }

        public FactBody.AdviceSought? Request { get; set; }

        /// <summary>The first fact, of the body or the authority, that it was given or received.</summary>
        public Fact? Done { get; private set; }

        /// <summary>Takes a fact that it was given or received, by day.</summary>
        public void Came(Fact fact)
        {
            if (Done is null)
            {
                Done = fact;
            }
            else
            {
                (later ??= new(1)).Add(fact);
            }
        }

        /// <summary>Takes what anyone but these two said for not said, and returns it. Null: nobody else said anything.</summary>
        /// <param name="body">Null: nobody is named, so anyone will do.</param>
        public List<Fact>? LeaveOutAllBut(string authority, string? body)
        {
            if (body is null || (later is null && (Done is null || MaySay(Done))))
            {
                return null;
            }
            List<Fact> all = [Done!, .. later ?? []];
            Done = all.Find(MaySay);
            all.RemoveAll(MaySay);
            return all.Count > 0 ? all : null;

            bool MaySay(Fact fact) => fact.Organisation == authority || fact.Organisation == body;
        }

        /// <summary>Appointments missed.</summary>
        public List<Fact>? Missed { get; set; }

        /// <summary>Parents and young people are not a body under CFA 2014 s.31, so reg 8(1) sets them no limit.</summary>
        public bool IsOfBody => Request is { Kind: not AdviceKind.ParentYp };
    }
}
