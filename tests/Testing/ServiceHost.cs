using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SendExchange.Chassis;

namespace SendExchange.Testing;

/// <summary>What a service's database runs on in a test.</summary>
public enum Engine
{
    Sqlite,
    Postgres,
}

/// <summary>
/// Services in this process as in production, but for their addresses: real Kestrel on free ports, databases of their own
/// on the engine asked for, the in-memory bus, tokens of a development key.
/// </summary>
/// <remarks>Disposing of it throws where an error was logged that the test did not take out of <see cref="Errors"/>.</remarks>
public sealed class ServiceHost : IAsyncDisposable
{
    private readonly string developmentKey = Auth.NewDevelopmentKey();
    private readonly string folder = Directory.CreateTempSubdirectory("sendx-services-").FullName;
    private readonly List<GrpcChannel> channels = [];
    private readonly WebApplication app;
    private readonly List<string> names;

    private ServiceHost(Action<ChassisBuilder> add, Action<WebApplication> map, TimeProvider? clock)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders().AddProvider(new ErrorKeeper(Errors));
        builder.Configuration["Auth:DevelopmentKey"] = developmentKey;
        builder.Configuration["Grpc:Url"] = GrpcUrl.ToString();
        builder.Configuration["Http:Url"] = HttpUrl.ToString();
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.AddChassis(add);
        names =
        [
            .. builder
                .Services.Select(s => s.ServiceKey is null ? s.ImplementationInstance : null)
                .OfType<ServiceRegistration>()
                .Select(r => r.Name),
        ];
        app = builder.Build();
        app.UseChassis();
        map(app);
    }

    /// <summary>What was logged at error level, in the order of its happening.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    public Uri GrpcUrl { get; } = new($"http://127.0.0.1:{FreePort.Next()}");

    public Uri HttpUrl { get; } = new($"http://127.0.0.1:{FreePort.Next()}");

    public IServiceProvider Services => app.Services;

    /// <param name="engine">SQLite files in a temporary folder, or new databases of <see cref="PrivatePostgres.Shared"/>.</param>
    /// <param name="add">As in a service's Program.cs.</param>
    /// <param name="map">As in a service's Program.cs; health and reflection are mapped already.</param>
    /// <param name="clock">The services' clock, e.g. a <see cref="StoppedClock"/>. Tokens keep real time.</param>
    public static async Task<ServiceHost> Start(
        Engine engine,
        Action<ChassisBuilder> add,
        Action<WebApplication> map,
        TimeProvider? clock = null
    )
    {
        var host = new ServiceHost(add, map, clock);
        foreach (var name in host.names)
        {
            host.app.Configuration[$"ConnectionStrings:{name}"] =
                engine == Engine.Sqlite
                    ? $"Data Source={Path.Combine(host.folder, name)}.db"
                    : await (await PrivatePostgres.Shared).CreateDatabase(name);
        }
        await host.app.StartAsync();
        return host;
    }

    public Database Database(string service) => Services.GetRequiredKeyedService<Database>(service);

    /// <summary>Calls as that organisation, in those roles; without an organisation, as nobody.</summary>
    public GrpcChannel Channel(string? organisation = null, params IEnumerable<string> roles)
    {
        var http = new HttpClient();
        if (organisation is not null)
        {
            var token = Auth.DevelopmentToken(developmentKey, organisation, roles, TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(1));
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        var channel = GrpcChannel.ForAddress(GrpcUrl, new GrpcChannelOptions { HttpClient = http, DisposeHttpClient = true });
        lock (channels)
        {
            channels.Add(channel);
        }
        return channel;
    }

    /// <summary>Returns when the bus has nothing left to deliver: every message is consumed, with all that followed from it.</summary>
    /// <exception cref="TimeoutException">Something is still on its way after 30 seconds; the message holds the errors logged.</exception>
    public async Task Quiet()
    {
        var patience = TimeSpan.FromSeconds(30);
        var started = TimeProvider.System.GetTimestamp();
        // A row leaves an outbox once consumed, when what its consumer publishes is in the next outbox. So a message can
        // slip past one look at all outboxes, from one not looked at yet to one that was: but not past two.
        for (var emptyLooks = 0; emptyLooks < 2; )
        {
            var waiting = 0;
            foreach (var name in names)
            {
                waiting += (await Database(name).Query<int>("select count(*) from outbox"))[0];
            }
            emptyLooks = waiting == 0 ? emptyLooks + 1 : 0;
            if (waiting > 0)
            {
                if (TimeProvider.System.GetElapsedTime(started) > patience)
                {
                    throw new TimeoutException($"{waiting} outbox rows after {patience.TotalSeconds} s. {string.Join('\n', Errors)}");
                }
                await Task.Delay(10);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in channels)
        {
            channel.Dispose();
        }
        await app.StopAsync();
        await app.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        if (!Errors.IsEmpty)
        {
            throw new InvalidOperationException($"Errors were logged:\n{string.Join('\n', Errors)}");
        }
    }

    private sealed class ErrorKeeper(ConcurrentQueue<string> errors) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (IsEnabled(logLevel))
            {
                errors.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose() { }
    }
}
