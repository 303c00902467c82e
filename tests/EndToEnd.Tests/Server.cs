using System.Net.Http;
using SendExchange.Testing;

namespace SendExchange.EndToEnd.Tests;

/// <summary>A program that serves, which can be killed or stopped and started again at the same address.</summary>
internal sealed class Server(
    string name,
    IReadOnlyList<string> command,
    IReadOnlyDictionary<string, string?> environment,
    string folder,
    string http
) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // ~2 s on an idle machine.
    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(10) };

    private OwnProcess? process;

    public string Name => name;

    /// <summary>All it has said since its first start, standard error included.</summary>
    public string Log { get; } = Path.Combine(folder, name + ".log");

    public async Task Start()
    {
        process?.Dispose();
        process = await OwnProcess.Start(command, environment, Log, folder);
        await process.Ready(IsReady, Patience);
    }

    /// <summary>kill -9.</summary>
    public Task Kill() => Process.Kill();

    /// <returns>Its exit code.</returns>
    public Task<int> Stop(string signal = "TERM") => Process.Stop(signal, Patience);

    public void Dispose() => process?.Dispose();

    private OwnProcess Process => process ?? throw new InvalidOperationException($"{name} was not started.");

    private async Task<bool> IsReady()
    {
        try
        {
            using var answer = await Client.GetAsync(new Uri($"{http}/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception problem) when (problem is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
