using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

/// <summary>The whole law again, read by somebody else and written to be obvious and slow.</summary>
/// <remarks>
/// Which facts stand is worked out here, what the standing facts come to in <see cref="SlowCase"/>. Nothing of the library is
/// used but the shapes of facts and of what is compared.
/// </remarks>
internal static class SlowOracle
{
    /// <summary>What is compared of an obligation.</summary>
    /// <param name="Ground">Of a disapplied one, the wire name of the ground.</param>
    public sealed record Line(
        string Code,
        string? AdviceId,
        string? Occasion,
        string Obligor,
        DateOnly Start,
        DateOnly Target,
        DateOnly Due,
        ObligationState State,
        DateOnly? DoneOn,
        int DaysLate,
        DateOnly? EndedOn,
        bool ExceptionHolds,
        string? Ground,
        bool Guidance
    )
    {
        public static Line Of(Obligation o) =>
            new(
                o.Code,
                o.AdviceId,
                o.Occasion,
                o.Obligor,
                o.Start,
                o.Target,
                o.Due,
                o.State,
                o.DoneOn,
                o.DaysLate,
                o.EndedOn,
                o.ExceptionHolds,
                o.Ground?.Split(',')[0],
                o.Guidance
            );
    }

    /// <summary>Facts that count, each with the name of its place.</summary>
    public sealed record Standing(Fact Fact, string Place);

    /// <summary>What the facts of the case come to, by code, advice and occasion.</summary>
    public static List<Line> Count(IReadOnlyList<Fact> facts, DateOnly asOf) => Count(StandingOf(facts), asOf);

    public static List<Line> Count(IEnumerable<Standing> standing, DateOnly asOf) =>
        Sorted(new SlowCase(Bolton, [.. standing.Where(s => s.Fact.CaseId == Case && s.Fact.Authority == Bolton)], asOf).Lines());

    /// <summary>In an order that does not depend on who counted.</summary>
    public static List<Line> Sorted(IEnumerable<Line> lines) =>
        [
            .. lines
                .OrderBy(l => l.Code, StringComparer.Ordinal)
                .ThenBy(l => l.AdviceId, StringComparer.Ordinal)
                .ThenBy(l => l.Occasion, StringComparer.Ordinal)
                .ThenBy(l => l.Start),
        ];

    /// <summary>
    /// Facts that no standing fact retracts and whose place no correction holds; replacements between facts that reach each
    /// other are void.
    /// </summary>
    public static List<Standing> StandingOf(IReadOnlyList<Fact> told)
    {
        var facts = told.Distinct().ToList();
        var count = facts.Count;
        var corrects = new bool[count, count];
        var retracts = new bool[count, count];
        var reaches = new bool[count, count];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
            {
                var sameSender = facts[i].Organisation == facts[j].Organisation;
                corrects[i, j] = sameSender && facts[i].Corrects == facts[j].FactId;
                retracts[i, j] = sameSender && facts[i].Body is FactBody.Retracted { FactId: var id } && id == facts[j].FactId;
                reaches[i, j] = corrects[i, j] || retracts[i, j];
            }
        }
        for (var via = 0; via < count; via++)
        {
            for (var i = 0; i < count; i++)
            {
                for (var j = 0; reaches[i, via] && j < count; j++)
                {
                    reaches[i, j] |= reaches[via, j];
                }
            }
        }
        var stands = new bool?[count];
        var succeeded = new bool?[count];
        return [.. Enumerable.Range(0, count).Where(Stands).Select(i => new Standing(facts[i], PlaceOf(i)))];

        bool Stands(int i) => stands[i] ??= !Any(j => retracts[j, i] && !reaches[i, j] && Stands(j)) && !Succeeded(i);

        bool Succeeded(int i) => succeeded[i] ??= Any(j => Takes(j, i));

        // A correction outside any circle that counts itself, or whose own correction does.
        bool Takes(int j, int i) => corrects[j, i] && !reaches[i, j] && (Stands(j) || Succeeded(j));

        bool Any(Func<int, bool> holds) => Enumerable.Range(0, count).Any(holds);

        // Down the chain of corrections to its first, as long as no other correction of the same fact has the better claim.
        string PlaceOf(int i)
        {
            var (sender, id, corrected) = (facts[i].Organisation, facts[i].FactId, facts[i].Corrects);
            if (corrected is not null)
            {
                var target = facts.FindIndex(f => f.Organisation == sender && f.FactId == corrected);
                var rivals = Enumerable
                    .Range(0, count)
                    .Where(j => facts[j].Organisation == sender && facts[j].Corrects == corrected)
                    .Where(j => target < 0 ? Stands(j) || Succeeded(j) : Takes(j, target));
                var first = rivals.Select(j => facts[j].FactId).Order(StringComparer.Ordinal).FirstOrDefault();
                if (first == id && target >= 0)
                {
                    return PlaceOf(target);
                }
                id = first == id ? corrected : id;
            }
            return sender == facts[i].Authority && !id.Contains('/') ? id : $"{sender}/{id}";
        }
    }
}
