using MassTransit;
using MassTransit.Logging;
using SendExchange.Aggregator.Clock;
using SendExchange.Chassis;
using SendExchange.Contracts;

namespace SendExchange.Aggregator.Facts;

/// <summary>Stores what Education has recorded and marks the cases it concerns as to be read. It judges nothing.</summary>
public sealed class TakeFacts([FromKeyedServices(Aggregator.Name)] Database database, CasesToRead casesToRead, TimeProvider clock)
    : IConsumer<Batch<AssessmentFactsRecorded>>
{
    /// <summary>Messages, each of one to fifty facts.</summary>
    public const int MostAtOnce = 10;

    public async Task Consume(ConsumeContext<Batch<AssessmentFactsRecorded>> context)
    {
        await database.Once(
            context,
            nameof(TakeFacts),
            async (tx, messages) =>
            {
                var facts = messages.SelectMany(m => m.Message.Facts).Select(Row).ToList();
                await tx.InsertMany("facts", facts, "on conflict (organisation, fact_id) do nothing");
                var now = clock.GetUtcNow();
                // The last fact of a case gives its trace; sorted, so that two transactions lock cases in the same order.
                var cases = new SortedDictionary<string, CaseRow>(StringComparer.Ordinal);
                foreach (var m in messages)
                {
                    var trace = m.Headers.Get<string>(DiagnosticHeaders.ActivityId);
                    foreach (var fact in m.Message.Facts)
                    {
                        var key = KeyOf(fact.Authority, fact.CaseId);
                        cases[key] = new CaseRow(key, fact.Authority, fact.CaseId, now, trace);
                    }
                }
                foreach (var other in await CasesReachedByReplacement(tx, facts))
                {
                    cases.TryAdd(other.CaseKey, new CaseRow(other.CaseKey, other.Authority, other.CaseId, now, null));
                }
                await tx.InsertMany(
                    "cases",
                    cases.Values,
                    "on conflict (case_key) do update set look_at = excluded.look_at, trace = excluded.trace"
                );
            }
        );
        casesToRead.Raise();
    }

    internal static string KeyOf(string authority, string caseId) => $"{authority}/{caseId}";

    /// <summary>A correction may stand in another case than what it corrects: that case changes too, down the whole chain.</summary>
    private static async Task<IReadOnlyList<OtherCase>> CasesReachedByReplacement(Transaction tx, List<FactRow> facts)
    {
        var replacing = facts.Where(f => f.Replaces is not null).Select(f => f.Position).ToList();
        return replacing.Count == 0
            ? []
            : await tx.Query<OtherCase>(
                """
                with recursive replaced (organisation, fact_id) as (
                    select organisation, replaces from facts where position in @replacing
                    union
                    select f.organisation, f.replaces
                    from facts f join replaced r on f.organisation = r.organisation and f.fact_id = r.fact_id
                    where f.replaces is not null
                )
                select distinct c.case_key, c.authority, c.case_id
                from replaced r
                join facts f on f.organisation = r.organisation and f.fact_id = r.fact_id
                join cases c on c.case_key = f.case_key
                """,
                new { replacing }
            );
    }

    private static FactRow Row(AssessmentFactRecorded m) =>
        new(m.Organisation, m.FactId, m.Position, KeyOf(m.Authority, m.CaseId), m.Replaces, m.Fact, m.RecordedAt);

    private sealed record FactRow(
        string Organisation,
        string FactId,
        long Position,
        string CaseKey,
        string? Replaces,
        string Fact,
        DateTimeOffset RecordedAt
    );

    private sealed record CaseRow(string CaseKey, string Authority, string CaseId, DateTimeOffset LookAt, string? Trace);

    private sealed class OtherCase
    {
        public required string CaseKey { get; init; }
        public required string Authority { get; init; }
        public required string CaseId { get; init; }
    }
}
