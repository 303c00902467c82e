namespace SendExchange.Statute;

/// <summary>A provision that sets a limit.</summary>
/// <remarks>Compared by identity: two rows may say the same.</remarks>
/// <param name="obligation">The <see cref="ObligationCode"/> it imposes.</param>
/// <param name="duty">What must be done, in a few words that follow "to".</param>
/// <param name="limit">How long there is.</param>
/// <param name="citation">The provision as a lawyer would cite it.</param>
/// <param name="url">Where to read it.</param>
/// <param name="pack">The version of the law it belongs to.</param>
public sealed class Provision(string obligation, string duty, TimeLimit limit, string citation, string url, RulePack pack)
{
    public string Obligation => obligation;

    public string Duty => duty;

    public TimeLimit Limit => limit;

    public string Citation => citation;

    public string Url => url;

    public RulePack Pack => pack;

    /// <summary>The first D0 it applies to.</summary>
    public DateOnly InForceFrom { get; init; } = pack.From;

    /// <summary>The last D0 it applies to, inclusive. Null: still in force.</summary>
    public DateOnly? InForceTo { get; init; } = pack.By == Transition.LimitStarts ? pack.To : null;

    /// <summary>The provision whose place it takes while it is in force. It has that one's exceptions.</summary>
    public Provision? Amends { get; init; }

    /// <summary>How the text is read where it leaves a choice. Null where it leaves none beyond that of its unit.</summary>
    public string? Reading { get; init; }

    /// <summary>Statutory guidance, not law: it is never breached, only overdue.</summary>
    public bool Guidance { get; init; }

    public bool InForceOn(DateOnly start) => start >= InForceFrom && !(start > InForceTo);

    public override string ToString() => $"{Obligation}, {Citation}";
}

/// <summary>The provisions and exceptions that a case is read under: those in force, or a proposed change to them.</summary>
/// <remarks>
/// A value: <see cref="With(Provision)"/> and the like give another law and leave this one as it is. Reading the same facts
/// under two laws shows what a change would move.
/// </remarks>
public sealed class Law
{
    private readonly Provision[] provisions;
    private readonly Provision[] amendments; // Latest in-force date first.
    private readonly Dictionary<Provision, ExceptionRule[]> exceptions;

    private Law(string name, Provision[] provisions, ExceptionRule[] rules, ProposedPack[] applied)
    {
        Name = name;
        this.provisions = provisions;
        Applied = applied;
        // Of two from one day the one made later.
        amendments = [.. Enumerable.Reverse(provisions).Where(p => p.Amends is not null).OrderByDescending(p => p.InForceFrom)];
        exceptions = rules.GroupBy(r => r.Provision).ToDictionary(g => g.Key, g => g.ToArray());
        Exceptions = rules;
    }

    /// <summary>The law as it is, with what it was.</summary>
    public static Law Current { get; } = new("current", [.. Statute.Provisions.All], [.. ExceptionTable.All], []);

    public string Name { get; }

    public IReadOnlyList<Provision> Provisions => provisions;

    public IReadOnlyList<ExceptionRule> Exceptions { get; }

    /// <summary>The packs that made it what it is, in the order in which they did.</summary>
    public IReadOnlyList<ProposedPack> Applied { get; }

    /// <summary>This law with a pack that was read against it.</summary>
    public Law With(ProposedPack pack)
    {
        var changed = pack.ChangeTo(this);
        return new Law(Name, changed.provisions, [.. changed.Exceptions], [.. Applied, pack]);
    }

    /// <summary>This law with one more provision, e.g. one that <see cref="Provision.Amends"/> another from a day on.</summary>
    public Law With(Provision provision) => new(Name, [.. provisions, provision], [.. Exceptions], [.. Applied]);

    /// <summary>This law with one more exception.</summary>
    public Law With(ExceptionRule rule) => new(Name, provisions, [.. Exceptions, rule], [.. Applied]);

    /// <summary>This law without an exception.</summary>
    public Law Without(ExceptionRule rule) => new(Name, provisions, [.. Exceptions.Where(r => r != rule)], [.. Applied]);

    /// <summary>This law under another name, for reports that compare two.</summary>
    public Law Named(string name) => new(name, provisions, [.. Exceptions], [.. Applied]);

    /// <summary>This law, with another limit for a duty from a day on: <c>finalise_plan</c> of 18 weeks from 2027-09-01.</summary>
    /// <param name="amended">The provision of this law whose limit would change.</param>
    /// <param name="limit">What it would become.</param>
    /// <param name="from">The first D0 it would apply to.</param>
    /// <param name="citation">How the change is named in <see cref="Obligation.Rule"/>.</param>
    /// <param name="to">The last D0 it would apply to. Null: from then on.</param>
    public Law With(Provision amended, TimeLimit limit, DateOnly from, string citation, DateOnly? to = null) =>
        With(
            new Provision(
                amended.Obligation,
                amended.Duty,
                limit,
                citation,
                amended.Url,
                new RulePack($"proposed-{from:yyyy-MM-dd}", citation, citation, amended.Url, Transition.LimitStarts, from, to)
            )
            {
                Amends = amended,
                Reading = amended.Reading,
                Guidance = amended.Guidance,
            }
        );

    /// <summary>The provision, or the one that has taken its place, where the limit runs from this day. Null: not in force.</summary>
    internal Provision? InForce(Provision provision, DateOnly start)
    {
        foreach (var amendment in amendments)
        {
            if (ReferenceEquals(amendment.Amends, provision) && amendment.InForceOn(start))
            {
                return amendment;
            }
        }
        return provision.InForceOn(start) ? provision : null;
    }

    /// <summary>The exception of that ground to a limit with these days.</summary>
    /// <returns>
    /// Null when the ground cannot reach the limit in those days; but for a temporary ground its rule nevertheless, so that
    /// why it does not hold can be said.
    /// </returns>
    public ExceptionRule? Exception(Provision provision, ExceptionGround ground, DateOnly start, DateOnly due)
    {
        for (var source = provision; source is not null; source = source.Amends)
        {
            if (exceptions.TryGetValue(source, out var rules))
            {
                foreach (var rule in rules)
                {
                    if (rule.Ground == ground && (ground == ExceptionGround.Coronavirus || rule.Pack.AppliesTo(start, due)))
                    {
                        return rule;
                    }
                }
            }
        }
        return null;
    }

    /// <returns>Null when the ground cannot reach the limit on any day.</returns>
    public ExceptionRule? Exception(Provision provision, ExceptionGround ground)
    {
        for (var source = provision; source is not null; source = source.Amends)
        {
            if (exceptions.TryGetValue(source, out var rules))
            {
                foreach (var rule in rules)
                {
                    if (rule.Ground == ground)
                    {
                        return rule;
                    }
                }
            }
        }
        return null;
    }
}
