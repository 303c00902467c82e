using System.Diagnostics.Metrics;
using System.Text;
using SendExchange.Aggregator.Facts;
using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Clock;

/// <summary>Raised when facts have arrived, so that nobody waits for the next poll.</summary>
public sealed class CasesToRead : IDisposable
{
    private readonly Signal _signal = new();

    public void Raise() => _signal.Raise();

    public Task Wait(TimeSpan atMost, CancellationToken cancellationToken) => _signal.Wait(atMost, cancellationToken);

    public void Dispose() => _signal.Dispose();
}

/// <summary>
/// Reads cases whose time has come: after a new fact, and when a day passes that changes one, with nobody telling it. So a
/// late fact, a deadline at midnight and a month of downtime are one thing: rows whose <c>look_at</c> is not in the future.
/// </summary>
/// <remarks>
/// Any number may run: a claim locks its rows and others skip them. Obligations, breaches, messages and the next
/// <c>look_at</c> commit together, so a breach is published once; a process that dies leaves its cases to be read again.
/// </remarks>
public sealed class ReadCases(
    [FromKeyedServices(Aggregator.Name)] Database database,
    CasesToRead casesToRead,
    TimeProvider clock,
    ILogger<ReadCases> logger
) : BackgroundService
{
    private const int CasesPerClaim = 200; // Bounds lock time; the next claim takes the rest.
    private static readonly TimeSpan _unreadableFor = TimeSpan.FromHours(1);
    private static readonly TimeSpan _pollEvery = TimeSpan.FromSeconds(2);
    private static readonly Counter<long> _read = Telemetry.Meter.CreateCounter<long>("sendexchange.cases.read");
    private static readonly Counter<long> _breaches = Telemetry.Meter.CreateCounter<long>("sendexchange.breaches.recorded");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await ReadDue(stoppingToken) < CasesPerClaim)
                {
                    await casesToRead.Wait(_pollEvery, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                Log.CasesNotRead(logger, problem);
                await Task.Delay(_pollEvery, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Reads up to one claim of cases that are due. Returns how many.</summary>
    internal Task<int> ReadDue(CancellationToken cancellationToken) =>
        database.Transact(
            async tx =>
            {
                var now = clock.GetUtcNow();
                var claimed = await tx.Query<ClaimedRow>(
                    $"""
                    select case_key, authority, case_id, trace from cases
                    where look_at <= @now order by look_at limit @CasesPerClaim
                    {tx.ForUpdateSkipLocked}
                    """,
                    new { now, CasesPerClaim }
                );
                if (claimed.Count > 0)
                {
                    await Read(tx, claimed, now);
                    _read.Add(claimed.Count);
                }
                return claimed.Count;
            },
            cancellationToken
        );

    private async Task Read(Transaction tx, IReadOnlyList<ClaimedRow> claimed, DateTimeOffset now)
    {
        var today = London.DateOf(now);
        var keys = claimed.Select(c => c.CaseKey).ToList();
        var facts = (await Facts(tx, keys)).ToLookup(f => f.CaseKey, StringComparer.Ordinal);
        var recorded = (await Breaches(tx, keys)).ToLookup(b => b.CaseKey, StringComparer.Ordinal);
        var save = new Changes();
        foreach (var row in claimed)
        {
            using var activity = Telemetry.Continue(row.Trace, "read case");
            if (TryParse(row, facts[row.CaseKey]) is not { } parsed)
            {
                save.Postpone(row, now + _unreadableFor);
                continue;
            }
            var reading = CaseReading.Of(parsed, row.Authority, row.CaseId, today);
            save.Add(row, reading);
            foreach (var (known, obligation) in Pair(recorded[row.CaseKey], reading.Obligations))
            {
                var breach = known;
                foreach (var change in BreachLedger.Decide(known?.Standing, obligation))
                {
                    (breach, var message) = save.Add(row, breach, obligation, change, now);
                    tx.Publish(message, activity?.Id ?? row.Trace);
                }
            }
        }
        await save.Write(tx);
        _breaches.Add(save.NewBreaches.Count);
    }

    /// <summary>The facts of these cases, and those in other cases that correct or retract one of them.</summary>
    private static async Task<IReadOnlyList<FactRow>> Facts(Transaction tx, List<string> keys)
    {
        var own = await tx.Query<FactRow>("select case_key, fact_id, fact from facts where case_key in @keys", new { keys });
        // Asked for by their ids: few facts replace others, and the index of those that do says so at once.
        var foreign = await tx.Query<FactRow>(
            """
            with recursive replacing (case_key, organisation, fact_id, fact) as (
                select f.case_key, g.organisation, g.fact_id, g.fact
                from facts g join facts f on f.organisation = g.organisation and f.fact_id = g.replaces
                where g.replaces in @ids and f.case_key in @keys and g.case_key <> f.case_key
                union
                select r.case_key, h.organisation, h.fact_id, h.fact
                from replacing r join facts h on h.organisation = r.organisation and h.replaces = r.fact_id
            )
            select case_key, fact_id, fact from replacing
            """,
            new { keys, ids = own.Select(f => f.FactId).Distinct().ToList() }
        );
        return [.. own, .. foreign];
    }

    /// <summary>One case that cannot be read must not hold up the others; it says so in the log and is tried again later.</summary>
    private List<Fact>? TryParse(ClaimedRow row, IEnumerable<FactRow> facts)
    {
        try
        {
            return facts.Select(f => Parse(f.Fact)).ToList();
        }
        catch (FormatException problem)
        {
            Log.CaseUnreadable(logger, row.CaseKey, problem);
            return null;
        }
    }

    /// <exception cref="FormatException">The text is not a fact that intake accepts.</exception>
    internal static Fact Parse(string fact)
    {
        var line = FactJson.Read(Encoding.UTF8.GetBytes(fact));
        return line.Fact is { } read
            ? StatuteFacts.From(read)
            : throw new FormatException($"Not a fact: {string.Join("; ", line.Faults.Select(f => $"{f.Field}: {f.Problem}"))}.");
    }

    private static async Task<IEnumerable<BreachRow>> Breaches(Transaction tx, List<string> keys)
    {
        var rows = await tx.Query<BreachRow>(
            """
            select b.case_key, b.breach_id, b.authority, b.case_id, b.obligation, b.advice_id,
                   e.ordinal, e.late, e.due, e.ended_on
            from breaches b join breach_events e on e.breach_id = b.breach_id
            where b.case_key in @keys
            """,
            new { keys }
        );
        return rows.GroupBy(b => b.BreachId, StringComparer.Ordinal).Select(events => events.MaxBy(b => b.Ordinal)!);
    }

    /// <summary>Each obligation with its recorded breach, and recorded breaches whose obligation is gone.</summary>
    private static IEnumerable<(BreachRow? Recorded, Obligation? Obligation)> Pair(
        IEnumerable<BreachRow> recorded,
        IReadOnlyList<Obligation> obligations
    )
    {
        var left = recorded.ToDictionary(b => (b.Obligation, b.AdviceId));
        foreach (var obligation in obligations)
        {
            left.Remove((obligation.Code, obligation.AdviceId ?? ""), out var breach);
            yield return (breach, obligation);
        }
        foreach (var breach in left.Values)
        {
            yield return (breach, null);
        }
    }
}
