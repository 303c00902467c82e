using System.Net;
using System.Reflection;
using MassTransit;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SendExchange.Chassis;

/// <summary>What a process runs: one service, or all of them, over one bus.</summary>
/// <remarks>
/// Configuration: <c>ConnectionStrings:Database</c> (or <c>ConnectionStrings:SERVICE</c> where a process runs several),
/// <c>ConnectionStrings:Broker</c> (amqp://…; none: the in-memory bus), <c>Grpc:Url</c> and <c>Http:Url</c>,
/// <c>Auth:*</c>, <c>Otlp:Endpoint</c>.
/// </remarks>
public sealed class ChassisBuilder(WebApplicationBuilder host)
{
    internal List<ServiceRegistration> Registrations { get; } = [];

    public IServiceCollection Services => host.Services;

    public IConfiguration Configuration => host.Configuration;

    /// <summary>Adds a service with a database of its own, injected as <c>[FromKeyedServices(name)] Database</c>.</summary>
    /// <param name="name">E.g. education: names the connection string, queues and health check.</param>
    /// <param name="assembly">Holds its <c>migrations/*.sql</c>.</param>
    public ServiceRegistration AddService(string name, Assembly assembly)
    {
        var registration = new ServiceRegistration(name, assembly);
        Registrations.Add(registration);
        Services.AddSingleton(registration);
        Services.AddKeyedSingleton(name, (provider, _) => registration.Open(provider));
        Services.AddSingleton<IHostedService>(provider =>
            ActivatorUtilities.CreateInstance<Outbox>(provider, registration.Database(provider))
        );
        Services
            .AddHealthChecks()
            .Add(new HealthCheckRegistration(name, p => new DatabaseAnswers(registration.Database(p)), failureStatus: null, ["ready"]));
        return registration;
    }

    private sealed class DatabaseAnswers(Database database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await database.Query<int>("select 1", cancellationToken: cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (System.Data.Common.DbException away)
            {
                return HealthCheckResult.Unhealthy("the database does not answer", away);
            }
        }
    }
}

/// <summary>One service in this process: its database and the queues it listens to.</summary>
public sealed class ServiceRegistration(string name, Assembly assembly)
{
    public string Name => name;

    internal Assembly Assembly => assembly;

    internal List<Subscription> Subscriptions { get; } = [];

    internal List<Feed> Feeds { get; } = [];

    /// <summary>Takes messages one by one. The queue is SERVICE.<paramref name="queue"/>, and its errors SERVICE.<paramref name="queue"/>_error.</summary>
    public ServiceRegistration Consume<TConsumer, TMessage>(string queue)
        where TConsumer : class, IConsumer<TMessage>
        where TMessage : class
    {
        Subscriptions.Add(Subscription.Of<TConsumer, TMessage>($"{name}.{queue}"));
        return this;
    }

    /// <summary>Takes messages many at once, for what would otherwise be a query a message.</summary>
    public ServiceRegistration ConsumeBatches<TConsumer, TMessage>(string queue, int batchOf)
        where TConsumer : class, IConsumer<Batch<TMessage>>
        where TMessage : class
    {
        Subscriptions.Add(Subscription.InBatches<TConsumer, TMessage>($"{name}.{queue}", batchOf));
        return this;
    }

    /// <summary>
    /// Names the queues of other services that a message is published to. They are there before the first message is, so that a
    /// service that has never run yet finds all of it waiting. Each must be a queue that some service consumes from.
    /// </summary>
    /// <param name="queues">As RabbitMQ shows them, e.g. aggregator.facts.</param>
    public ServiceRegistration Publish<TMessage>(params ReadOnlySpan<string> queues)
        where TMessage : class
    {
        foreach (var queue in queues)
        {
            Feeds.Add(Feed.Of<TMessage>(queue));
        }
        return this;
    }

    internal Database Database(IServiceProvider provider) => provider.GetRequiredKeyedService<Database>(name);

    internal Database Open(IServiceProvider provider)
    {
        var configuration = provider.GetRequiredService<IConfiguration>();
        var connectionString =
            configuration.GetConnectionString(name)
            ?? configuration.GetConnectionString("Database")
            ?? throw new InvalidOperationException(
                $"Set ConnectionStrings__Database (PostgreSQL: Host=…;Database=…; SQLite: Data Source=FILE) for {name}."
            );
        return new Database(name, connectionString, provider.GetRequiredService<TimeProvider>());
    }
}

public static class Hosting
{
    /// <summary>Adds everything around the services that <paramref name="add"/> names.</summary>
    public static void AddChassis(this WebApplicationBuilder builder, Action<ChassisBuilder> add)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        // First, so that databases are up to date before any other hosted service runs, and last to stop.
        builder.Services.AddHostedService<Telemetry.Exporter>();
        builder.Services.AddHostedService<Migrations>();
        builder.Services.AddSingleton<OpenCalls>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<OpenCalls>());
        builder.Services.AddHealthChecks();
        builder.Services.AddAuth(builder.Configuration);
        builder.Services.AddGrpc();

        var broker = builder.Configuration.GetConnectionString("Broker");
        var chassis = new ChassisBuilder(builder);
        var bus = builder.Services.Count;
        add(chassis);
        var services = builder.Services.Skip(bus).ToList();
        builder.Services.AddBus(
            [.. chassis.Registrations.SelectMany(r => r.Subscriptions)],
            [.. chassis.Registrations.SelectMany(r => r.Feeds)],
            string.IsNullOrEmpty(broker) ? null : broker
        );
        // The bus starts before and stops after what publishes to it.
        foreach (var service in services.Where(s => s.ServiceType == typeof(IHostedService)))
        {
            builder.Services.Remove(service);
            builder.Services.Add(service);
        }
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(40));
        builder.WebHost.ConfigureKestrel(Listen);
    }

    /// <summary>Maps what every process answers: health, reflection, operation. The services map their own.</summary>
    public static void UseChassis(this WebApplication app)
    {
        app.Use(app.Services.GetRequiredService<OpenCalls>().Count);
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") }).AllowAnonymous();
        app.MapGrpcService<GrpcHealth>().AllowAnonymous();
        app.MapGrpcService<GrpcReflection>();
        app.MapPost("/operate/redrive/{queue}", Redrive).RequireAuthorization(new AuthorizeAttribute { Roles = "operator" });
    }

    /// <summary>Puts back in line what a queue's consumer gave up on. Answers how many messages (with a broker) or outbox rows.</summary>
    private static async Task<IResult> Redrive(
        string queue,
        IEnumerable<ServiceRegistration> services,
        IServiceProvider provider,
        IConfiguration configuration,
        ILoggerFactory loggers,
        CancellationToken cancellationToken
    )
    {
        var known = services.SelectMany(s => s.Subscriptions).Select(s => s.Name).Order().ToList();
        if (!known.Contains(queue))
        {
            return Results.Problem(
                $"No queue '{queue}' here; there are {string.Join(", ", known)}.",
                statusCode: StatusCodes.Status404NotFound
            );
        }
        var moved = 0;
        if (configuration.GetConnectionString("Broker") is { Length: > 0 } broker)
        {
            moved = await Bus.RedriveErrors(broker, queue, cancellationToken);
        }
        else
        {
            foreach (var service in services)
            {
                moved += await Outbox.Redrive(service.Database(provider), queue, cancellationToken);
            }
        }
        ChassisLog.Redriven(loggers.CreateLogger(nameof(Redrive)), moved, queue);
        return Results.Ok(new { queue, moved });
    }

    // gRPC without TLS needs HTTP/2 alone on its port; HTTP/1.1 for health and pages has another.
    private static void Listen(WebHostBuilderContext context, KestrelServerOptions kestrel)
    {
        Bind(context.Configuration["Grpc:Url"] ?? "http://127.0.0.1:5100", HttpProtocols.Http2);
        Bind(context.Configuration["Http:Url"] ?? "http://127.0.0.1:8080", HttpProtocols.Http1);

        void Bind(string url, HttpProtocols protocols)
        {
            var address = BindingAddress.Parse(url);
            if (IPAddress.TryParse(address.Host, out var ip))
            {
                kestrel.Listen(ip, address.Port, endpoint => endpoint.Protocols = protocols);
            }
            else if (address.Host == "localhost")
            {
                kestrel.ListenLocalhost(address.Port, endpoint => endpoint.Protocols = protocols);
            }
            else
            {
                kestrel.ListenAnyIP(address.Port, endpoint => endpoint.Protocols = protocols); // http://*:5100 or http://+:5100
            }
        }
    }
}

/// <summary>Calls that are being answered. At shutdown they end, and their callers hear how, before connections are closed.</summary>
/// <remarks>
/// Kestrel closes a connection as soon as its last stream is about to end. A caller that is still sending may then find the
/// connection gone and never read its last receipts, or why there are no more.
/// </remarks>
internal sealed class OpenCalls(IHostApplicationLifetime lifetime) : IHostedLifecycleService
{
    private static readonly TimeSpan _callsEndWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _callersHearWithin = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = 1; // The first is the process itself, until it stops.

    public async Task Count(HttpContext context, RequestDelegate next)
    {
        Interlocked.Increment(ref _open);
        try
        {
            await next(context);
            if (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                await LetTheCallerHear(context);
            }
        }
        finally
        {
            End();
        }
    }

    /// <summary>Runs before anything is stopped.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        lifetime.StopApplication(); // Calls that go on for long end themselves when they see it.
        End();
        try
        {
            await _allEnded.Task.WaitAsync(_callsEndWithin, cancellationToken);
        }
        catch (TimeoutException)
        {
            // What is still open now is closed with its connection.
        }
    }

    private void End()
    {
        if (Interlocked.Decrement(ref _open) == 0)
        {
            _allEnded.TrySetResult();
        }
    }

    // Ends the answer first, then reads on, unheeding, until the caller has seen that and stops sending.
    private static async Task LetTheCallerHear(HttpContext context)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(_callersHearWithin);
        try
        {
            await context.Response.CompleteAsync();
            await context.Request.Body.CopyToAsync(Stream.Null, patience.Token);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // It has heard and stopped sending, or it never will.
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
