using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace SendExchange.Testing;

/// <summary>TCP ports of 127.0.0.1 that nobody listens on.</summary>
public static class FreePort
{
    // Below the range that the kernel gives to outgoing connections: a server that is killed and restarted finds its port still free.
    private const int First = 20_000;
    private const int Last = 32_000;

    private static readonly ConcurrentDictionary<int, bool> Taken = new();

    /// <summary>A port that this process has not been given before.</summary>
    public static int Next()
    {
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(First, Last);
            if (Taken.TryAdd(port, true) && IsFree(port))
            {
                return port;
            }
        }
        throw new InvalidOperationException($"No free port of 127.0.0.1 between {First} and {Last} in 1,000 attempts.");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
