using SendExchange.Chassis;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Packs;

/// <summary>A row of <c>rule_packs</c>.</summary>
internal sealed record PackRow
{
    public required int Ordinal { get; init; }
    public required string Id { get; init; }
    public required string Document { get; init; }
    public required string Reason { get; init; }
    public required string AppliedBy { get; init; }
    public required DateTimeOffset AppliedAt { get; init; }
}

/// <summary>The law that cases are read under: the one that the program knows, with the packs that have been applied.</summary>
/// <remarks>Which there are is asked each time, in one number; what they say never changes, and is read once.</remarks>
public sealed class LawInForce
{
    private volatile Packs _known = new([], [Law.Current]);

    /// <summary>The law in force as this transaction sees it.</summary>
    /// <remarks>
    /// Ask after locking the cases that are to be read. A case that another read under more packs had been locked until that
    /// was committed, so that they are seen here too, and nobody overwrites a reading by one of an older law.
    /// </remarks>
    internal async Task<Law> At(Transaction tx) => (await Known(tx)).Laws[^1];

    /// <summary>The law that was in force with the first <paramref name="packs"/>; for a number that <see cref="At"/> has seen.</summary>
    internal Law With(int packs) => _known.Laws[packs];

    /// <summary>The law as it was at an instant: with what had been applied before.</summary>
    internal async Task<Law> Before(Database database, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var packs = await database.Transact(Known, cancellationToken);
        return packs.Laws[packs.Rows.TakeWhile(row => row.AppliedAt < instant).Count()];
    }

    /// <summary>All packs, with the law before the first and after each.</summary>
    internal async Task<Packs> Known(Transaction tx)
    {
        var packs = await tx.One<int>("select count(*) from rule_packs");
        var known = _known;
        if (known.Rows.Count < packs)
        {
            known = Read(
                await tx.Query<PackRow>("select ordinal, id, document, reason, applied_by, applied_at from rule_packs order by ordinal")
            );
            if (_known.Rows.Count < known.Rows.Count)
            {
                _known = known;
            }
        }
        return known.Rows.Count == packs ? known : new Packs([.. known.Rows.Take(packs)], [.. known.Laws.Take(packs + 1)]);
    }

    private static Packs Read(IReadOnlyList<PackRow> rows)
    {
        var laws = new List<Law> { Law.Current };
        foreach (var row in rows)
        {
            var pack =
                ProposedPack.Read(row.Document, laws[^1], out var faults)
                ?? throw new InvalidOperationException(
                    $"Rule pack {row.Id} is in force but cannot be read: {string.Join("; ", faults.Select(f => $"{f.Where} {f.Problem}"))}."
                );
            laws.Add(laws[^1].With(pack));
        }
        return new Packs(rows, laws);
    }

    /// <param name="Rows">In the order in which they were applied.</param>
    /// <param name="Laws">One more than rows: the law with the first none, one, two, … of them.</param>
    internal sealed record Packs(IReadOnlyList<PackRow> Rows, IReadOnlyList<Law> Laws);
}
