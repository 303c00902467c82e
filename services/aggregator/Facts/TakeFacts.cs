using MassTransit;
using MassTransit.Logging;
using SendExchange.Aggregator.Clock;
using SendExchange.Chassis;
using SendExchange.Contracts;

namespace SendExchange.Aggregator.Facts;

/// <summary>Stores what Education has recorded and marks the cases it concerns as to be read. It judges nothing.</summary>
/// <remarks>A correction or retraction may concern another case than its own: the reader follows it there.</remarks>
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
                await tx.InsertMany(
                    "replacements",
                    facts.Where(f => f.Replaces is not null).Select(f => new ReplacementRow(f.Position)).ToList(),
                    "on conflict (position) do nothing"
                );
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

    private sealed record ReplacementRow(long Position);
}
