using System.Diagnostics.Metrics;
using System.Text;
using SendExchange.Aggregator.Facts;
using SendExchange.Aggregator.Packs;
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
/// Reads cases whose time has come: after a new fact, and when a day passes that changes one or calls for a warning, with
/// nobody telling it. So a late fact, a deadline at midnight and a month of downtime are one thing: rows whose
/// <c>look_at</c> is not in the future.
/// </summary>
/// <remarks>
/// Any number may run: a claim locks its rows and others skip them. Obligations, breaches, warnings, messages and the next
/// <c>look_at</c> commit together, so each breach and warning is published once; a process that dies leaves its cases to be read again.
/// </remarks>
public sealed partial class ReadCases(
    [FromKeyedServices(Aggregator.Name)] Database database,
    AggregatorOptions options,
    CasesToRead casesToRead,
    LawInForce inForce,
    TimeProvider clock,
    ILogger<ReadCases> logger
) : BackgroundService
{
    private const int CasesPerClaim = 200; // Bounds lock time; the next claim takes the rest.
    private const int ReplacementsPerClaim = 200;
    private static readonly TimeSpan _unreadableFor = TimeSpan.FromHours(1);
    private static readonly TimeSpan _pollEvery = TimeSpan.FromSeconds(2);
    private static readonly Counter<long> _read = Telemetry.Meter.CreateCounter<long>("sendexchange.cases.read");
    private static readonly Counter<long> _breaches = Telemetry.Meter.CreateCounter<long>("sendexchange.breaches.recorded");
    private static readonly Counter<long> _warnings = Telemetry.Meter.CreateCounter<long>("sendexchange.warnings.published");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // What is due goes before what a new pack reaches: of the latter one claim at a time, and only once nothing waits.
                if (await ReadDue(stoppingToken) < CasesPerClaim && await ReadBehind(stoppingToken) < CasesPerClaim)
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

    /// <summary>Reads up to one claim of cases that are due. Returns how many, or how many replacements it followed if more.</summary>
    internal Task<int> ReadDue(CancellationToken cancellationToken) =>
        database.Transact(
            async tx =>
            {
                await tx.ByKeys();
                var now = clock.GetUtcNow();
                var followed = await Follow(tx, now);
                var claimed = await tx.Query<ClaimedRow>(
                    $"""
                    select case_key, authority, case_id, trace, packs from cases
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
                return Math.Max(claimed.Count, followed);
            },
            cancellationToken
        );

    /// <summary>
    /// Marks the cases that corrections and retractions reach beyond their own, down the whole chain: those change too.
    /// </summary>
    /// <remarks>
    /// Not where the facts are stored: of two transactions under way at once neither sees what the other stores. Here they are
    /// committed, and whichever of a chain commits last is followed with all of the chain before it.
    /// </remarks>
    private static async Task<int> Follow(Transaction tx, DateTimeOffset now)
    {
        var replacing = await tx.Query<long>(
            $"""
            delete from replacements where position in (
                select position from replacements order by position limit @ReplacementsPerClaim
                {tx.ForUpdateSkipLocked}
            )
            returning position
            """,
            new { ReplacementsPerClaim }
        );
        if (replacing.Count == 0)
        {
            return 0;
        }
        var reached = await tx.Query<ReachedRow>(
            """
            with recursive replaced (organisation, fact_id) as (
                select organisation, replaces from facts where position in @replacing and replaces is not null
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
            new { replacing = replacing.ToList() }
        );
        await tx.InsertMany(
            "cases",
            // In the order in which TakeFacts locks cases, or the two could wait for each other.
            reached
                .OrderBy(c => c.CaseKey, StringComparer.Ordinal)
                .Select(c => new Changes.LookRow(c.CaseKey, c.Authority, c.CaseId, now))
                .ToList(),
            "on conflict (case_key) do update set look_at = excluded.look_at"
        );
        return replacing.Count;
    }

    private async Task Read(Transaction tx, IReadOnlyList<ClaimedRow> claimed, DateTimeOffset now)
    {
        var today = London.DateOf(now);
        var law = await inForce.At(tx);
        var keys = claimed.Select(c => c.CaseKey).ToList();
        var facts = (await Facts(tx, keys)).ToLookup(f => f.CaseKey, StringComparer.Ordinal);
        var recorded = (await Breaches(tx, keys)).ToLookup(b => b.CaseKey, StringComparer.Ordinal);
        var warned = await Warnings.Published(tx, keys);
        var save = new Changes();
        foreach (var row in claimed)
        {
            using var activity = Telemetry.Continue(row.Trace, "read case");
            var parsed = Parse(row, facts[row.CaseKey], out var unreadable);
            if (unreadable.Count > 0)
            {
                save.Postpone(row, now + _unreadableFor, unreadable, law.Applied.Count);
                continue;
            }
            var reading = CaseReading.Of(parsed, row.Authority, row.CaseId, today, law);
            save.Add(row, reading, LookOn(reading, today, options.WarnDaysBefore), law.Applied.Count);
            var reason = new PackReason(row, parsed, today, law, inForce);
            foreach (var (known, obligation, owedBy) in Pair(recorded[row.CaseKey], reading.Obligations))
            {
                var breach = known;
                foreach (var change in BreachLedger.Decide(known?.Standing, obligation, owedBy))
                {
                    (breach, var message) = save.Add(row, breach, obligation, reason.For(change, known, obligation), now);
                    tx.Publish(message, activity?.Id ?? row.Trace);
                }
            }
            foreach (var obligation in reading.Obligations)
            {
                int? published = warned.TryGetValue(WarningKey.Of(row.CaseKey, obligation), out var rung) ? rung : null;
                if (Warnings.Decide(obligation, today, options.WarnDaysBefore, published) is { } reached)
                {
                    var warning = NewWarning.Of(row, obligation, reached, today, now);
                    save.NewWarnings.Add(warning);
                    tx.Publish(warning.ToMessage(obligation), activity?.Id ?? row.Trace);
                }
            }
        }
        await save.Write(tx);
        _breaches.Add(save.NewBreaches.Count);
        _warnings.Add(save.NewWarnings.Count);
    }

    /// <summary>The next day on which the case reads otherwise, or reaches a rung of warnings. Null: it never will by itself.</summary>
    internal static DateOnly? LookOn(CaseReading reading, DateOnly today, IReadOnlyList<int> ladder)
    {
        var first = reading.ChangesOn;
        foreach (var obligation in reading.Obligations)
        {
            if (Warnings.NextOn(obligation, today, ladder) is { } day && !(first <= day))
            {
                first = day;
            }
        }
        return first;
    }

    /// <summary>The facts of these cases, and those in other cases that correct or retract one of them.</summary>
    internal static async Task<IReadOnlyList<FactRow>> Facts(Transaction tx, List<string> keys)
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
    private List<Fact> Parse(ClaimedRow row, IEnumerable<FactRow> facts, out IReadOnlyList<string> unreadable)
    {
        var parsed = new List<Fact>();
        var faulty = new List<string>();
        foreach (var fact in facts)
        {
            try
            {
                parsed.Add(Parse(fact.Fact));
            }
            catch (FormatException problem)
            {
                faulty.Add(fact.FactId);
                if (faulty.Count == 1)
                {
                    Log.CaseUnreadable(logger, row.CaseKey, problem);
                }
            }
        }
        unreadable = faulty;
        return parsed;
    }

    /// <exception cref="FormatException">The text is not a fact that intake accepts.</exception>
    internal static Fact Parse(string fact)
    {
        var line = FactJson.Read(Encoding.UTF8.GetBytes(fact));
        return line.Fact is { } read
            ? StatuteFacts.From(read)
            // Fields only: what stands in them may be anything, and this is logged.
            : throw new FormatException($"Not a fact; at fault: {string.Join(", ", line.Faults.Select(f => $"'{f.Field}'"))}.");
    }

    private static async Task<IEnumerable<BreachRow>> Breaches(Transaction tx, List<string> keys)
    {
        var breaches = await tx.Query<BreachRow>(
            """
            select case_key, breach_id, authority, case_id, obligation, advice_id, occasion, obligor, 0 as ordinal, true as late, due
            from breaches where case_key in @keys
            """,
            new { keys }
        );
        if (breaches.Count == 0)
        {
            return [];
        }
        // By themselves: joined, a planner that has no statistics yet may begin at the events, all of them.
        var events = await tx.Query<StandingRow>(
            "select breach_id, ordinal, late, due, ended_on from breach_events where breach_id in @ids",
            new { ids = breaches.Select(b => b.BreachId).ToList() }
        );
        var latest = events
            .GroupBy(e => e.BreachId, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.MaxBy(e => e.Ordinal)!, StringComparer.Ordinal);
        return breaches.Select(b => latest[b.BreachId].Of(b));
    }

    /// <summary>
    /// Each obligation with its recorded breach, and recorded breaches whose obligation is gone, or is another's by now.
    /// </summary>
    private static IEnumerable<(BreachRow? Recorded, Obligation? Obligation, (string Now, string Recorded)? OwedBy)> Pair(
        IEnumerable<BreachRow> recorded,
        IReadOnlyList<Obligation> obligations
    )
    {
        var left = recorded.ToDictionary(b => (b.Key, b.Obligor));
        var obligors = new Dictionary<ObligationKey, string>();
        foreach (var obligation in obligations)
        {
            var key = ObligationKey.Of(obligation);
            obligors[key] = obligation.Obligor;
            left.Remove((key, obligation.Obligor), out var breach);
            yield return (breach, obligation, null);
        }
        foreach (var breach in left.Values)
        {
            yield return (breach, null, obligors.TryGetValue(breach.Key, out var obligor) ? (obligor, breach.Obligor) : null);
        }
    }

    /// <summary>An event of a breach: how it stood from then on.</summary>
    private sealed class StandingRow
    {
        public required string BreachId { get; init; }
        public required int Ordinal { get; init; }
        public required bool Late { get; init; }
        public required DateOnly Due { get; init; }
        public DateOnly? EndedOn { get; init; }

        public BreachRow Of(BreachRow breach) => breach with { Ordinal = Ordinal, Late = Late, Due = Due, EndedOn = EndedOn };
    }

    private sealed class ReachedRow
    {
        public required string CaseKey { get; init; }
        public required string Authority { get; init; }
        public required string CaseId { get; init; }
    }
}
