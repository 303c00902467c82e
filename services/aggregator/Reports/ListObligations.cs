using System.Text.Json;
using Grpc.Core;
using SendExchange.Aggregator.V1;
using SendExchange.Chassis;
using SendExchange.Statute;
using Obligation = SendExchange.Aggregator.V1.Obligation;

namespace SendExchange.Aggregator.Reports;

public sealed partial class Reporting
{
    /// <summary>Obligations whose due day lies in the year, as last read, or read afresh from what was known on a day.</summary>
    public override async Task ListObligations(
        ListObligationsRequest request,
        IServerStreamWriter<ListObligationsResponse> responseStream,
        ServerCallContext context
    )
    {
        var scope = ScopeOf(Caller.Of(context), request.Authorities);
        CheckYear(request.Year);
        var knownOn = KnownOn(request.AsKnownOn);
        var unreadable = knownOn is null ? await Unreadable(scope, request.CaseId, context.CancellationToken) : 0;
        var obligations = knownOn is { } day
            ? ObligationsKnownOn(day, request, scope, () => unreadable++, context.CancellationToken)
            : Obligations(request, scope, context.CancellationToken);
        responseStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        await foreach (var obligation in obligations)
        {
            await responseStream.WriteAsync(new ListObligationsResponse { Obligation = obligation }, context.CancellationToken);
        }
        TellUnreadable(context, unreadable);
    }

    private async IAsyncEnumerable<Obligation> Obligations(
        ListObligationsRequest request,
        Scope scope,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var today = London.Today(clock);
        var rows = database.Stream<ObligationReportRow>(
            $"""
            select authority, case_id, obligation, advice_id, occasion, obligor, rule, rule_pack, start_on, target, due, breach_at,
                   state, done_on, ended_on, ground, ground_rejected, basis
            from obligations
            where due between @from and @to {scope.Clause} and (@caseId = '' or case_id = @caseId)
            order by authority, case_id, due, obligation, advice_id, occasion
            """,
            new
            {
                from = new DateOnly(request.Year, 1, 1),
                to = new DateOnly(request.Year, 12, 31),
                authorities = scope.Organisations,
                caseId = request.CaseId,
            },
            cancellationToken
        );
        await foreach (var row in rows)
        {
            yield return row.ToObligation(today);
        }
    }

    private async IAsyncEnumerable<Obligation> ObligationsKnownOn(
        DateOnly day,
        ListObligationsRequest request,
        Scope scope,
        Action unreadable,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var known in CasesKnown.On(database, inForce, day, scope.Clause, scope.Organisations, logger, cancellationToken))
        {
            if (request.CaseId.Length > 0 && request.CaseId != known.CaseId)
            {
                continue;
            }
            if (known.Read() is not { } reading)
            {
                unreadable();
                continue;
            }
            foreach (var o in reading.Obligations.Where(o => o.Due.Year == request.Year))
            {
                yield return ObligationOnTheWire.Of(o);
            }
        }
    }

    private sealed class ObligationReportRow
    {
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
        public DateOnly? DoneOn { get; init; }
        public DateOnly? EndedOn { get; init; }
        public string? Ground { get; init; }
        public string? GroundRejected { get; init; }
        public required string Basis { get; init; }

        public Obligation ToObligation(DateOnly today)
        {
            // Counted here, not stored: a duty still owed is a day later each day.
            var late = State is "BREACHED" or "MET_LATE" ? (DoneOn ?? EndedOn ?? today).DayNumber - Due.DayNumber : 0;
            var obligation = new Obligation
            {
                Authority = Authority,
                CaseId = CaseId,
                Obligation_ = Obligation,
                AdviceId = AdviceId,
                Obligor = Obligor,
                Rule = Rule,
                RulePack = RulePack,
                Start = Text(StartOn),
                Target = Text(Target),
                Due = Text(Due),
                BreachAt = Text(BreachAt),
                State = State,
                DoneOn = Text(DoneOn),
                DaysLate = late,
                Ground = Ground ?? "",
                GroundRejected = GroundRejected ?? "",
                Occasion = Occasion,
            };
            obligation.Basis.AddRange(JsonSerializer.Deserialize<string[]>(Basis));
            return obligation;
        }
    }
}
