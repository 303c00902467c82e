using System.Data.Common;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using SendExchange.Education.V1;

namespace SendExchange.Education.Intake;

/// <summary>The gRPC face of intake; its methods are in <c>RecordFact.cs</c> and <c>RecordFacts.cs</c>.</summary>
[Authorize(Roles = "sender,adviser")]
public sealed partial class AssessmentIntake(Committer committer, IHostApplicationLifetime lifetime, ILogger<AssessmentIntake> logger)
    : AssessmentIntakeService.AssessmentIntakeServiceBase
{
    /// <summary>The receipt once it is there. A database that is away is for the caller to try again, not a bug.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: the fact is not known to be stored; sending it again is harmless.</exception>
    private async Task<FactReceipt> ReceiptOf(Task<FactReceipt> pending)
    {
        try
        {
            return await pending;
        }
        catch (DbException away)
        {
            Log.FactsNotStored(logger, away);
            throw new RpcException(
                new Status(StatusCode.Unavailable, "The facts could not be stored now. Send again what has no receipt.")
            );
        }
    }
}
