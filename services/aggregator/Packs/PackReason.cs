using SendExchange.Aggregator.Clock;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Packs;

/// <summary>Says of a breach's correction that a pack made it, where the same facts under the law before would not have.</summary>
/// <param name="row">The case, with the packs it was last read under.</param>
/// <param name="facts">All facts of it.</param>
/// <param name="law">The law it is read under now.</param>
internal sealed class PackReason(ClaimedRow row, IReadOnlyList<Fact> facts, DateOnly today, Law law, LawInForce inForce)
{
    private IReadOnlyList<Obligation>? _before;

    /// <summary>The change, with the packs named in its reason where they made it.</summary>
    /// <param name="breach">As recorded.</param>
    /// <param name="now">Null: it is owed no longer.</param>
    public BreachChange For(BreachChange change, BreachRow? breach, Obligation? now)
    {
        if (change is not BreachChange.Corrected corrected || breach is null || row.Packs is not { } packs || packs >= law.Applied.Count)
        {
            return change;
        }
        _before ??= CaseReading.Of(facts, row.Authority, row.CaseId, today, inForce.With(packs)).Obligations;
        var before = _before.FirstOrDefault(o => ObligationKey.Of(o) == breach.Key && o.Obligor == breach.Obligor);
        if (before is not null == now is not null && before?.Due == now?.Due && before?.State == now?.State)
        {
            return change;
        }
        var named = string.Join(" and ", law.Applied.Skip(packs).Select(p => $"{p.Id} ({p.Citation})"));
        return corrected with { Reason = $"Under rule pack {named}: {corrected.Reason}" };
    }
}
