using System.Diagnostics;
using Grpc.Core;
using SendExchange.Aggregator.Clock;
using SendExchange.Aggregator.V1;
using SendExchange.Chassis;
using SendExchange.Statute;
using Obligation = SendExchange.Statute.Obligation;

namespace SendExchange.Aggregator.Packs;

public sealed partial class Lawmaking
{
    private const int CasesPerRead = 500; // Each in a transaction of its own: none stays open for as long as a dry run takes.
    private static readonly TimeSpan _progressEvery = TimeSpan.FromSeconds(1);

    /// <summary>Reads each case twice, under the law in force and under the pack, and counts in what they differ.</summary>
    public override async Task DryRunPack(
        DryRunPackRequest request,
        IServerStreamWriter<DryRunPackResponse> responseStream,
        ServerCallContext context
    )
    {
        var stop = context.CancellationToken;
        var (law, cases) = await database.Transact(
            async tx => (await inForce.At(tx), await tx.One<long>("select count(*) from cases")),
            stop
        );
        var proposed = law.With(Read(request.Document, law));
        var today = London.Today(clock);
        var tally = new Tally();
        var told = Stopwatch.StartNew();
        var after = "";
        while (true)
        {
            var (read, facts) = await Next(after, stop);
            if (read.Count == 0)
            {
                break;
            }
            foreach (var row in read)
            {
                tally.Add(row.Authority, Differences(row, facts[row.CaseKey], today, law, proposed));
            }
            after = read[^1].CaseKey;
            if (told.Elapsed >= _progressEvery)
            {
                told.Restart();
                var progress = new DryRunProgress { CasesRead = tally.CasesRead, Cases = cases };
                await responseStream.WriteAsync(new DryRunPackResponse { Progress = progress }, stop);
            }
        }
        await responseStream.WriteAsync(new DryRunPackResponse { Summary = tally.Summary() }, stop);
    }

    private Task<(IReadOnlyList<ClaimedRow> Cases, ILookup<string, FactRow> Facts)> Next(string after, CancellationToken stop) =>
        database.Transact(
            async tx =>
            {
                await tx.ByKeys();
                var cases = await tx.Query<ClaimedRow>(
                    """
                    select case_key, authority, case_id from cases
                    where case_key > @after order by case_key limit @CasesPerRead
                    """,
                    new { after, CasesPerRead }
                );
                var facts = await ReadCases.Facts(tx, [.. cases.Select(c => c.CaseKey)]);
                return (cases, facts.ToLookup(f => f.CaseKey, StringComparer.Ordinal));
            },
            stop
        );

    /// <summary>Each obligation of a case as it is, as it would be, or both. Null: the case cannot be read.</summary>
    private static IEnumerable<(Obligation? Is, Obligation? WouldBe)>? Differences(
        ClaimedRow row,
        IEnumerable<FactRow> facts,
        DateOnly today,
        Law law,
        Law proposed
    )
    {
        List<Fact> parsed;
        try
        {
            parsed = [.. facts.Select(f => ReadCases.Parse(f.Fact))];
        }
        catch (FormatException)
        {
            return null;
        }
        var before = CaseReading.Of(parsed, row.Authority, row.CaseId, today, law).Obligations;
        var after = CaseReading.Of(parsed, row.Authority, row.CaseId, today, proposed).Obligations;
        return Pair(before, after);
    }

    private static IEnumerable<(Obligation? Is, Obligation? WouldBe)> Pair(
        IReadOnlyList<Obligation> before,
        IReadOnlyList<Obligation> after
    )
    {
        var left = after.ToDictionary(o => (ObligationKey.Of(o), o.Obligor));
        foreach (var obligation in before)
        {
            left.Remove((ObligationKey.Of(obligation), obligation.Obligor), out var wouldBe);
            yield return (obligation, wouldBe);
        }
        foreach (var added in left.Values)
        {
            yield return (null, added);
        }
    }

    /// <summary>The running counts of a dry run.</summary>
    private sealed class Tally
    {
        private readonly PackEffect _total = new();
        private readonly SortedDictionary<string, PackEffect> _byObligation = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, PackEffect> _byAuthority = new(StringComparer.Ordinal);
        private readonly SortedDictionary<int, long> _byDays = [];
        private long _unreadable;
        private long _changed;

        public long CasesRead { get; private set; }

        public void Add(string authority, IEnumerable<(Obligation? Is, Obligation? WouldBe)>? differences)
        {
            CasesRead++;
            if (differences is null)
            {
                _unreadable++;
                return;
            }
            var changes = false;
            foreach (var (now, then) in differences)
            {
                var days = now is not null && then is not null ? then.Due.DayNumber - now.Due.DayNumber : 0;
                foreach (var effect in new[] { _total, Of(_byObligation, (now ?? then)!.Code), Of(_byAuthority, authority) })
                {
                    effect.Obligations += now is null ? 0 : 1;
                    effect.DueMoved += days == 0 ? 0 : 1;
                    effect.Added += now is null ? 1 : 0;
                    effect.Gone += then is null ? 1 : 0;
                    effect.BreachesAdded += !IsLate(now) && IsLate(then) ? 1 : 0;
                    effect.BreachesGone += IsLate(now) && !IsLate(then) ? 1 : 0;
                }
                if (days != 0)
                {
                    _byDays[days] = _byDays.GetValueOrDefault(days) + 1;
                }
                changes |= days != 0 || now is null || then is null || now.State != then.State;
            }
            _changed += changes ? 1 : 0;
        }

        public DryRunSummary Summary()
        {
            var summary = new DryRunSummary
            {
                CasesRead = CasesRead,
                UnreadableCases = _unreadable,
                CasesChanged = _changed,
                Total = _total,
            };
            summary.ByObligation.AddRange(_byObligation.Values.Where(Changes));
            summary.ByAuthority.AddRange(_byAuthority.Values.Where(Changes));
            summary.ByDays.AddRange(_byDays.Select(d => new DaysMoved { Days = d.Key, Obligations = d.Value }));
            return summary;
        }

        private static PackEffect Of(SortedDictionary<string, PackEffect> effects, string of)
        {
            if (!effects.TryGetValue(of, out var effect))
            {
                effects.Add(of, effect = new PackEffect { Of = of });
            }
            return effect;
        }

        private static bool Changes(PackEffect e) => (e.DueMoved | e.Added | e.Gone | e.BreachesAdded | e.BreachesGone) != 0;

        private static bool IsLate(Obligation? o) => o?.State is ObligationState.Breached or ObligationState.MetLate;
    }
}
