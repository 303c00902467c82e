namespace SendExchange.Statute;

/// <summary>Who held a case on a day. The order is that of precedence where several did.</summary>
public enum Holder
{
    /// <summary>The dispute about a refusal to assess or to make a plan, until an order, an agreement or a change of mind.</summary>
    Dispute = 1,

    /// <summary>A closure or absence for which a claimed exception to the limit for the plan holds.</summary>
    Closure,

    /// <summary>The authority, until it notifies whether it will assess.</summary>
    Deciding,

    /// <summary>The family, for the fifteen days beginning with the draft plan, or until it agrees to finalise.</summary>
    Family,

    /// <summary>A school that was consulted and has not replied.</summary>
    School,

    /// <summary>A body that was asked for advice and has not given it, until a draft plan is served without it.</summary>
    Advice,

    /// <summary>The authority, at all other times: drafting and finalising.</summary>
    Drafting,
}

/// <param name="Holder">Who held the case.</param>
/// <param name="Organisation">Which body or school. Null where the holder says it all, or it is not known.</param>
/// <param name="AdviceId">For <see cref="Holder.Advice"/>: which request.</param>
/// <param name="Days">On how many days.</param>
public sealed record DaysHeld(Holder Holder, string? Organisation, string? AdviceId, int Days);

/// <summary>Where the days of a case went, from the start of its clock to its outcome or the day asked about.</summary>
/// <remarks>
/// Each day has one holder, so the entries add up to <paramref name="Days"/>. A day belongs to who held the case at its end: the
/// day of a request counts, the day of the outcome does not. Where several held it, the first by <see cref="Holder"/> has the
/// day; of several schools or bodies the one asked first, then by its name. It is an account of time, not of fault: a body that
/// answers within its six weeks holds the case as well.
/// </remarks>
/// <param name="From">D0 of the assessment.</param>
/// <param name="To">
/// The day of the first plan, withdrawal or move from then on; of a refusal or no-plan notice that nothing has followed;
/// otherwise the day asked about.
/// </param>
/// <param name="Days">From one to the other.</param>
/// <param name="Entries">By holder, organisation and advice.</param>
public sealed record DaysLedger(DateOnly From, DateOnly To, int Days, IReadOnlyList<DaysHeld> Entries)
{
    /// <summary>Accounts for the days of one case. Pure.</summary>
    /// <param name="facts">All facts known of the case, as for <see cref="CaseReading.Of"/>.</param>
    /// <param name="authority">Whose case it is, e.g. <c>la:350</c>.</param>
    /// <param name="caseId">That authority's reference of the case.</param>
    /// <param name="asOf">The day asked about, Europe/London.</param>
    /// <param name="law">Null: <see cref="Law.Current"/>.</param>
    /// <returns>Null where nothing started the clock by then.</returns>
    public static DaysLedger? Of(IEnumerable<Fact> facts, string authority, string caseId, DateOnly asOf, Law? law = null)
    {
        var unheard = new FindingList(authority, caseId);
        var standing = StandingFacts.Of(facts, authority, caseId, unheard);
        var history = CaseHistory.Of(standing, authority, asOf, unheard);
        if (history.Start is not { } start || history.StartOn > asOf)
        {
            return null;
        }
        var spans = SpansOf(history, start, authority, law ?? Law.Current, out var to);
        return Account(spans, history.StartOn, to);
    }

    // One holder's claim to the days from one to the day before the other.
    private sealed record Span(Holder Holder, DateOnly From, DateOnly To, string? Organisation = null, string? AdviceId = null);

    private static DaysLedger Account(List<Span> spans, DateOnly from, DateOnly to)
    {
        // Between two neighbouring edges nothing changes, so one look at the first day settles them all.
        var edges = new SortedSet<DateOnly> { from, to };
        foreach (var span in spans)
        {
            edges.Add(DateArithmetic.Later(from, DateArithmetic.Earlier(span.From, to)));
            edges.Add(DateArithmetic.Later(from, DateArithmetic.Earlier(span.To, to)));
        }
        var held = new Dictionary<(Holder, string?, string?), int>();
        DateOnly? first = null;
        foreach (var edge in edges)
        {
            if (first is { } day)
            {
                var (holder, organisation, adviceId) = HolderOn(day, spans);
                var key = (holder, organisation, adviceId);
                held[key] = held.GetValueOrDefault(key) + edge.DayNumber - day.DayNumber;
            }
            first = edge;
        }
        var entries = held.Select(h => new DaysHeld(h.Key.Item1, h.Key.Item2, h.Key.Item3, h.Value))
            .OrderBy(h => h.Holder)
            .ThenBy(h => h.Organisation, StringComparer.Ordinal)
            .ThenBy(h => h.AdviceId, StringComparer.Ordinal);
        return new DaysLedger(from, to, to.DayNumber - from.DayNumber, new ValueList<DaysHeld>([.. entries]));
    }

    private static (Holder Holder, string? Organisation, string? AdviceId) HolderOn(DateOnly day, List<Span> spans)
    {
        Span? holder = null;
        foreach (var span in spans)
        {
            if (span.From <= day && day < span.To && (holder is null || Precedes(span, holder)))
            {
                holder = span;
            }
        }
        return holder is null ? (Holder.Drafting, null, null) : (holder.Holder, holder.Organisation, holder.AdviceId);
    }

    private static bool Precedes(Span a, Span b)
    {
        var order = a.Holder.CompareTo(b.Holder);
        order = order != 0 ? order : a.From.CompareTo(b.From);
        order = order != 0 ? order : string.CompareOrdinal(a.Organisation, b.Organisation);
        return (order != 0 ? order : string.CompareOrdinal(a.AdviceId, b.AdviceId)) < 0;
    }

    private static List<Span> SpansOf(CaseHistory history, Fact start, string authority, Law law, out DateOnly to)
    {
        var from = history.StartOn;
        to = history.AsOf;
        to = DateArithmetic.Earlier(to, history.Plans?.Find(p => p.On >= from)?.On ?? to);
        to = DateArithmetic.Earlier(to, history.Departed(from)?.On ?? to);
        List<Span> spans = [];
        foreach (var fact in history.Known)
        {
            if (fact.On < from || fact.On >= to || !Closes(fact.Body))
            {
                continue;
            }
            if (history.First(fact.On, f => Reopens(f.Body)) is not { } reopened)
            {
                to = fact.On;
                break;
            }
            spans.Add(new Span(Holder.Dispute, fact.On, reopened.On));
        }
        var duty = new Duty(history.Detained ? Provisions.FinalisePlanDetained : Provisions.FinalisePlan, authority, from, start);
        foreach (var claim in history.Claims is { } claims ? new ExceptionClaims(claims, history.AsOf, authority, law).Holding(duty) : [])
        {
            AddClosure(claim, to, spans);
        }
        spans.Add(new Span(Holder.Deciding, from, history.First(from, f => Decides(f.Body))?.On ?? to));
        foreach (var fact in history.Known)
        {
            if (fact.On < from)
            {
                continue;
            }
            if (IsOrderToAssess(fact.Body))
            {
                spans.Add(new Span(Holder.Deciding, fact.On, history.First(fact.On, f => Decides(f.Body))?.On ?? to));
            }
            else if (fact.Body is FactBody.DraftPlanServed)
            {
                var windowEnds = Provisions.AllowRepresentations.Limit.Due(fact.On).Plus(1);
                var agreed = history.AgreedReplies?.Find(r => r.On >= fact.On)?.On ?? windowEnds;
                spans.Add(new Span(Holder.Family, fact.On, DateArithmetic.Earlier(windowEnds, agreed)));
            }
        }
        AddSchools(history, to, spans);
        AddAdvice(history, to, spans);
        return spans;
    }

    private static void AddClosure(FactBody.ExceptionClaimed claim, DateOnly to, List<Span> spans)
    {
        if (claim is { ClosedFrom: { } closed, ReopensOn: { } reopens })
        {
            spans.Add(new Span(Holder.Closure, closed, reopens));
        }
        else if (claim is { Ground: ExceptionGround.AbsentFromArea, AbsentFrom: { } left })
        {
            spans.Add(new Span(Holder.Closure, left, claim.ReturnedOn ?? to));
        }
    }

    private static void AddSchools(CaseHistory history, DateOnly to, List<Span> spans)
    {
        foreach (var fact in history.Consultations ?? [])
        {
            if (fact.Body is FactBody.SchoolConsulted { Urn: var urn })
            {
                var replied = SchoolConsultations.ReplyTo(fact, urn, history);
                spans.Add(new Span(Holder.School, fact.On, replied?.On ?? to, SchoolConsultations.NameOf(urn)));
            }
        }
    }

    private static void AddAdvice(CaseHistory history, DateOnly to, List<Span> spans)
    {
        foreach (var advice in history.AdviceSought)
        {
            if (advice.IsOfBody)
            {
                var asked = advice.Request!.ReceivedByBodyOn ?? advice.Sought!.On;
                var drafted = history.First<FactBody.DraftPlanServed>(asked)?.On ?? to;
                var ends = DateArithmetic.Earlier(advice.Done?.On ?? to, drafted);
                spans.Add(new Span(Holder.Advice, asked, ends, advice.Request.From, advice.AdviceId));
            }
        }
    }

    private static bool Closes(FactBody body) =>
        body is FactBody.NoPlanNotified or FactBody.DecisionNotified { Outcome: AssessmentDecision.DoNotAssess };

    private static bool Reopens(FactBody body) =>
        body
            is FactBody.DecisionNotified { Outcome: AssessmentDecision.Assess }
                or FactBody.DraftPlanServed
                or FactBody.PlanFinalised
                or FactBody.MediationAgreed { Issue: MediationIssue.Assess or MediationIssue.MakePlan }
                or FactBody.TribunalOrdered { Issue: AppealIssue.Assess or AppealIssue.MakePlan or AppealIssue.Reconsider }
                or FactBody.AppealUnopposed { Issue: AppealIssue.Assess or AppealIssue.MakePlan or AppealIssue.Reconsider };

    private static bool IsOrderToAssess(FactBody body) =>
        body
            is FactBody.MediationAgreed { Issue: MediationIssue.Assess }
                or FactBody.TribunalOrdered { Issue: AppealIssue.Assess }
                or FactBody.AppealUnopposed { Issue: AppealIssue.Assess };

    private static bool Decides(FactBody body) =>
        body is FactBody.DecisionNotified or FactBody.NoPlanNotified or FactBody.DraftPlanServed or FactBody.PlanFinalised;
}
