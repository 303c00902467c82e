using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace SendExchange.Testing;

/// <summary>A real RabbitMQ node of this test run's own, from the system's package: own name, ports, cookie and folder.</summary>
/// <remarks>
/// <c>SENDX_TEST_BROKER</c> (amqp://user:password@host:port/) makes <see cref="Shared"/> an existing broker instead, which
/// is not ours to stop or kill and whose virtual host is the one given.
/// </remarks>
public sealed class PrivateRabbitMq : IAsyncDisposable
{
    private static readonly Lazy<Task<PrivateRabbitMq>> Lazily = new(StartShared);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // ~4 s on an idle machine.

    private readonly string? folder;
    private readonly Dictionary<string, string?> environment = [];
    private readonly int port;
    private OwnProcess? portMapper;
    private OwnProcess? node;

    private PrivateRabbitMq(string existing) => ConnectionString = existing;

    private PrivateRabbitMq()
    {
        folder = Directory.CreateTempSubdirectory("sendx-rabbitmq-").FullName;
        port = FreePort.Next();
        var password = RandomNumberGenerator.GetHexString(20, lowercase: true);
        ConnectionString = $"amqp://sendx:{password}@127.0.0.1:{port}/";
        File.WriteAllText(Path.Combine(folder, "enabled_plugins"), "[].");
        File.WriteAllText(
            Path.Combine(folder, "rabbitmq.conf"),
            $"""
            listeners.tcp.1 = 127.0.0.1:{port}
            default_user = sendx
            default_pass = {password}
            loopback_users = none
            log.file = false
            log.console = true
            log.console.level = info

            """
        );
        environment = new()
        {
            ["HOME"] = folder, // Erlang keeps its cookie there.
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, "rabbitmq.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "enabled_plugins"),
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(folder, "pid"),
            ["RABBITMQ_NODENAME"] = $"sendx-{port}@localhost",
            ["RABBITMQ_NODE_PORT"] = $"{port}",
            ["RABBITMQ_DIST_PORT"] = $"{FreePort.Next()}",
            ["ERL_EPMD_PORT"] = $"{FreePort.Next()}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            // "Allow input" makes the server's script become the node, so that the process id is the node's.
            ["RABBITMQ_ALLOW_INPUT"] = "1",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-noinput -kernel inet_dist_use_interface {127,0,0,1}",
        };
    }

    /// <summary>The node that all tests of this process share, started at the first use and stopped when the process ends.</summary>
    public static Task<PrivateRabbitMq> Shared => Lazily.Value;

    /// <summary>File of all that it has said since its first start; null where it is not ours.</summary>
    public string? Log => folder is null ? null : Path.Combine(folder, "node.log");

    /// <summary>Whether it may be stopped, killed and restarted.</summary>
    public bool IsPrivate => folder is not null;

    /// <summary>amqp://user:password@host:port/ of the default virtual host.</summary>
    public string ConnectionString { get; }

    /// <summary>A node of one's own, for a test that kills it. Dispose of it.</summary>
    public static async Task<PrivateRabbitMq> Start()
    {
        var rabbit = new PrivateRabbitMq();
        try
        {
            await rabbit.StartNode();
            return rabbit;
        }
        catch
        {
            await rabbit.DisposeAsync();
            throw;
        }
    }

    /// <summary>A virtual host of its own for one test: its connection string. With an existing broker, the one given.</summary>
    public async Task<string> CreateVirtualHost(string purpose)
    {
        if (!IsPrivate)
        {
            return ConnectionString;
        }
        var name = $"{purpose}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        await Programs.Run(
            [
                Server("rabbitmqctl"),
                "--quiet",
                "eval",
                $"""
                rabbit_vhost:add(<<"{name}">>, <<"sendx">>),
                rabbit_auth_backend_internal:set_permissions(<<"sendx">>, <<"{name}">>, <<".*">>, <<".*">>, <<".*">>, <<"sendx">>).
                """,
            ],
            environment
        );
        return $"{ConnectionString}{name}";
    }

    /// <summary>Every queue of a virtual host with the number of messages in it.</summary>
    /// <param name="virtualHost">As <see cref="CreateVirtualHost"/> gave it.</param>
    public async Task<IReadOnlyDictionary<string, long>> Queues(string virtualHost)
    {
        var name = Uri.UnescapeDataString(new Uri(virtualHost).AbsolutePath[1..]);
        var said = await Programs.Run(
            [Server("rabbitmqctl"), "--quiet", "list_queues", "--no-table-headers", "-p", name.Length > 0 ? name : "/", "name", "messages"],
            environment
        );
        return said.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('\t'))
            .ToDictionary(cells => cells[0], cells => long.Parse(cells[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Ends the node in order; what is on disk stays. <see cref="Restart"/> brings it back on the same port.</summary>
    public async Task Stop()
    {
        await Own().Stop("TERM", Patience);
        node = null;
    }

    /// <summary>kill -9 of the node and all it started.</summary>
    public async Task Kill()
    {
        await Own().Kill();
        node = null;
    }

    /// <summary>Starts the node again, on the same port and folder; ends it in order first where it runs.</summary>
    public async Task Restart()
    {
        if (node is not null)
        {
            await Stop();
        }
        await StartNode();
    }

    public ValueTask DisposeAsync()
    {
        node?.Dispose();
        portMapper?.Dispose();
        if (folder is not null && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
        return ValueTask.CompletedTask;
    }

    private static async Task<PrivateRabbitMq> StartShared()
    {
        if (Environment.GetEnvironmentVariable("SENDX_TEST_BROKER") is { Length: > 0 } existing)
        {
            return new PrivateRabbitMq(existing);
        }
        var rabbit = await Start();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => rabbit.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return rabbit;
    }

    private OwnProcess Own() =>
        node
        ?? throw new InvalidOperationException(
            IsPrivate ? "The node does not run." : "The broker of SENDX_TEST_BROKER is not ours to end."
        );

    private async Task StartNode()
    {
        if (folder is null)
        {
            throw new InvalidOperationException("The broker of SENDX_TEST_BROKER is not ours to start.");
        }
        // A port mapper of our own in the foreground: otherwise Erlang leaves one behind as a daemon.
        portMapper ??= await OwnProcess.Start(
            [
                Programs.Find("epmd", "/usr/lib/erlang/bin") ?? throw Missing("epmd"),
                "-port",
                environment["ERL_EPMD_PORT"]!,
                "-address",
                "127.0.0.1",
            ],
            environment,
            Path.Combine(folder, "epmd.log"),
            folder
        );
        node = await OwnProcess.Start([Server("rabbitmq-server")], environment, Log!, folder, removeFolder: true);
        await node.Ready(SpeaksAmqp, Patience);
    }

    private async Task<bool> SpeaksAmqp()
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, patience.Token);
            await client.GetStream().WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), patience.Token);
            var first = new byte[1];
            return await client.GetStream().ReadAsync(first, patience.Token) == 1 && first[0] == 1; // Frame type 1: connection.start.
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    // The package's own scripts, not Debian's wrapper on PATH: that one insists on running as the user rabbitmq.
    private static string Server(string program) =>
        Programs.Find(
            program,
            "/usr/lib/rabbitmq/bin",
            "/opt/rabbitmq/sbin",
            "/usr/local/opt/rabbitmq/sbin",
            "/opt/homebrew/opt/rabbitmq/sbin"
        ) ?? throw Missing(program);

    private static InvalidOperationException Missing(string program) =>
        new($"RabbitMQ's '{program}' is not installed. 'tests/run' installs it (Debian: rabbitmq-server), or set SENDX_TEST_BROKER.");
}
