using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace SendExchange.Chassis;

/// <summary>Traces and metrics by OTLP, off unless <c>Otlp:Endpoint</c> is set.</summary>
/// <remarks>Nothing personal in attributes: organisations, codes and counts only.</remarks>
public static class Telemetry
{
    /// <summary>Source and meter of everything the exchange says of itself.</summary>
    public const string Name = "SendExchange";

    public static ActivitySource Source { get; } = new(Name);

    public static Meter Meter { get; } = new(Name);

    /// <summary>Starts a span that belongs to an earlier trace, e.g. one that was stored with a row.</summary>
    /// <param name="trace">W3C traceparent; null starts a trace of its own.</param>
    /// <param name="name">What is done, the same for all.</param>
    /// <param name="kind">As OpenTelemetry has it.</param>
    /// <returns>Null where nobody listens.</returns>
    public static Activity? Continue(string? trace, string name, ActivityKind kind = ActivityKind.Internal) =>
        ActivityContext.TryParse(trace, null, isRemote: true, out var parent)
            ? Source.StartActivity(name, kind, parent)
            : Source.StartActivity(name, kind);

    /// <summary>Exports for as long as the host runs; what is left goes out at the end.</summary>
    internal sealed class Exporter(IConfiguration configuration, IHostEnvironment environment) : IHostedService, IDisposable
    {
        private TracerProvider? _traces;
        private MeterProvider? _metrics;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            if (configuration["Otlp:Endpoint"] is not { Length: > 0 } endpoint)
            {
                return Task.CompletedTask;
            }
            var resource = ResourceBuilder.CreateDefault().AddService(configuration["Otlp:Service"] ?? environment.ApplicationName);
            _traces = Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(resource)
                .AddSource(Name, "Microsoft.AspNetCore", "MassTransit", "Npgsql")
                .AddOtlpExporter(otlp => otlp.Endpoint = new Uri(endpoint))
                .Build();
            _metrics = Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(resource)
                .AddMeter(Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "MassTransit", "Npgsql")
                .AddOtlpExporter(otlp => otlp.Endpoint = new Uri(endpoint))
                .Build();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
            _traces?.Dispose();
            _metrics?.Dispose();
        }
    }
}

/// <summary>All that the chassis logs, on one page.</summary>
internal static partial class ChassisLog
{
    [LoggerMessage(1, LogLevel.Warning, "The outbox of {Database} cannot be read; trying again.")]
    public static partial void OutboxUnreadable(ILogger logger, string database, Exception problem);

    [LoggerMessage(2, LogLevel.Warning, "Outbox row {OutboxId} of {Database} was not published at try {Attempts} and is {Kept}.")]
    public static partial void NotPublished(ILogger logger, string outboxId, string database, int attempts, string kept, Exception problem);

    [LoggerMessage(3, LogLevel.Information, "{Service}: gRPC on {Grpc}, health on {Http}, database {Engine}, bus {Bus}.")]
    public static partial void Started(ILogger logger, string service, string grpc, string http, string engine, string bus);

    [LoggerMessage(4, LogLevel.Information, "Redrove {Count} messages of {Queue}.")]
    public static partial void Redriven(ILogger logger, int count, string queue);

    [LoggerMessage(5, LogLevel.Critical, "The broker answers, but {Trouble}. The process ends, to be started again.")]
    public static partial void BusGone(ILogger logger, string trouble);
}
