using System.Diagnostics;

namespace SendExchange.EndToEnd.Tests;

/// <summary>What a command of <c>sendx</c> left behind.</summary>
internal sealed record Said(int Exit, string Out, string Error)
{
    /// <summary>The lines of standard error that are not progress.</summary>
    public IReadOnlyList<string> Complaints =>
        [
            .. Error
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(line => !line.Contains("; accepted ") && !line.StartsWith("waiting: ", StringComparison.Ordinal)),
        ];

    public Said Done()
    {
        Assert.True(Exit == 0, $"Exit code {Exit}, expected 0. {this}");
        return this;
    }
}

/// <summary>A command of <c>sendx</c> as a process, while it runs.</summary>
/// <remarks>Its standard input is ours: when the test's process goes, it ends, and so does a sending.</remarks>
internal sealed class Sendx : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> error;

    private Sendx(Process process)
    {
        this.process = process;
        output = process.StandardOutput.ReadToEndAsync();
        error = process.StandardError.ReadToEndAsync();
    }

    public StreamWriter Input => process.StandardInput;

    public static Sendx Start(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [BuiltPrograms.Sendx, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("SENDX_TOKEN");
        return new Sendx(Process.Start(start) ?? throw new InvalidOperationException("'dotnet' did not start."));
    }

    public static async Task<Said> Run(params IEnumerable<string> arguments)
    {
        using var running = Start(arguments);
        return await running.End();
    }

    /// <summary>Ends its input and waits for it.</summary>
    public async Task<Said> End()
    {
        try
        {
            Input.Close();
        }
        catch (IOException)
        {
            // It has ended before: what it said tells why.
        }
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill();
            throw new TimeoutException(
                $"sendx has not ended within {Patience.TotalMinutes} minutes. It said: {await output}{await error}",
                e
            );
        }
        var said = new Said(process.ExitCode, await output, await error);
        Assert.DoesNotContain(Facts.Canary, said.Out + said.Error); // Whatever the test is about.
        return said;
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }
        process.Dispose();
    }
}
