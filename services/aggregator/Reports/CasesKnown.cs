using SendExchange.Aggregator.Clock;
using SendExchange.Aggregator.Packs;
using SendExchange.Chassis;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Reports;

/// <summary>A case with what had been told of it by the end of a day.</summary>
/// <param name="Facts">Null: one of them cannot be read, and must not take the other cases along.</param>
internal sealed record KnownCase(string Authority, string CaseId, IReadOnlyList<Fact>? Facts, DateOnly Day, Law Law)
{
    /// <summary>As it read at the end of that day.</summary>
    public CaseReading? Read() => Facts is null ? null : CaseReading.Of(Facts, Authority, CaseId, Day, Law);

    /// <summary>Where its days had gone by then. Null also where no clock had started.</summary>
    public DaysLedger? Account() => Facts is null ? null : DaysLedger.Of(Facts, Authority, CaseId, Day, Law);
}

/// <summary>Cases afresh from what had been told by an instant: principle 1 of the design, run backwards.</summary>
internal static class CasesKnown
{
    /// <summary>Each case of the authorities, with what was known of it, and the law in force, at the end of <paramref name="day"/>.</summary>
    /// <param name="clause">Ends a where clause; see the scope of a report.</param>
    /// <param name="logger">Hears of each case that cannot be read.</param>
    public static async IAsyncEnumerable<KnownCase> On(
        Database database,
        LawInForce inForce,
        DateOnly day,
        string clause,
        IReadOnlyList<string> authorities,
        ILogger logger,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var until = London.StartOf(day.AddDays(1));
        var law = await inForce.Before(database, until, cancellationToken);
        // Corrections that stand in another case come with the case they reach.
        var rows = database.Stream<KnownRow>(
            $"""
            with recursive reaching (case_key, authority, case_id, organisation, fact_id, fact) as (
                select c.case_key, c.authority, c.case_id, f.organisation, f.fact_id, f.fact
                from cases c join facts f on f.case_key = c.case_key
                where f.recorded_at < @until {clause}
                union
                select r.case_key, r.authority, r.case_id, g.organisation, g.fact_id, g.fact
                from reaching r join facts g on g.organisation = r.organisation and g.replaces = r.fact_id
                where g.recorded_at < @until
            )
            select case_key, authority, case_id, fact from reaching order by case_key
            """,
            new { until, authorities },
            cancellationToken
        );
        KnownRow? first = null;
        var facts = new List<Fact>();
        var unreadable = false;
        await foreach (var row in rows)
        {
            if (first is not null && row.CaseKey != first.CaseKey)
            {
                yield return Of(first);
                facts = [];
                unreadable = false;
            }
            first = row.CaseKey == first?.CaseKey ? first : row;
            if (unreadable)
            {
                continue;
            }
            try
            {
                facts.Add(ReadCases.Parse(row.Fact));
            }
            catch (FormatException problem)
            {
                Log.CaseLeftOut(logger, row.CaseKey, day, problem);
                unreadable = true;
            }
        }
        if (first is not null)
        {
            yield return Of(first);
        }

        KnownCase Of(KnownRow row) => new(row.Authority, row.CaseId, unreadable ? null : facts, day, law);
    }

    private sealed class KnownRow
    {
        public required string CaseKey { get; init; }
        public required string Authority { get; init; }
        public required string CaseId { get; init; }
        public required string Fact { get; init; }
    }
}
