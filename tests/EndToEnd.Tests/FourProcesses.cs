using SendExchange.Chassis;
using SendExchange.Testing;

namespace SendExchange.EndToEnd.Tests;

/// <summary>The four services as processes of their own, over a RabbitMQ node and a database each in a PostgreSQL cluster.</summary>
internal sealed class FourProcesses : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, string> databases = [];
    private readonly List<Server> replicas = [];

    private FourProcesses() => Exchange = new Exchange(FreeAddress(), FreeAddress(), FreeAddress(), FreeAddress(), folder.Path);

    public Exchange Exchange { get; }

    public IReadOnlyDictionary<string, Server> Servers { get; private set; } = new Dictionary<string, Server>();

    /// <summary>amqp://… of a virtual host of their own.</summary>
    public string Broker { get; private set; } = "";

    public static async Task<FourProcesses> Start(PrivateRabbitMq rabbit, PrivatePostgres postgres)
    {
        var four = new FourProcesses();
        try
        {
            four.Broker = await rabbit.CreateVirtualHost("exchange");
            await File.WriteAllTextAsync(four.folder["development-key"], Exchange.Key);
            foreach (var service in EndToEnd.Tests.Stores.Services)
            {
                four.databases[service] = await postgres.CreateDatabase(service);
            }
            four.Servers = new Dictionary<string, Server>
            {
                ["education"] = four.Service("education", four.Exchange.Education),
                ["health"] = four.Service("health", four.Exchange.Health),
                ["social-care"] = four.Service("social-care", four.Exchange.SocialCare),
                ["aggregator"] = four.Service("aggregator", four.Exchange.Aggregator),
            };
            await Task.WhenAll(four.Servers.Values.Select(server => server.Start()));
            return four;
        }
        catch
        {
            await four.DisposeAsync();
            throw;
        }
    }

    /// <summary>One more process of a service, on the same database and queues.</summary>
    /// <returns>Its gRPC address.</returns>
    public async Task<string> StartReplica(string service)
    {
        var grpc = FreeAddress();
        var replica = Service(service, grpc, $"{service}-{replicas.Count + 2}");
        replicas.Add(replica);
        await replica.Start();
        return grpc;
    }

    public Stores Stores() => new(service => new Database(service, databases[service] + ";Pooling=false", TimeProvider.System));

    /// <summary>All that the services have logged, line by line.</summary>
    public IEnumerable<string> Logs() => Servers.Values.Concat(replicas).SelectMany(server => File.ReadLines(server.Log));

    public void LoggedNoError()
    {
        var lines = Logs().ToList();
        // A service that is asked whether it is ready before it is logs that it is not, as an error.
        Assert.DoesNotContain(lines, line => line.StartsWith("fail:") && !line.Contains("Diagnostics.HealthChecks"));
        Assert.DoesNotContain(lines, line => line.StartsWith("crit:") || line.StartsWith("Unhandled exception"));
        LoggedNothingPersonal();
    }

    public void LoggedNothingPersonal() => Assert.DoesNotContain(Logs(), line => line.Contains(Facts.Canary));

    public ValueTask DisposeAsync()
    {
        foreach (var server in Servers.Values.Concat(replicas))
        {
            server.Dispose();
        }
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private Server Service(string service, string grpc, string? name = null)
    {
        var http = FreeAddress();
        return new Server(
            name ?? service,
            ["dotnet", BuiltPrograms.Service(service)],
            new Dictionary<string, string?>
            {
                ["ConnectionStrings__Database"] = databases[service],
                ["ConnectionStrings__Broker"] = Broker,
                ["Auth__DevelopmentKey"] = Exchange.Key,
                ["Grpc__Url"] = grpc,
                ["Http__Url"] = http,
            },
            folder.Path,
            http
        );
    }

    private static string FreeAddress() => $"http://127.0.0.1:{FreePort.Next()}";
}
