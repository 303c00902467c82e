using Grpc.Core;
using SendExchange.Aggregator.V1;

namespace SendExchange.Aggregator.Reports;

public sealed partial class Reporting
{
    /// <summary>For a sender that wants to know when all it sent has become obligations: arrived, and no case waits.</summary>
    public override async Task<GetProgressResponse> GetProgress(GetProgressRequest request, ServerCallContext context)
    {
        var arrived = await arrival.UpTo(context.CancellationToken);
        var waiting = await database.Query<Waiting>(
            """
            select (select count(*) from cases where look_at <= @now) + (select count(*) from replacements) as cases,
                   (select count(*) from outbox) as outbox
            """,
            new { now = clock.GetUtcNow() },
            context.CancellationToken
        );
        return new GetProgressResponse
        {
            ArrivedUpTo = arrived,
            CasesWaiting = waiting[0].Cases,
            OutboxWaiting = waiting[0].Outbox,
        };
    }

    private sealed class Waiting
    {
        public required long Cases { get; init; }
        public required long Outbox { get; init; }
    }
}
