using System.Net;
using System.Net.Sockets;

namespace SendExchange.EndToEnd.Tests;

/// <summary>A way to a server that breaks off in the middle: the first connections are reset once so many bytes have gone in.</summary>
/// <param name="target">http://… of the server.</param>
/// <param name="cuts">Bytes from the client after which each of the first connections is reset; further ones stay whole.</param>
internal sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopped = new();
    private readonly Uri target;
    private readonly Queue<int> cuts;

    public CuttingProxy(string target, params int[] cuts)
    {
        this.target = new Uri(target);
        this.cuts = new Queue<int>(cuts);
        listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        _ = Accept();
    }

    public string Address { get; }

    /// <summary>How many connections it has broken off.</summary>
    public int Cut { get; private set; }

    public void Dispose()
    {
        stopped.Cancel();
        listener.Dispose();
        stopped.Dispose();
    }

    private async Task Accept()
    {
        while (!stopped.IsCancellationRequested)
        {
            var client = await listener.AcceptTcpClientAsync(stopped.Token);
            _ = Join(client, cuts.TryDequeue(out var cut) ? cut : int.MaxValue);
        }
    }

    private async Task Join(TcpClient client, int cutAfter)
    {
        using (client)
        using (var server = new TcpClient())
        {
            await server.ConnectAsync(target.Host, target.Port, stopped.Token);
            var back = server.GetStream().CopyToAsync(client.GetStream(), stopped.Token);
            var buffer = new byte[4_096];
            var left = cutAfter;
            while (
                left > 0
                && await client.GetStream().ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), stopped.Token) is > 0 and var read
            )
            {
                await server.GetStream().WriteAsync(buffer.AsMemory(0, read), stopped.Token);
                left -= read;
            }
            if (left == 0)
            {
                Cut++;
                client.LingerState = server.LingerState = new LingerOption(true, 0); // A reset, not an end.
            }
            else
            {
                await back;
            }
        }
    }
}
