using Grpc.Core;
using SendExchange.Aggregator.V1;
using SendExchange.Chassis;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Reports;

public sealed partial class Reporting
{
    /// <summary>Breaches whose first recorded due day lies in the year, each as its latest event (known by the given day) has it.</summary>
    public override async Task ListBreaches(
        ListBreachesRequest request,
        IServerStreamWriter<ListBreachesResponse> responseStream,
        ServerCallContext context
    )
    {
        var scope = ScopeOf(Caller.Of(context), request.Authorities);
        CheckYear(request.Year);
        var knownOn = KnownOn(request.AsKnownOn);
        var asOf = knownOn ?? London.Today(clock);
        var rows = database.Stream<BreachReportRow>(
            $"""
            select b.breach_id, b.authority, b.case_id, b.obligation, b.advice_id, b.occasion, b.obligor, b.rule, b.rule_pack,
                   b.start_on, b.due as first_due, b.breach_at, b.detected_at, e.late, e.due, e.ended_on,
                   (select c.correction from breach_events c
                    where c.breach_id = b.breach_id and c.correction is not null and c.at < @until
                    order by c.ordinal desc limit 1) as correction
            from breaches b join breach_events e on e.breach_id = b.breach_id
            where b.due between @from and @to and b.detected_at < @until {scope.Clause}
              and e.ordinal = (select max(l.ordinal) from breach_events l where l.breach_id = b.breach_id and l.at < @until)
            order by b.authority, b.due, b.case_id, b.obligation, b.advice_id, b.occasion, b.obligor
            """,
            new
            {
                from = new DateOnly(request.Year, 1, 1),
                to = new DateOnly(request.Year, 12, 31),
                until = knownOn is { } day ? EndOf(day) : DateTimeOffset.MaxValue,
                authorities = scope.Organisations,
            },
            context.CancellationToken
        );
        responseStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        await foreach (var row in rows)
        {
            await responseStream.WriteAsync(new ListBreachesResponse { Breach = row.ToBreach(asOf) }, context.CancellationToken);
        }
        TellUnreadable(context, await Unreadable(scope, "", context.CancellationToken));
    }

    private sealed class BreachReportRow
    {
        public required string BreachId { get; init; }
        public required string Authority { get; init; }
        public required string CaseId { get; init; }
        public required string Obligation { get; init; }
        public required string AdviceId { get; init; }
        public required string Occasion { get; init; }
        public required string Obligor { get; init; }
        public required string Rule { get; init; }
        public required string RulePack { get; init; }
        public required DateOnly StartOn { get; init; }
        public required DateOnly FirstDue { get; init; }
        public required DateTimeOffset BreachAt { get; init; }
        public required DateTimeOffset DetectedAt { get; init; }
        public required bool Late { get; init; }
        public required DateOnly Due { get; init; }
        public DateOnly? EndedOn { get; init; }
        public string? Correction { get; init; }

        public Breach ToBreach(DateOnly asOf) =>
            new()
            {
                BreachId = BreachId,
                Authority = Authority,
                CaseId = CaseId,
                Obligation = Obligation,
                AdviceId = AdviceId,
                Obligor = Obligor,
                Rule = Rule,
                RulePack = RulePack,
                Start = Text(StartOn),
                Due = Text(FirstDue),
                BreachAt = Text(BreachAt),
                DetectedAt = Text(DetectedAt),
                EndedOn = Text(EndedOn),
                DaysLate = Late ? Math.Max(0, (EndedOn ?? asOf).DayNumber - Due.DayNumber) : 0,
                Correction = Correction ?? "",
                Occasion = Occasion,
            };
    }
}
