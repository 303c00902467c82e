using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using SendExchange.Aggregator.Clock;
using SendExchange.Aggregator.V1;
using SendExchange.Chassis;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Packs;

/// <summary>The gRPC face of rule packs; each method is in a file of its name.</summary>
[Authorize(Roles = "inspector,operator")]
public sealed partial class Lawmaking(
    [FromKeyedServices(Aggregator.Name)] Database database,
    LawInForce inForce,
    CasesToRead casesToRead,
    TimeProvider clock
) : LawService.LawServiceBase
{
    private static ProposedPack Read(string document, Law law) =>
        ProposedPack.Read(document, law, out var faults)
        ?? throw GrpcErrors.Invalid([.. faults.Select(f => (f.Where.Length > 0 ? $"document.{f.Where}" : "document", f.Problem))]);

    private static Pack OnTheWire(PackRow row, Law law)
    {
        var pack = law.Applied[row.Ordinal - 1];
        return new Pack
        {
            Id = row.Id,
            Title = pack.Title,
            Citation = pack.Citation,
            Reason = row.Reason,
            AppliedBy = row.AppliedBy,
            AppliedAt = row.AppliedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            Document = row.Document,
        };
    }
}
