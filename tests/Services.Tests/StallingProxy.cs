using System.Net;
using System.Net.Sockets;

namespace SendExchange.Services.Tests;

/// <summary>A way to a server whose present connections can be made to hang: they stay open and nothing gets through.</summary>
internal sealed class StallingProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopped = new();
    private readonly Uri target;
    private int connections;
    private int stalled;

    /// <param name="target">The server, in any scheme.</param>
    public StallingProxy(string target)
    {
        this.target = new Uri(target);
        listener.Start();
        Address = new UriBuilder(target) { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port }.Uri.ToString();
        _ = Accept();
    }

    /// <summary>As the target, but this way.</summary>
    public string Address { get; }

    /// <summary>From now on nothing gets through the connections there are; later ones work.</summary>
    public void Stall() => stalled = connections;

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
            _ = Join(await listener.AcceptTcpClientAsync(stopped.Token), ++connections);
        }
    }

    private async Task Join(TcpClient client, int number)
    {
        using (client)
        using (var server = new TcpClient())
        {
            await server.ConnectAsync(target.Host, target.Port, stopped.Token);
            await Task.WhenAny(Pass(client.GetStream(), server.GetStream(), number), Pass(server.GetStream(), client.GetStream(), number));
        }
    }

    private async Task Pass(NetworkStream from, NetworkStream to, int number)
    {
        var buffer = new byte[4_096];
        while (await from.ReadAsync(buffer, stopped.Token) is > 0 and var read)
        {
            if (number <= stalled)
            {
                await Task.Delay(Timeout.Infinite, stopped.Token);
            }
            await to.WriteAsync(buffer.AsMemory(0, read), stopped.Token);
        }
    }
}
