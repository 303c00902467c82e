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
    private bool told; // To end.

    public string Name => name;

    /// <summary>All it has said since its first start, standard error included.</summary>
    public string Log { get; } = Path.Combine(folder, name + ".log");

    public async Task Start()
    {
        process?.Dispose();
        process = await OwnProcess.Start(command, environment, Log, folder);
        told = false;
        await process.Ready(IsReady, Patience);
        _ = Supervise(process);
    }

    /// <summary>kill -9.</summary>
    public Task Kill()
    {
        told = true;
        return Process.Kill();
    }

    /// <returns>Its exit code.</returns>
    public Task<int> Stop(string signal = "TERM")
    {
        told = true;
        return Process.Stop(signal, Patience);
    }

    public void Dispose()
    {
        told = true;
        process?.Dispose();
    }

    /// <summary>Starts it again when it ends by itself, as whoever runs it would: it does so where it cannot mend what is wrong.</summary>
    private async Task Supervise(OwnProcess started)
    {
        await started.Exited(Timeout.InfiniteTimeSpan);
        if (!told)
        {
            await Start();
        }
    }

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
