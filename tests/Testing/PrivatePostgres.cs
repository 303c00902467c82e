using System.Security.Cryptography;
using Npgsql;

namespace SendExchange.Testing;

/// <summary>A real PostgreSQL cluster of this test run's own, from the system's package: own port, password and folder.</summary>
/// <remarks>
/// Writes are flushed to disk as in production. <c>SENDX_TEST_DATABASE</c> (an Npgsql connection string of a role that may
/// create databases) makes <see cref="Shared"/> an existing server instead, which is not ours to stop or kill.
/// </remarks>
public sealed class PrivatePostgres : IAsyncDisposable
{
    private static readonly Lazy<Task<PrivatePostgres>> Lazily = new(StartShared);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1); // ~2 s on an idle machine.

    private readonly string? folder;
    private readonly string administrator;
    private readonly List<string> created = [];
    private OwnProcess? server;

    private PrivatePostgres(string administrator, string? folder)
    {
        this.administrator = administrator;
        this.folder = folder;
    }

    /// <summary>The server that all tests of this process share, started at the first use and stopped when the process ends.</summary>
    public static Task<PrivatePostgres> Shared => Lazily.Value;

    /// <summary>File of all that it has said since its first start; null where it is not ours.</summary>
    public string? Log => folder is null ? null : Path.Combine(folder, "server.log");

    /// <summary>Whether it may be stopped, killed and restarted.</summary>
    public bool IsPrivate => folder is not null;

    /// <summary>A server of one's own, for a test that kills it. Dispose of it.</summary>
    public static async Task<PrivatePostgres> Start()
    {
        var home = Directory.CreateTempSubdirectory("sendx-postgres-").FullName;
        var password = RandomNumberGenerator.GetHexString(20, lowercase: true);
        var postgres = new PrivatePostgres(
            $"Host=127.0.0.1;Port={FreePort.Next()};Username=sendx;Password={password};Database=postgres;Include Error Detail=true",
            home
        );
        try
        {
            var data = Path.Combine(home, "data");
            var passwordFile = Path.Combine(home, "password");
            await File.WriteAllTextAsync(passwordFile, password);
            if (Owner() is { } owner)
            {
                await Programs.Run(["chmod", "a+x", home]);
                await Programs.Run(["install", "-d", "-o", owner, "-m", "0700", data]);
                await Programs.Run(["chown", owner, passwordFile]);
            }
            using var creation = await OwnProcess.Start(
                [
                    .. AsOwner(),
                    Binary("initdb"),
                    $"--pgdata={data}",
                    "--username=sendx",
                    $"--pwfile={passwordFile}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--no-locale", // Text sorts by its bytes, as in SQLite.
                    "--no-sync",
                ],
                new Dictionary<string, string?>(),
                Path.Combine(home, "initdb.log"),
                home,
                removeFolder: true
            );
            if (await creation.Exited(Patience) != 0)
            {
                throw new InvalidOperationException($"No PostgreSQL cluster in '{data}'. {creation.LogTail()}");
            }
            File.Delete(passwordFile);
            await postgres.StartServer();
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>A new empty database: its connection string.</summary>
    /// <param name="purpose">Start of its name; a random part follows, so that every call gives another database.</param>
    public async Task<string> CreateDatabase(string purpose)
    {
        var name = $"{purpose}_{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        await Administer($"create database \"{name}\" encoding 'UTF8' template template0");
        lock (created)
        {
            created.Add(name);
        }
        return new NpgsqlConnectionStringBuilder(administrator) { Database = name }.ConnectionString;
    }

    /// <summary>Ends the server in order, cutting its connections off. <see cref="Restart"/> brings it back on the same port.</summary>
    public async Task Stop()
    {
        await Own().Stop("INT", Patience);
        server = null;
    }

    /// <summary>kill -9 of the server and its backends.</summary>
    public async Task Kill()
    {
        await Own().Kill();
        server = null;
    }

    /// <summary>Starts the server again, on the same port and folder; ends it in order first where it runs.</summary>
    public async Task Restart()
    {
        if (server is not null)
        {
            await Stop();
        }
        await StartServer();
    }

    public async ValueTask DisposeAsync()
    {
        if (!IsPrivate)
        {
            foreach (var name in created)
            {
                await Administer($"drop database if exists \"{name}\" with (force)");
            }
            return;
        }
        server?.Dispose();
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<PrivatePostgres> StartShared()
    {
        var postgres = Environment.GetEnvironmentVariable("SENDX_TEST_DATABASE") is { Length: > 0 } existing
            ? new PrivatePostgres(existing, folder: null)
            : await Start();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => postgres.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return postgres;
    }

    private OwnProcess Own() =>
        server
        ?? throw new InvalidOperationException(
            IsPrivate ? "The server does not run." : "The server of SENDX_TEST_DATABASE is not ours to end."
        );

    private async Task StartServer()
    {
        if (folder is null)
        {
            throw new InvalidOperationException("The server of SENDX_TEST_DATABASE is not ours to start.");
        }
        server = await OwnProcess.Start(
            [
                .. AsOwner(),
                Binary("postgres"),
                "-D",
                Path.Combine(folder, "data"),
                "-c",
                $"port={new NpgsqlConnectionStringBuilder(administrator).Port}",
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
                "-c",
                "max_connections=300",
            ],
            new Dictionary<string, string?>(),
            Log!,
            folder,
            removeFolder: true
        );
        await server.Ready(Answers, Patience);
    }

    private async Task<bool> Answers()
    {
        try
        {
            await Administer("select 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task Administer(string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(administrator) { Pooling = false }.ConnectionString
        );
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>PostgreSQL refuses to run as root: whom it runs as instead, or null where this process is not root.</summary>
    private static string? Owner() =>
        !Environment.IsPrivilegedProcess ? null
        : File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres"
        : "nobody";

    private static string[] AsOwner() =>
        Owner() is { } owner ? ["setpriv", $"--reuid={owner}", "--regid=" + Group(owner), "--clear-groups", "--"] : [];

    private static string Group(string owner) =>
        File.ReadLines("/etc/passwd").First(line => line.StartsWith($"{owner}:", StringComparison.Ordinal)).Split(':')[3];

    private static string Binary(string program) =>
        Programs.Find(program, DebianFolders())
        ?? throw new InvalidOperationException(
            $"PostgreSQL's '{program}' is not installed. 'tests/run' installs it (Debian: postgresql), or set SENDX_TEST_DATABASE."
        );

    /// <summary>Debian keeps the servers of all versions side by side and off PATH; the newest first.</summary>
    private static IEnumerable<string> DebianFolders() =>
        new DirectoryInfo("/usr/lib/postgresql") is { Exists: true } versions
            ? versions
                .EnumerateDirectories()
                .OrderByDescending(version => int.TryParse(version.Name, out var number) ? number : 0)
                .Select(version => Path.Combine(version.FullName, "bin"))
            : [];
}
