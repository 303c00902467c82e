using Grpc.Core;
using SendExchange.Aggregator.V1;

namespace SendExchange.Aggregator.Packs;

public sealed partial class Lawmaking
{
    /// <summary>The packs in force, and how far the cases have come under them.</summary>
    public override Task<ListPacksResponse> ListPacks(ListPacksRequest request, ServerCallContext context) =>
        database.Transact(
            async tx =>
            {
                var known = await inForce.Known(tx);
                var response = new ListPacksResponse
                {
                    CasesWaiting = await tx.One<long>("select count(*) from cases where packs < @packs", new { packs = known.Rows.Count }),
                };
                response.Packs.AddRange(known.Rows.Select(row => OnTheWire(row, known.Laws[^1])));
                return response;
            },
            context.CancellationToken
        );
}
