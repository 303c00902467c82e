namespace SendExchange.Statute;

/// <summary>A duty with its limit, and what the facts say became of it.</summary>
/// <param name="Provision">The provision that imposes it.</param>
/// <param name="Obligor">Who owes it.</param>
/// <param name="Start">D0.</param>
/// <param name="Because">The fact that starts it.</param>
internal sealed record Duty(Provision Provision, string Obligor, DateOnly Start, Fact Because)
{
    /// <summary>A further fact without which it would not exist, or would have another limit.</summary>
    public Fact? And { get; init; }

    /// <summary>As <see cref="And"/>.</summary>
    public Fact? AndAlso { get; init; }

    public CaseHistory.Advice? Advice { get; init; }

    /// <summary>Which of several of its kind in the case: the place of the fact that calls for it.</summary>
    public string? Occasion { get; init; }

    /// <summary>The first fact that it was done.</summary>
    public Fact? Done { get; init; }

    public Ending? Ended { get; init; }

    /// <summary>It binds only if the outcome turns out to be the one it is about, so it is not late before it is done.</summary>
    public bool OnlyIfDone { get; init; }

    /// <summary>It may well be done before its <see cref="Start"/>.</summary>
    public bool MayPrecedeStart { get; init; }

    public DateOnly Due { get; init; } = Provision.Limit.Due(Start);

    public DateOnly Target { get; init; } = Provision.Limit.Target(Start);

    /// <summary>The fact that it was done. What is done after something else ended the duty answers another one.</summary>
    public Fact? Met => Done is { } done && !(Ended?.Because.On < done.On) ? done : null;
}

/// <summary>Something other than doing it ends a duty, from its day on.</summary>
/// <param name="State">What becomes of the duty if it was not late by then.</param>
/// <param name="Because">The fact that ends it.</param>
internal sealed record Ending(ObligationState State, Fact Because)
{
    public static Ending? By(ObligationState state, Fact? because) => because is null ? null : new(state, because);

    /// <summary>The first by day; of the same day, the first named.</summary>
    public static Ending? First(params ReadOnlySpan<Ending?> endings)
    {
        Ending? first = null;
        foreach (var ending in endings)
        {
            if (ending is not null && (first is null || ending.Because.On < first.Because.On))
            {
                first = ending;
            }
        }
        return first;
    }
}

/// <summary>Turns duties into obligations as they stand on the day asked about.</summary>
internal sealed class Settlement(string authority, string caseId, CaseHistory history, FindingList findings, Law law)
{
    private readonly List<Obligation> obligations = [];
    private readonly List<string> basis = [];
    private readonly ExceptionClaims? claims = history.Claims is null
        ? null
        : new ExceptionClaims(history.Claims, history.AsOf, authority, law);

    public string Authority => authority;

    /// <summary>The first later day on which a duty settles otherwise, apart from growing a day later.</summary>
    public DateOnly? ChangesOn { get; private set; } = history.NextFactOn;

    /// <summary>Every duty settled so far, in that order.</summary>
    public ValueList<Obligation> Obligations => ValueList<Obligation>.Of(obligations);

    /// <summary>The duty that a provision, or what takes its place, imposes. Null, with a finding, where none was in force.</summary>
    /// <param name="obligor">Who owes it. Null: the authority.</param>
    public Duty? Owed(Provision provision, DateOnly start, Fact because, string? obligor = null)
    {
        if (law.InForce(provision, start) is { } inForce)
        {
            return new Duty(inForce, obligor ?? authority, start, because);
        }
        findings.Add(
            FindingCode.LawNotInForce,
            $"the limit would run from {start:yyyy-MM-dd}; {provision.Citation} applies from {provision.InForceFrom:yyyy-MM-dd}",
            because
        );
        return null;
    }

    /// <remarks>
    /// What ends a duty that was not yet late takes it away; what was already late by then stays a breach, with its days
    /// counted to that day. An exception is needed, and shows, only where there is lateness to excuse. Guidance is never late.
    /// </remarks>
    public Obligation Settle(Duty duty)
    {
        var met = duty.Met;
        var ended = met is null ? duty.Ended : null;
        var countedTo = (met ?? ended?.Because)?.On ?? history.AsOf;
        var overdue = countedTo > duty.Due && (met is not null || !duty.OnlyIfDone);
        var late = overdue && !duty.Provision.Guidance;
        var verdict = claims?.Judge(duty);
        var disapplied = late && verdict?.Holds is not null;
        var state = (met, ended, late) switch
        {
            _ when disapplied => ObligationState.Disapplied,
            (not null, _, _) => late ? ObligationState.MetLate : ObligationState.Met,
            (_, _, true) => ObligationState.Breached,
            (_, not null, _) => ended.State,
            _ => ObligationState.Open,
        };
        if (met is not null && met.On < duty.Start && !duty.MayPrecedeStart)
        {
            findings.Add(
                FindingCode.DoneBeforeStart,
                $"{duty.Provision.Obligation} was done on {met.On:yyyy-MM-dd}, before its limit began to run on {duty.Start:yyyy-MM-dd}; it counts as met",
                [duty.Because, met]
            );
        }
        if (overdue && !late)
        {
            findings.Add(
                FindingCode.GuidanceOverdue,
                $"{duty.Provision.Obligation} of {duty.Obligor} was due on {duty.Due:yyyy-MM-dd}, {duty.Provision.Citation}; guidance, so no breach",
                duty.Because
            );
        }
        if (state == ObligationState.Open && !duty.OnlyIfDone && !overdue)
        {
            ChangesNoLaterThan(duty.Due.Plus(1));
        }
        ChangesNoLaterThan(verdict?.ChangesOn);
        var obligation = new Obligation(
            caseId,
            authority,
            duty.Provision.Obligation,
            duty.Advice?.AdviceId,
            duty.Obligor,
            duty.Provision.Citation,
            RulePacks.For(duty.Provision, duty.Start, duty.Due).Id,
            duty.Start,
            duty.Target,
            duty.Due,
            London.StartOf(duty.Due.Plus(1)),
            state,
            met?.On,
            late && !disapplied ? countedTo.DayNumber - duty.Due.DayNumber : 0,
            disapplied ? verdict!.Ground : null,
            verdict?.Rejected,
            Basis(duty, met, ended, verdict?.Facts),
            verdict?.Holds is not null,
            ended?.Because.On,
            duty.Occasion,
            duty.Provision.Guidance,
            Conditional: duty.OnlyIfDone && met is null
        );
        obligations.Add(obligation);
        return obligation;
    }

    /// <summary>Reports the claims that hold for nothing. Call once, after the last duty.</summary>
    public void Close() => claims?.Report(findings);

    private void ChangesNoLaterThan(DateOnly? day)
    {
        if (day is not null && !(ChangesOn <= day))
        {
            ChangesOn = day;
        }
    }

    private ValueList<string> Basis(Duty duty, Fact? met, Ending? ended, List<Fact>? claimFacts)
    {
        basis.Clear();
        basis.Add(duty.Because.FactId);
        Take(duty.And);
        Take(duty.AndAlso);
        Take(met);
        Take(ended?.Because);
        foreach (var fact in claimFacts ?? [])
        {
            Take(fact);
        }
        basis.Sort(string.CompareOrdinal);
        return ValueList<string>.Of(basis);

        void Take(Fact? fact)
        {
            if (fact is not null && !basis.Contains(fact.FactId))
            {
                basis.Add(fact.FactId);
            }
        }
    }
}
