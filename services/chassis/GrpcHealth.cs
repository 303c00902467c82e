using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace SendExchange.Chassis;

/// <summary>Tells by gRPC what /health/ready tells by HTTP.</summary>
/// <remarks>A process serves all it has or nothing, so each service mapped here and "" (the process) have one status.</remarks>
internal sealed class GrpcHealth(
    HealthCheckService checks,
    EndpointDataSource endpoints,
    IHostApplicationLifetime lifetime,
    TimeProvider clock
) : Health.HealthBase
{
    /// <summary>A watcher hears of a change at most this late.</summary>
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(5);

    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        Here().Contains(request.Service)
            ? new() { Status = await Now(context.CancellationToken) }
            : throw new RpcException(new Status(StatusCode.NotFound, $"No service '{request.Service}' here."));

    public override async Task<HealthListResponse> List(HealthListRequest request, ServerCallContext context)
    {
        var status = await Now(context.CancellationToken);
        var list = new HealthListResponse();
        foreach (var service in Here())
        {
            list.Statuses[service] = new() { Status = status };
        }
        return list;
    }

    public override async Task Watch(
        HealthCheckRequest request,
        IServerStreamWriter<HealthCheckResponse> responseStream,
        ServerCallContext context
    )
    {
        // A watcher stays for ever; the process need not outlive its stop for its sake.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var known = Here().Contains(request.Service);
        ServingStatus? told = null;
        try
        {
            while (true)
            {
                var status = known ? await Now(ending.Token) : ServingStatus.ServiceUnknown;
                if (status != told)
                {
                    await responseStream.WriteAsync(new() { Status = status }, context.CancellationToken);
                    told = status;
                }
                await Task.Delay(WatchEvery, clock, ending.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            if (!context.CancellationToken.IsCancellationRequested && known && told != ServingStatus.NotServing)
            {
                await responseStream.WriteAsync(new() { Status = ServingStatus.NotServing }, context.CancellationToken);
            }
        }
    }

    private async Task<ServingStatus> Now(CancellationToken cancellationToken)
    {
        var report = await checks.CheckHealthAsync(check => check.Tags.Contains("ready"), cancellationToken);
        return report.Status == HealthStatus.Unhealthy ? ServingStatus.NotServing : ServingStatus.Serving;
    }

    private HashSet<string> Here() =>
        endpoints
            .Endpoints.Select(e => e.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.ServiceName)
            .OfType<string>()
            .Append("")
            .ToHashSet();
}
