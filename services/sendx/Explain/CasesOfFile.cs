using SendExchange.Statute;

namespace SendExchange.Sendx;

/// <summary>The facts of a file by case, in the order in which the file first names a case.</summary>
internal sealed class CasesOfFile
{
    private readonly Dictionary<(string Authority, string CaseId), Case> _byId = [];
    private readonly List<Fact> _replacements = [];
    private Case? _latest;

    internal sealed record Case(string Authority, string CaseId, List<Fact> Facts);

    public List<Case> Cases { get; } = [];
    public long Facts { get; private set; }
    public long Faults { get; private set; }

    public void Add(FactBlocks.BlockRead block)
    {
        foreach (var fact in block.Facts)
        {
            // Most files have a case's facts next to each other.
            if (_latest?.CaseId != fact.CaseId || _latest.Authority != fact.Authority)
            {
                _latest = CaseOf(fact);
            }
            _latest.Facts.Add(fact);
            if (fact.Corrects is not null || fact.Body is FactBody.Retracted)
            {
                _replacements.Add(fact);
            }
        }
        Facts += block.Facts.Count;
        Faults += block.Faults.Count;
    }

    /// <summary>A fact may correct or retract one of another case: that case must know of it, as in the aggregator.</summary>
    public void AddReplacementsFromOtherCases()
    {
        if (_replacements.Count == 0)
        {
            return;
        }
        var byTarget = _replacements
            .SelectMany(fact => Targets(fact).Select(target => (Target: (fact.Organisation, target), Fact: fact)))
            .ToLookup(replacement => replacement.Target, replacement => replacement.Fact);
        foreach (var one in Cases)
        {
            HashSet<Fact>? added = null;
            // The list grows under the loop: what replaces a replacement belongs here too.
            for (var i = 0; i < one.Facts.Count; i++)
            {
                foreach (var foreign in byTarget[(one.Facts[i].Organisation, one.Facts[i].FactId)])
                {
                    if ((foreign.CaseId != one.CaseId || foreign.Authority != one.Authority) && (added ??= []).Add(foreign))
                    {
                        one.Facts.Add(foreign);
                    }
                }
            }
        }
    }

    private static IEnumerable<string> Targets(Fact fact)
    {
        if (fact.Corrects is { } corrected)
        {
            yield return corrected;
        }
        if (fact.Body is FactBody.Retracted retracted)
        {
            yield return retracted.FactId;
        }
    }

    private Case CaseOf(Fact fact)
    {
        if (!_byId.TryGetValue((fact.Authority, fact.CaseId), out var found))
        {
            found = new Case(fact.Authority, fact.CaseId, []);
            _byId.Add((fact.Authority, fact.CaseId), found);
            Cases.Add(found);
        }
        return found;
    }
}
