using SendExchange.Chassis;
using SendExchange.Testing;

namespace SendExchange.EndToEnd.Tests;

/// <summary><c>sendx up</c> in a fresh folder: all four services in one process, on SQLite and the in-memory bus.</summary>
internal sealed class OneProcess : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();

    private OneProcess()
    {
        var grpc = $"http://127.0.0.1:{FreePort.Next()}";
        var http = $"http://127.0.0.1:{FreePort.Next()}";
        var data = Directory.CreateDirectory(folder["data"]).FullName;
        File.WriteAllText(Path.Combine(data, "development-key"), Exchange.Key);
        Exchange = new Exchange(grpc, grpc, grpc, grpc, data);
        Server = new Server(
            "sendx",
            ["dotnet", BuiltPrograms.Sendx, "up", "--data", data, "--grpc", grpc, "--http", http],
            new Dictionary<string, string?>(),
            folder.Path,
            http
        );
    }

    public Exchange Exchange { get; }

    public Server Server { get; }

    public static async Task<OneProcess> Start()
    {
        var one = new OneProcess();
        try
        {
            await one.Server.Start();
            return one;
        }
        catch
        {
            await one.DisposeAsync();
            throw;
        }
    }

    public Stores Stores() =>
        new(service => new Database(service, $"Data Source={Path.Combine(Exchange.Data, service)}.db", TimeProvider.System));

    public ValueTask DisposeAsync()
    {
        Server.Dispose();
        folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
