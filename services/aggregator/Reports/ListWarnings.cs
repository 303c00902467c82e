using Grpc.Core;
using SendExchange.Aggregator.V1;
using SendExchange.Chassis;
using Warning = SendExchange.Aggregator.V1.Warning;

namespace SendExchange.Aggregator.Reports;

public sealed partial class Reporting
{
    /// <summary>Warnings whose target lies in the year, as they were published: none is taken back.</summary>
    public override async Task ListWarnings(
        ListWarningsRequest request,
        IServerStreamWriter<ListWarningsResponse> responseStream,
        ServerCallContext context
    )
    {
        var scope = ScopeOf(Caller.Of(context), request.Authorities);
        CheckYear(request.Year);
        var knownOn = KnownOn(request.AsKnownOn);
        var rows = database.Stream<WarningReportRow>(
            $"""
            select authority, case_id, obligation, advice_id, occasion, obligor, rule, target, due, days_before, days_left, published_at
            from warnings
            where target between @from and @to and published_at < @until {scope.Clause}
            order by authority, target, case_id, obligation, advice_id, occasion, obligor, days_before desc
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
            await responseStream.WriteAsync(new ListWarningsResponse { Warning = row.ToWarning() }, context.CancellationToken);
        }
    }

    private sealed class WarningReportRow
    {
        public required string Authority { get; init; }
        public required string CaseId { get; init; }
        public required string Obligation { get; init; }
        public required string AdviceId { get; init; }
        public required string Occasion { get; init; }
        public required string Obligor { get; init; }
        public required string Rule { get; init; }
        public required DateOnly Target { get; init; }
        public required DateOnly Due { get; init; }
        public required int DaysBefore { get; init; }
        public required int DaysLeft { get; init; }
        public required DateTimeOffset PublishedAt { get; init; }

        public Warning ToWarning() =>
            new()
            {
                Authority = Authority,
                CaseId = CaseId,
                Obligation = Obligation,
                AdviceId = AdviceId,
                Occasion = Occasion,
                Obligor = Obligor,
                Rule = Rule,
                Target = Text(Target),
                Due = Text(Due),
                DaysBefore = DaysBefore,
                DaysLeft = DaysLeft,
                PublishedAt = Text(PublishedAt),
            };
    }
}
