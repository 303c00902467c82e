using System.Text.Json;
using Grpc.Core;
using SendExchange.Aggregator.V1;
using SendExchange.Chassis;
using Finding = SendExchange.Aggregator.V1.Finding;

namespace SendExchange.Aggregator.Reports;

public sealed partial class Reporting
{
    /// <summary>What is odd in the facts, by authority and case.</summary>
    public override async Task ListFindings(
        ListFindingsRequest request,
        IServerStreamWriter<ListFindingsResponse> responseStream,
        ServerCallContext context
    )
    {
        var scope = ScopeOf(Caller.Of(context), request.Authorities);
        var rows = database.Stream<FindingReportRow>(
            $"""
            select authority, case_id, code, detail, facts from findings
            where 1 = 1 {scope.Clause}
            order by authority, case_id, code, detail
            """,
            new { authorities = scope.Organisations },
            context.CancellationToken
        );
        responseStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        await foreach (var row in rows)
        {
            var finding = new Finding
            {
                Authority = row.Authority,
                CaseId = row.CaseId,
                Code = row.Code,
                Detail = row.Detail,
            };
            finding.Facts.AddRange(JsonSerializer.Deserialize<string[]>(row.Facts));
            await responseStream.WriteAsync(new ListFindingsResponse { Finding = finding }, context.CancellationToken);
        }
    }

    private sealed class FindingReportRow
    {
        public required string Authority { get; init; }
        public required string CaseId { get; init; }
        public required string Code { get; init; }
        public required string Detail { get; init; }
        public required string Facts { get; init; }
    }
}
