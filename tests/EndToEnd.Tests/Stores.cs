using System.Text.Json;
using SendExchange.Chassis;
using SendExchange.Testing;

namespace SendExchange.EndToEnd.Tests;

/// <summary>The databases of an exchange, read behind its back: whether anything is lost, doubled or left lying.</summary>
internal sealed class Stores(Func<string, Database> open) : IAsyncDisposable
{
    public static IReadOnlyList<string> Services { get; } = ["education", "health", "social-care", "aggregator"];

    private readonly Dictionary<string, Database> databases = Services.ToDictionary(service => service, open);

    public async Task<long> Count(string service, string table) =>
        (await databases[service].Query<long>($"select count(*) from {table}"))[0];

    public Task<IReadOnlyList<T>> Query<T>(string service, string sql) => databases[service].Query<T>(sql);

    /// <summary>
    /// All that holds of an exchange that has come to rest, whatever happened to it: education has each of these facts once,
    /// in positions without gaps; the aggregator has the same; health and social care have each request of theirs; nothing
    /// waits in an outbox; each breach has one beginning and no gap in its history, and stands as its obligation does.
    /// </summary>
    /// <param name="lines">All the facts that were ever sent, at least once each.</param>
    public async Task HoldExactly(IReadOnlyCollection<string> lines)
    {
        await OutboxesAreEmpty();
        var sent = lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var ids = sent.Select(fact => $"{fact.GetProperty("organisation")} {fact.GetProperty("factId")}").Order().ToList();
        const string factIds = "select organisation || ' ' || fact_id from facts";
        Assert.Equal(ids, (await Query<string>("education", factIds)).Order());
        Assert.Equal(ids, (await Query<string>("aggregator", factIds)).Order());
        const string positions = "select position from facts order by position";
        Assert.Equal(Enumerable.Range(1, ids.Count).Select(i => (long)i), await Query<long>("education", positions));
        Assert.Equal(Enumerable.Range(1, ids.Count).Select(i => (long)i), await Query<long>("aggregator", positions));

        await Eventually.Equal(Asked(sent, "icb:", "ccg:", "trust:"), () => Count("health", "advice_asked"));
        await Eventually.Equal(Asked(sent, "care:"), () => Count("social-care", "advice_asked"));

        const string histories = """
            select breach_id from breach_events group by breach_id
            having min(ordinal) <> 1 or max(ordinal) <> count(*) or sum(case when kind = 'RECORDED' then 1 else 0 end) <> 1
            """;
        Assert.Empty(await Query<string>("aggregator", histories));
        Assert.Equal(await Count("aggregator", "breaches"), await Count("aggregator", "(select distinct breach_id from breach_events) b"));
        const string late = """
            select case_key || ' ' || obligation || ' ' || advice_id || ' ' || due || ' ' || coalesce(done_on, ended_on, '0001-01-01')
            from obligations where state in ('BREACHED', 'MET_LATE')
            """;
        const string standing = """
            select case_key || ' ' || obligation || ' ' || advice_id || ' ' || e.due || ' ' || coalesce(e.ended_on, '0001-01-01')
            from breaches b join breach_events e on e.breach_id = b.breach_id
            where e.late and e.ordinal = (select max(l.ordinal) from breach_events l where l.breach_id = b.breach_id)
            """;
        Assert.Equal((await Query<string>("aggregator", late)).Order(), (await Query<string>("aggregator", standing)).Order());
    }

    /// <summary>Every event of every breach, as text.</summary>
    public async Task<IReadOnlyList<string>> Breaches() =>
        await Query<string>(
            "aggregator",
            "select breach_id || ' ' || ordinal || ' ' || kind from breach_events order by breach_id, ordinal"
        );

    private async Task OutboxesAreEmpty()
    {
        foreach (var service in Services)
        {
            await Eventually.Equal(0, () => Count(service, "outbox"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in databases.Values)
        {
            await database.DisposeAsync();
        }
    }

    private static int Asked(IEnumerable<JsonElement> facts, params string[] bodies) =>
        facts
            .Where(fact => fact.TryGetProperty("adviceSought", out _))
            .Select(fact => (Sought: fact.GetProperty("adviceSought"), Authority: fact.GetProperty("organisation").GetString()))
            .Where(fact => fact.Sought.TryGetProperty("from", out var from) && bodies.Any(from.GetString()!.StartsWith))
            .DistinctBy(fact => (fact.Authority, fact.Sought.GetProperty("adviceId").GetString()))
            .Count();
}
