using SendExchange.Aggregator;
using SendExchange.Chassis;
using SendExchange.Education;
using SendExchange.Health;
using SendExchange.SocialCare;

namespace SendExchange.Sendx;

/// <summary>All four services in this process, on SQLite files and the in-memory bus.</summary>
internal static class Exchange
{
    private static readonly string[] _services = ["education", "health", "social-care", "aggregator"];

    /// <param name="data">Folder of the databases and the development key; made where missing.</param>
    /// <param name="grpc">Where gRPC listens.</param>
    /// <param name="http">Where health listens.</param>
    public static WebApplication Build(string data, string grpc, string http)
    {
        var folder = DataFolder.Open(data);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?>
            {
                ["Grpc:Url"] = grpc,
                ["Http:Url"] = http,
                ["Auth:DevelopmentKey"] = folder.DevelopmentKey(),
                ["Otlp:Service"] = "sendexchange",
                ["Logging:LogLevel:Default"] = "Warning",
                ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Warning",
            }
        );
        foreach (var service in _services)
        {
            builder.Configuration[$"ConnectionStrings:{service}"] = $"Data Source={folder.DatabaseOf(service)}";
        }
        // What the environment or command line says of the bus and databases is for distributed services.
        builder.Configuration["ConnectionStrings:Broker"] = "";
        builder.AddChassis(exchange =>
        {
            exchange.AddEducation();
            exchange.AddHealth();
            exchange.AddSocialCare();
            exchange.AddAggregator();
        });
        var app = builder.Build();
        app.UseChassis();
        app.MapEducation();
        app.MapHealth();
        app.MapSocialCare();
        app.MapAggregator();
        app.Lifetime.ApplicationStopped.Register(folder.Dispose);
        return app;
    }
}
