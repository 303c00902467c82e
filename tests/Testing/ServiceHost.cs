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
/// on the engine asked for, the in-memory bus unless a broker is given, tokens of a development key.
/// </summary>
/// <remarks>Disposing of it throws where an error was logged that the test did not expect, or take out of <see cref="Errors"/>.</remarks>
public sealed class ServiceHost : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sendx-services-").FullName;
    private readonly List<GrpcChannel> channels = [];
    private readonly WebApplication app;
    private readonly List<string> names;
    private Task? stopped;

    private ServiceHost(
        Action<ChassisBuilder> add,
        Action<WebApplication> map,
        TimeProvider? clock,
        IReadOnlyDictionary<string, string?> settings
    )
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders().AddProvider(new ErrorKeeper(Errors));
        builder.Configuration["Auth:DevelopmentKey"] = Auth.NewDevelopmentKey();
        builder.Configuration["Grpc:Url"] = GrpcUrl.ToString();
        builder.Configuration["Http:Url"] = HttpUrl.ToString();
        foreach (var (name, value) in settings)
        {
            builder.Configuration[name] = value;
        }
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

    /// <summary>Set where errors are what a test is about: disposal then does not mind them.</summary>
    public bool ExpectsErrors { get; set; }

    public Uri GrpcUrl { get; } = new($"http://127.0.0.1:{FreePort.Next()}");

    public Uri HttpUrl { get; } = new($"http://127.0.0.1:{FreePort.Next()}");

    public IServiceProvider Services => app.Services;

    /// <param name="engine">SQLite files in a temporary folder, or new databases of <see cref="PrivatePostgres.Shared"/>.</param>
    /// <param name="add">As in a service's Program.cs.</param>
    /// <param name="map">As in a service's Program.cs; health and reflection are mapped already.</param>
    /// <param name="clock">The services' clock, e.g. a <see cref="StoppedClock"/>. Tokens keep real time.</param>
    /// <param name="settings">
    /// Configuration, e.g. <c>ConnectionStrings:Broker</c>, or <c>ConnectionStrings:SERVICE</c> to share a database with another host.
    /// </param>
    public static async Task<ServiceHost> Start(
        Engine engine,
        Action<ChassisBuilder> add,
        Action<WebApplication> map,
        TimeProvider? clock = null,
        IReadOnlyDictionary<string, string?>? settings = null
    )
    {
        var host = new ServiceHost(add, map, clock, settings ?? new Dictionary<string, string?>());
        foreach (var name in host.names.Where(name => host.ConnectionString(name) is null))
        {
            host.app.Configuration[$"ConnectionStrings:{name}"] =
                engine == Engine.Sqlite
                    ? $"Data Source={Path.Combine(host.folder, name)}.db"
                    : await (await PrivatePostgres.Shared).CreateDatabase(name);
        }
        await host.app.StartAsync();
        return host;
    }

    /// <summary>Of a service's database, to share it with another host.</summary>
    public string? ConnectionString(string service) => app.Configuration.GetConnectionString(service);

    public Database Database(string service) => Services.GetRequiredKeyedService<Database>(service);

    /// <summary>Calls as that organisation, in those roles; without an organisation, as nobody.</summary>
    public GrpcChannel Channel(string? organisation = null, params IEnumerable<string> roles)
    {
        var http = new HttpClient();
        if (organisation is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token(organisation, roles));
        }
        var channel = GrpcChannel.ForAddress(GrpcUrl, new GrpcChannelOptions { HttpClient = http, DisposeHttpClient = true });
        lock (channels)
        {
            channels.Add(channel);
        }
        return channel;
    }

    /// <summary>A token of that organisation in those roles, valid for an hour.</summary>
    public string Token(string organisation, params IEnumerable<string> roles) =>
        Auth.DevelopmentToken(
            app.Configuration["Auth:DevelopmentKey"]!,
            organisation,
            roles,
            TimeProvider.System.GetUtcNow(),
            TimeSpan.FromHours(1)
        );

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

    /// <summary>As on SIGTERM. Databases stay until disposal.</summary>
    public Task Stop() => stopped ??= app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in channels)
        {
            channel.Dispose();
        }
        await Stop();
        await app.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        if (!Errors.IsEmpty && !ExpectsErrors)
        {
            throw new InvalidOperationException($"{Errors.Count} errors were logged, first of all:\n{string.Join('\n', Errors.Take(3))}");
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
