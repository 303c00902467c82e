using System.Diagnostics.Metrics;
using System.Text.Json;
using SendExchange.Aggregator.Packs;
using SendExchange.Chassis;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Clock;

/// <summary>
/// Nobody unclocked: reads every case again from its facts, batch by batch for as long as the exchange runs, and holds what is
/// stored of it against that. Nothing relies on it. It is there to find what should be impossible, and to put it right.
/// </summary>
/// <remarks>
/// A case has exactly the obligations that its facts call for, a recorded breach for each that is late, and a
/// <c>look_at</c> no later than the day on which it next changes. One that has not is marked to be read again, and is a finding
/// until a later sweep finds it in order. What the law itself has no clock for (<see cref="Statute.Unclocked"/>) no reading
/// puts right; it stays a finding.
/// <para>
/// The position is a row that replicas take in turn, so they share one sweep and a restart goes on with it. A batch locks its
/// cases, so that no fact or reading can come between what it compares; it waits for nobody, and skips whatever is due to be
/// read or being read.
/// </para>
/// </remarks>
public sealed class CheckClocks(
    [FromKeyedServices(Aggregator.Name)] Database database,
    AggregatorOptions options,
    CasesToRead casesToRead,
    LawInForce inForce,
    TimeProvider clock,
    ILogger<CheckClocks> logger
) : BackgroundService
{
    /// <summary>Code of the finding that what was stored of a case was not what its facts come to.</summary>
    public const string Disagreed = "clock_disagreed";

    /// <summary>Code of the finding that the law as we have it counts no duty for a fact, or one that no fact calls for.</summary>
    public const string Unclocked = "unclocked";

    private const string LateUnrecorded = "is late and no breach of it is recorded";
    private const int MostLogged = 5; // Of a batch: where all is wrong, the log need not name every case.
    private static readonly Counter<long> _checked = Telemetry.Meter.CreateCounter<long>("sendexchange.clocks.checked");
    private static readonly Counter<long> _disagreements = Telemetry.Meter.CreateCounter<long>("sendexchange.clocks.disagreements");
    private static readonly Gauge<long> _overdue = Telemetry.Meter.CreateGauge<long>("sendexchange.clocks.overdue_unpublished");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(options.SweepPause, stoppingToken); // Real time: it bounds load, and decides nothing.
                await CheckBatch(stoppingToken);
                await Observe(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                Log.ClocksNotChecked(logger, problem);
            }
        }
    }

    /// <summary>Checks the next cases of the sweep, or begins the next one. Returns how many it compared.</summary>
    internal async Task<int> CheckBatch(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var found = await database.Transact(tx => CheckBatch(tx, now), cancellationToken);
        if (found is null)
        {
            return 0; // Another replica is at it.
        }
        _checked.Add(found.Compared);
        _disagreements.Add(found.Cases.Count);
        foreach (var c in found.Cases.Take(MostLogged))
        {
            Log.ClockDisagrees(logger, c.Row.CaseKey, string.Join("; ", c.Disagreements.Concat(c.Unclocked)));
        }
        if (found.Cases.Count > MostLogged)
        {
            Log.MoreClocksDisagree(logger, found.Cases.Count - MostLogged);
        }
        if (found.Cases.Count > 0)
        {
            casesToRead.Raise();
        }
        return found.Compared;
    }

    private async Task<Found?> CheckBatch(Transaction tx, DateTimeOffset now)
    {
        var sweep = await tx.One<SweepRow>($"select checked_up_to, began_at from sweep where only_row = 1 {tx.ForUpdateSkipLocked}");
        if (sweep is null)
        {
            return null;
        }
        var keys = (
            await tx.Query<string>(
                "select case_key from cases where case_key > @CheckedUpTo order by case_key limit @batch",
                new { sweep.CheckedUpTo, batch = options.SweepCases }
            )
        ).ToList();
        var settled = await tx.Query<SettledRow>(
            $"""
            select case_key, authority, case_id, look_at, packs from cases
            where case_key in @keys and (look_at is null or look_at > @now)
            {tx.ForUpdateSkipLocked}
            """,
            new { keys, now }
        );
        var found = await Compare(tx, settled, now);
        await Write(tx, found, settled, now);
        var ended = keys.Count < options.SweepCases;
        await tx.Execute(
            ended
                ? """
                update sweep set checked_up_to = '', began_at = null, cases_checked = 0, cases_passed_over = 0, disagreements = 0,
                    late_unrecorded = 0, last_began_at = @beganAt, last_ended_at = @now, last_checked = cases_checked + @compared,
                    last_passed_over = cases_passed_over + @passedOver, last_disagreements = disagreements + @disagreed,
                    last_late_unrecorded = late_unrecorded + @unrecorded
                """
                : """
                update sweep set checked_up_to = @upTo, began_at = @beganAt, cases_checked = cases_checked + @compared,
                    cases_passed_over = cases_passed_over + @passedOver, disagreements = disagreements + @disagreed,
                    late_unrecorded = late_unrecorded + @unrecorded
                """,
            new
            {
                upTo = keys.LastOrDefault(""),
                beganAt = sweep.BeganAt ?? now,
                now,
                compared = found.Compared,
                passedOver = keys.Count - found.Compared,
                disagreed = found.Cases.Count,
                unrecorded = found.Cases.Sum(c => c.Disagreements.Count(d => d.EndsWith(LateUnrecorded, StringComparison.Ordinal))),
            }
        );
        return found;
    }

    private async Task<Found> Compare(Transaction tx, IReadOnlyList<SettledRow> settled, DateTimeOffset now)
    {
        var today = London.DateOf(now);
        var law = await inForce.At(tx);
        var keys = settled.Select(c => c.CaseKey).ToList();
        var facts = (await ReadCases.Facts(tx, keys)).ToLookup(f => f.CaseKey, StringComparer.Ordinal);
        var stored = (await Stored(tx, keys)).ToLookup(o => o.CaseKey, StringComparer.Ordinal);
        var recorded = (await Recorded(tx, keys)).ToLookup(b => b.CaseKey, StringComparer.Ordinal);
        var cases = new List<FoundCase>();
        var early = new List<string>();
        var compared = 0;
        foreach (var row in settled)
        {
            if (!(row.Packs >= law.Applied.Count))
            {
                continue; // Still to be read under the law of today.
            }
            if (Parse(facts[row.CaseKey]) is not { } parsed)
            {
                continue; // Set aside, and a finding of the reading that could not read it.
            }
            compared++;
            var reading = CaseReading.Of(parsed, row.Authority, row.CaseId, today, law);
            var unclocked = UnclockedOf(parsed, row, today, reading);
            var disagreements = Differences(
                [.. reading.Obligations.Select(o => ObligationRow.Of(row.Claimed, o))],
                [.. stored[row.CaseKey]],
                [.. recorded[row.CaseKey].Select(b => (new ObligationKey(b.Obligation, b.AdviceId, b.Occasion), b.Obligor))]
            );
            if (LooksLaterThan(row, reading.ChangesOn))
            {
                disagreements.Add($"not to be read when it changes, on {reading.ChangesOn:yyyy-MM-dd}");
            }
            if (disagreements.Count > 0 || unclocked.Count > 0)
            {
                cases.Add(new FoundCase(row, disagreements, unclocked));
            }
            else if (LooksLaterThan(row, ReadCases.LookOn(reading, today, options.WarnDaysBefore)))
            {
                early.Add(row.CaseKey); // The ladder of warnings has been configured anew since it was read.
            }
        }
        // A correction in another case counts from its commit on, but its case is marked a moment later.
        if (cases.Count > 0 && await tx.One<long>("select count(*) from replacements") > 0)
        {
            return new Found(compared - cases.Count, [], early);
        }
        return new Found(compared, cases, early);
    }

    /// <summary>What is stored of a case but should not be, what is not but should be, and what is other than it should be. Pure.</summary>
    /// <param name="called">As a reading would store them now.</param>
    /// <param name="stored">As they are stored.</param>
    /// <param name="recorded">Which breaches are on the record, and against whom.</param>
    internal static List<string> Differences(
        IReadOnlyList<ObligationRow> called,
        IReadOnlyList<ObligationRow> stored,
        IReadOnlyCollection<(ObligationKey, string Obligor)> recorded
    )
    {
        var differences = new List<string>();
        var left = stored.ToDictionary(Key);
        foreach (var obligation in called)
        {
            var key = Key(obligation);
            if (!left.Remove(key, out var held))
            {
                differences.Add($"{Name(key)} is missing");
            }
            else if (held != obligation)
            {
                differences.Add($"{Name(key)} is {Says(held)}; the facts say {Says(obligation)}");
            }
            if (obligation.State is "BREACHED" or "MET_LATE" && !recorded.Contains((key, obligation.Obligor)))
            {
                differences.Add($"{Name(key)} {LateUnrecorded}");
            }
        }
        differences.AddRange(left.Keys.Select(key => $"{Name(key)} is called for by no fact"));
        return differences;

        static ObligationKey Key(ObligationRow o) => new(o.Obligation, o.AdviceId, o.Occasion);

        // No adviceId: it is the sender's text, and this is logged.
        static string Name(ObligationKey key) => key.Code;

        static string Says(ObligationRow o) =>
            $"{o.State} of {o.Obligor} from {o.StartOn:yyyy-MM-dd}, {o.Target:yyyy-MM-dd}, {o.Due:yyyy-MM-dd} ({o.Rule})";
    }

    private static List<string> UnclockedOf(List<Fact> facts, SettledRow row, DateOnly today, CaseReading reading) =>
        [
            .. Statute.Unclocked.Of(facts, row.Authority, row.CaseId, today, reading).Select(u => $"{u.Obligation} has no clock"),
            .. Statute
                .Unclocked.Uncalled(facts, row.Authority, row.CaseId, today, reading)
                .Select(o => $"{o.Code} has a clock that no fact calls for"),
        ];

    private static bool LooksLaterThan(SettledRow row, DateOnly? day) => day is { } on && !(row.LookAt <= London.StartOf(on));

    private static List<Fact>? Parse(IEnumerable<FactRow> facts)
    {
        try
        {
            return [.. facts.Select(f => ReadCases.Parse(f.Fact))];
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static Task<IReadOnlyList<ObligationRow>> Stored(Transaction tx, List<string> keys) =>
        tx.Query<ObligationRow>(
            """
            select case_key, authority, case_id, obligation, advice_id, occasion, obligor, rule, rule_pack, start_on, target, due,
                   breach_at, state, binds, done_on, ended_on, ground, ground_rejected, basis
            from obligations where case_key in @keys
            """,
            new { keys }
        );

    private static Task<IReadOnlyList<RecordedRow>> Recorded(Transaction tx, List<string> keys) =>
        tx.Query<RecordedRow>(
            "select case_key, obligation, advice_id, occasion, obligor from breaches where case_key in @keys",
            new { keys }
        );

    private static async Task Write(Transaction tx, Found found, IReadOnlyList<SettledRow> settled, DateTimeOffset now)
    {
        await tx.Execute(
            "delete from findings where case_key in @keys and code in @codes",
            new { keys = settled.Select(c => c.CaseKey).ToList(), codes = new List<string> { Disagreed, Unclocked } }
        );
        await tx.InsertMany(
            "findings",
            [
                .. found.Cases.SelectMany(c =>
                    c.Disagreements.Select(text => Finding(c.Row, Disagreed, $"stored otherwise than the facts say: {text}; read again"))
                        .Concat(c.Unclocked.Select(text => Finding(c.Row, Unclocked, text)))
                ),
            ]
        );
        var again = found.Cases.Where(c => c.Disagreements.Count > 0).Select(c => c.Row.CaseKey).Concat(found.Early).ToList();
        if (again.Count > 0)
        {
            await tx.Execute("update cases set look_at = @now where case_key in @again", new { now, again });
        }
    }

    private static Changes.FindingRow Finding(SettledRow row, string code, string detail) =>
        new(row.CaseKey, row.Authority, row.CaseId, code, detail, "[]");

    private async Task Observe(CancellationToken cancellationToken)
    {
        var overdue = await Overdue.Of(database, clock.GetUtcNow(), cancellationToken);
        foreach (var (age, obligations) in overdue.ByAge)
        {
            _overdue.Record(obligations, new KeyValuePair<string, object?>("for", age));
        }
    }

    /// <param name="Compared">How many cases were compared.</param>
    /// <param name="Cases">Those with something wrong.</param>
    /// <param name="Early">Those in order that are to be looked at earlier than they would be.</param>
    private sealed record Found(int Compared, IReadOnlyList<FoundCase> Cases, IReadOnlyList<string> Early);

    private sealed record FoundCase(SettledRow Row, IReadOnlyList<string> Disagreements, IReadOnlyList<string> Unclocked);

    private sealed class SweepRow
    {
        public required string CheckedUpTo { get; init; }
        public DateTimeOffset? BeganAt { get; init; }
    }

    private sealed class SettledRow
    {
        public required string CaseKey { get; init; }
        public required string Authority { get; init; }
        public required string CaseId { get; init; }
        public DateTimeOffset? LookAt { get; init; }
        public int? Packs { get; init; }

        public ClaimedRow Claimed =>
            new()
            {
                CaseKey = CaseKey,
                Authority = Authority,
                CaseId = CaseId,
            };
    }

    private sealed class RecordedRow
    {
        public required string CaseKey { get; init; }
        public required string Obligation { get; init; }
        public required string AdviceId { get; init; }
        public required string Occasion { get; init; }
        public required string Obligor { get; init; }
    }
}
