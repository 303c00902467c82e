using System.Diagnostics;
using System.Text.Json;
using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Clock;

/// <summary>What a claim of cases changes, gathered case by case and written at once: a statement a table, not a row.</summary>
internal sealed class Changes
{
    /// <summary>Code of the finding that a case is set aside. Beside those of the law: no law can say this.</summary>
    public const string UnreadableFact = "unreadable_fact";

    private readonly List<CaseRow> _cases = [];
    private readonly List<ObligationRow> _obligations = [];
    private readonly List<FindingRow> _findings = [];
    private readonly List<EventRow> _events = [];
    private readonly List<PostponedRow> _postponed = [];

    public List<NewBreach> NewBreaches { get; } = [];

    public List<NewWarning> NewWarnings { get; } = [];

    /// <param name="lookOn">The day from whose start on the case is to be read again. Null: not by itself.</param>
    /// <param name="packs">How many packs it was read under.</param>
    public void Add(ClaimedRow row, CaseReading reading, DateOnly? lookOn, int packs)
    {
        var days = DaysOf(reading.Outline).ToList();
        _cases.Add(
            new CaseRow(
                row.CaseKey,
                row.Authority,
                row.CaseId,
                lookOn is { } day ? London.StartOf(day) : null,
                null,
                JsonSerializer.Serialize(reading.Outline),
                days.Count > 0 ? days.Min() : null,
                days.Count > 0 ? days.Max() : null,
                packs
            )
        );
        _obligations.AddRange(reading.Obligations.Select(o => ObligationRow.Of(row, o)));
        foreach (var f in reading.Findings)
        {
            _findings.Add(new FindingRow(row.CaseKey, row.Authority, row.CaseId, f.Code, f.Detail, JsonSerializer.Serialize(f.Facts)));
        }
    }

    /// <summary>Leaves a case as it is until then, but for the finding that says so.</summary>
    /// <param name="unreadable">Ids of the facts that cannot be read.</param>
    /// <param name="packs">How many packs it would have been read under.</param>
    public void Postpone(ClaimedRow row, DateTimeOffset until, IReadOnlyList<string> unreadable, int packs)
    {
        _postponed.Add(new PostponedRow(row.CaseKey, row.Authority, row.CaseId, until, packs));
        _findings.Add(
            new FindingRow(
                row.CaseKey,
                row.Authority,
                row.CaseId,
                UnreadableFact,
                "a stored fact cannot be read; what is said of the case is as it was last read",
                JsonSerializer.Serialize(unreadable)
            )
        );
    }

    /// <summary>Adds an event to a breach, or the breach itself with its first event: how it then stands, and what to publish.</summary>
    public (BreachRow Breach, object Message) Add(
        ClaimedRow row,
        BreachRow? breach,
        Obligation? obligation,
        BreachChange change,
        DateTimeOffset now
    )
    {
        NewBreach? added = null;
        if (change is BreachChange.Recorded)
        {
            var o = obligation!;
            var key = ObligationKey.Of(o);
            added = new NewBreach(
                Guid.CreateVersion7(now).ToString(),
                row.CaseKey,
                row.Authority,
                row.CaseId,
                key.Code,
                key.AdviceId,
                key.Occasion,
                o.Obligor,
                o.Rule,
                o.RulePack,
                o.Start,
                o.Due,
                o.BreachAt,
                now
            );
            NewBreaches.Add(added);
            breach = BreachRow.Of(added);
        }
        breach = breach!.With(change.After);
        _events.Add(
            new EventRow(
                breach.BreachId,
                breach.Ordinal,
                change switch
                {
                    BreachChange.Recorded => "RECORDED",
                    BreachChange.Ended => "ENDED",
                    _ => "CORRECTED",
                },
                now,
                change.After.Late,
                change.After.Due,
                change.After.EndedOn,
                (change as BreachChange.Corrected)?.Reason
            )
        );
        return (breach, Message(breach, added, change, now));
    }

    private static object Message(BreachRow breach, NewBreach? added, BreachChange change, DateTimeOffset now) =>
        change switch
        {
            BreachChange.Recorded => added!.ToMessage(),
            BreachChange.Ended { After: var after } => new BreachEnded(
                Guid.Parse(breach.BreachId),
                breach.Authority,
                breach.CaseId,
                breach.Obligation,
                after.EndedOn!.Value,
                after.EndedOn.Value.DayNumber - after.Due.DayNumber
            ),
            BreachChange.Corrected { Reason: var reason } => new BreachCorrected(
                Guid.Parse(breach.BreachId),
                breach.Authority,
                breach.CaseId,
                breach.Obligation,
                reason,
                now
            ),
            _ => throw new UnreachableException(),
        };

    public async Task Write(Transaction tx)
    {
        var keys = _cases.ConvertAll(c => c.CaseKey);
        await tx.Execute("delete from obligations where case_key in @keys", new { keys });
        await tx.InsertMany("obligations", _obligations);
        await tx.Execute(
            "delete from findings where case_key in @keys and code <> @Disagreed and code <> @Unclocked",
            new
            {
                keys,
                CheckClocks.Disagreed,
                CheckClocks.Unclocked,
            }
        );
        if (_postponed.Count > 0)
        {
            await tx.Execute(
                "delete from findings where case_key in @postponed and code = @UnreadableFact",
                new { postponed = _postponed.ConvertAll(c => c.CaseKey), UnreadableFact }
            );
        }
        await tx.InsertMany("findings", _findings);
        await tx.InsertMany("breaches", NewBreaches);
        await tx.InsertMany("breach_events", _events);
        await tx.InsertMany("warnings", NewWarnings);
        await tx.InsertMany(
            "cases",
            _cases,
            """
            on conflict (case_key) do update set look_at = excluded.look_at, trace = excluded.trace,
                outline = excluded.outline, first_on = excluded.first_on, last_on = excluded.last_on, packs = excluded.packs
            """
        );
        await tx.InsertMany("cases", _postponed, "on conflict (case_key) do update set look_at = excluded.look_at, packs = excluded.packs");
    }

    private static IEnumerable<DateOnly> DaysOf(CaseOutline o) =>
        new[]
        {
            o.RequestReceivedOn,
            o.StartOn,
            o.DecisionOn,
            o.WithdrawnOn,
            o.NoPlanOn,
            o.DraftPlanOn,
            o.PlanFinalisedOn,
            o.AdviceCompleteOn,
        }
            .OfType<DateOnly>()
            .Concat(o.AssessMediation)
            .Concat(o.AssessTribunal)
            .Concat(o.PlanMediation)
            .Concat(o.PlanTribunal)
            .Concat(o.OtherMediation)
            .Concat(o.OtherTribunal);

    private sealed record CaseRow(
        string CaseKey,
        string Authority,
        string CaseId,
        DateTimeOffset? LookAt,
        string? Trace,
        string Outline,
        DateOnly? FirstOn,
        DateOnly? LastOn,
        int Packs
    );

    private sealed record PostponedRow(string CaseKey, string Authority, string CaseId, DateTimeOffset LookAt, int Packs);

    internal sealed record LookRow(string CaseKey, string Authority, string CaseId, DateTimeOffset LookAt);

    internal sealed record FindingRow(string CaseKey, string Authority, string CaseId, string Code, string Detail, string Facts);

    private sealed record EventRow(
        string BreachId,
        int Ordinal,
        string Kind,
        DateTimeOffset At,
        bool Late,
        DateOnly Due,
        DateOnly? EndedOn,
        string? Correction
    );
}

/// <summary>A row of <c>obligations</c>: two are equal when all that is stored is equal.</summary>
internal sealed record ObligationRow
{
    public required string CaseKey { get; init; }
    public required string Authority { get; init; }
    public required string CaseId { get; init; }
    public required string Obligation { get; init; }
    public required string AdviceId { get; init; }
    public required string Occasion { get; init; }
    public required string Obligor { get; init; }
    public required string Rule { get; init; }
    public required string RulePack { get; init; }
    public required DateOnly StartOn { get; init; }
    public required DateOnly Target { get; init; }
    public required DateOnly Due { get; init; }
    public required DateTimeOffset BreachAt { get; init; }
    public required string State { get; init; }
    public required bool Binds { get; init; }
    public DateOnly? DoneOn { get; init; }
    public DateOnly? EndedOn { get; init; }
    public string? Ground { get; init; }
    public string? GroundRejected { get; init; }
    public required string Basis { get; init; }

    public static ObligationRow Of(ClaimedRow row, Obligation o)
    {
        var key = ObligationKey.Of(o);
        return new ObligationRow
        {
            CaseKey = row.CaseKey,
            Authority = row.Authority,
            CaseId = row.CaseId,
            Obligation = key.Code,
            AdviceId = key.AdviceId,
            Occasion = key.Occasion,
            Obligor = o.Obligor,
            Rule = o.Rule,
            RulePack = o.RulePack,
            StartOn = o.Start,
            Target = o.Target,
            Due = o.Due,
            BreachAt = o.BreachAt,
            State = o.State.ToWire(),
            Binds = o.Binds,
            DoneOn = o.DoneOn,
            EndedOn = o.EndedOn,
            Ground = o.Ground,
            GroundRejected = o.GroundRejected,
            Basis = JsonSerializer.Serialize(o.Basis),
        };
    }
}

/// <summary>A case that this reader has locked.</summary>
internal sealed class ClaimedRow
{
    public required string CaseKey { get; init; }
    public required string Authority { get; init; }
    public required string CaseId { get; init; }
    public string? Trace { get; init; }

    /// <summary>How many packs it was last read under; null before its first reading.</summary>
    public int? Packs { get; init; }
}

internal sealed class FactRow
{
    public required string CaseKey { get; init; }
    public required string FactId { get; init; }
    public required string Fact { get; init; }
}

/// <summary>A row of <c>breaches</c>, as first written.</summary>
internal sealed record NewBreach(
    string BreachId,
    string CaseKey,
    string Authority,
    string CaseId,
    string Obligation,
    string AdviceId,
    string Occasion,
    string Obligor,
    string Rule,
    string RulePack,
    DateOnly StartOn,
    DateOnly Due,
    DateTimeOffset BreachAt,
    DateTimeOffset DetectedAt
)
{
    public BreachRecorded ToMessage() =>
        new(
            Guid.Parse(BreachId),
            Authority,
            CaseId,
            Obligation,
            AdviceId.Length > 0 ? AdviceId : null,
            Obligor,
            Rule,
            RulePack,
            StartOn,
            Due,
            BreachAt,
            DetectedAt,
            Occasion.Length > 0 ? Occasion : null
        );
}

/// <summary>A recorded breach with its latest event.</summary>
internal sealed record BreachRow
{
    public required string CaseKey { get; init; }
    public required string BreachId { get; init; }
    public required string Authority { get; init; }
    public required string CaseId { get; init; }
    public required string Obligation { get; init; }
    public required string AdviceId { get; init; }
    public required string Occasion { get; init; }
    public required string Obligor { get; init; }
    public required int Ordinal { get; init; }
    public required bool Late { get; init; }
    public required DateOnly Due { get; init; }
    public DateOnly? EndedOn { get; init; }

    public ObligationKey Key => new(Obligation, AdviceId, Occasion);

    public BreachStanding Standing => new(Late, Due, EndedOn);

    public static BreachRow Of(NewBreach b) =>
        new()
        {
            CaseKey = b.CaseKey,
            BreachId = b.BreachId,
            Authority = b.Authority,
            CaseId = b.CaseId,
            Obligation = b.Obligation,
            AdviceId = b.AdviceId,
            Occasion = b.Occasion,
            Obligor = b.Obligor,
            Ordinal = 0,
            Late = true,
            Due = b.Due,
        };

    public BreachRow With(BreachStanding after) =>
        this with
        {
            Ordinal = Ordinal + 1,
            Late = after.Late,
            Due = after.Due,
            EndedOn = after.EndedOn,
        };
}
