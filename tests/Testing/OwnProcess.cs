using System.Diagnostics;

namespace SendExchange.Testing;

/// <summary>A program started by a test, which never outlives it: not even when the test's own process is killed.</summary>
/// <remarks>
/// A shell stands between: it holds the other end of a pipe, and when the pipe closes (because this object is disposed or
/// because the test's process is gone) it ends the program, by its process group, and removes its folder.
/// </remarks>
public sealed class OwnProcess : IDisposable
{
    // The shell ignores what the terminal (Ctrl-C) or a runner that gives up (TERM) sends to the whole group, so that it is
    // there to clean up; what it starts shall not inherit that.
    private const string Watch = """
        exec 2>/dev/null
        trap '' INT HUP QUIT TERM
        log=$1 folder=$2
        shift 2
        exec 3<&0
        setsid env --default-signal=INT,HUP,QUIT,TERM "$@" </dev/null 3<&- >>"$log" 2>&1 &
        child=$!
        echo "$child"
        (
            while read -r signal <&3; do kill -s "$signal" -- "-$child"; done
            trap '' USR1
            waited=0
            while kill -s 0 "$child" && [ "$waited" -lt 50 ]; do
                kill -s QUIT -- "-$child" # Again and again: the first may come before the program has its own group.
                sleep 0.1
                waited=$((waited + 1))
            done
            kill -s KILL -- "-$child"
            if [ -n "$folder" ]; then rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }; fi
        ) >/dev/null &
        reader=$!
        wait "$child"
        code=$?
        kill -s USR1 "$reader" # Unless it is cleaning up.
        wait "$reader"
        exit "$code"
        """;

    private readonly Process shell;
    private readonly string log;

    private OwnProcess(Process shell, string name, string log, int id)
    {
        this.shell = shell;
        this.log = log;
        Name = name;
        Id = id;
    }

    public string Name { get; }

    /// <summary>The program's process id, which is also that of its process group.</summary>
    public int Id { get; }

    public bool HasExited => shell.HasExited;

    /// <param name="command">Program and arguments. Found through PATH where it holds no slash.</param>
    /// <param name="environment">Added to this process's own; null removes a variable.</param>
    /// <param name="log">File that standard output and standard error are appended to.</param>
    /// <param name="folder">Working directory.</param>
    /// <param name="removeFolder">Remove the folder when this object is disposed or this process is gone while it runs.</param>
    public static async Task<OwnProcess> Start(
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string?> environment,
        string log,
        string folder,
        bool removeFolder = false
    )
    {
        var start = new ProcessStartInfo("sh", ["-c", Watch, "sh", log, removeFolder ? folder : "", .. command])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        var watcher = Process.Start(start) ?? throw new InvalidOperationException("No shell 'sh' to start programs with.");
        var id = await watcher.StandardOutput.ReadLineAsync();
        return int.TryParse(id, out var number)
            ? new OwnProcess(watcher, command[0], log, number)
            : throw new InvalidOperationException($"'{command[0]}' did not start; the shell said '{id}'.");
    }

    /// <summary>Sends a signal, e.g. TERM, to the program and the children that stayed in its process group.</summary>
    public void Signal(string name)
    {
        shell.StandardInput.WriteLine(name);
        shell.StandardInput.Flush();
    }

    /// <summary>kill -9 of the program and everything that it started, all at once, and waits until it is gone.</summary>
    public async Task Kill()
    {
        try
        {
            using var program = Process.GetProcessById(Id);
            program.Kill(entireProcessTree: true);
        }
        catch (ArgumentException)
        {
            // It has ended by itself.
        }
        await Exited(TimeSpan.FromSeconds(20));
    }

    /// <summary>Asks the program to end with <paramref name="signal"/> and waits for it.</summary>
    /// <exception cref="TimeoutException">It has not ended within <paramref name="patience"/>; the message holds the end of its log.</exception>
    public async Task<int> Stop(string signal, TimeSpan patience)
    {
        if (!HasExited)
        {
            Signal(signal);
        }
        return await Exited(patience);
    }

    /// <summary>The exit code (128 + number of the signal that ended it), once it has ended.</summary>
    /// <exception cref="TimeoutException">It has not ended within <paramref name="patience"/>.</exception>
    public async Task<int> Exited(TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
        try
        {
            await shell.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"'{Name}' ({Id}) has not ended within {patience.TotalSeconds} s. {LogTail()}", e);
        }
        return shell.ExitCode;
    }

    /// <summary>Asks <paramref name="ready"/> every 50 ms until it says yes.</summary>
    /// <exception cref="InvalidOperationException">The program ended first; the message holds the end of its log.</exception>
    /// <exception cref="TimeoutException">It did not say yes within <paramref name="patience"/>.</exception>
    public async Task Ready(Func<Task<bool>> ready, TimeSpan patience)
    {
        var clock = Stopwatch.StartNew();
        while (!await ready())
        {
            if (HasExited)
            {
                throw new InvalidOperationException($"'{Name}' ended with {shell.ExitCode} before it was ready. {LogTail()}");
            }
            if (clock.Elapsed > patience)
            {
                throw new TimeoutException($"'{Name}' ({Id}) was not ready within {patience.TotalSeconds} s. {LogTail()}");
            }
            await Task.Delay(50);
        }
    }

    public string LogTail(int lines = 20) =>
        File.Exists(log) ? $"The end of its log:\n{string.Join('\n', File.ReadLines(log).TakeLast(lines))}" : "It wrote no log.";

    public void Dispose()
    {
        if (!shell.HasExited)
        {
            shell.StandardInput.Close();
            shell.WaitForExit(TimeSpan.FromSeconds(10));
        }
        shell.Dispose();
    }
}
