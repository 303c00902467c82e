using System.Net;
using SendExchange.Testing;

namespace SendExchange.Benchmarks;

/// <summary>One service as a process of its own, configured as in production.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);
    private readonly OwnProcess _process;

    private ServiceProcess(OwnProcess process, string grpcUrl) => (_process, GrpcUrl) = (process, grpcUrl);

    public string GrpcUrl { get; }

    public static Task<ServiceProcess> Start(string service, string database, string broker, string developmentKey, DirectoryInfo folder) =>
        Start(
            $"SendExchange.{char.ToUpperInvariant(service[0])}{service[1..]}.dll",
            (grpc, http) => [],
            (grpc, http) =>
                new()
                {
                    ["ConnectionStrings__Database"] = database,
                    ["ConnectionStrings__Broker"] = broker,
                    ["Auth__DevelopmentKey"] = developmentKey,
                    ["Grpc__Url"] = grpc,
                    ["Http__Url"] = http,
                    ["Logging__LogLevel__Default"] = "Warning",
                },
            folder
        );

    /// <summary><c>sendx up</c>: all services in one process.</summary>
    public static Task<ServiceProcess> StartAll(DirectoryInfo folder) =>
        Start("sendx.dll", (grpc, http) => ["up", "--data", folder.FullName, "--grpc", grpc, "--http", http], (_, _) => [], folder);

    private static async Task<ServiceProcess> Start(
        string program,
        Func<string, string, IReadOnlyList<string>> arguments,
        Func<string, string, Dictionary<string, string?>> environment,
        DirectoryInfo folder
    )
    {
        var (grpc, http) = ($"http://127.0.0.1:{FreePort.Next()}", $"http://127.0.0.1:{FreePort.Next()}");
        var process = await OwnProcess.Start(
            ["dotnet", Path.Combine(AppContext.BaseDirectory, program), .. arguments(grpc, http)],
            environment(grpc, http),
            Path.Combine(folder.FullName, program + ".log"),
            folder.FullName
        );
        try
        {
            using var client = new HttpClient();
            await process.Ready(() => IsReady(client, http), _patience);
        }
        catch
        {
            process.Dispose();
            throw;
        }
        return new ServiceProcess(process, grpc);
    }

    private static async Task<bool> IsReady(HttpClient client, string http)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(http + "/health/ready"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public void Dispose() => _process.Dispose();
}
