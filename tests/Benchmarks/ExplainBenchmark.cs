using System.Diagnostics;
using System.Globalization;

namespace SendExchange.Benchmarks;

/// <summary><c>sendx explain</c> over a file of facts, as a user would run it.</summary>
internal static class ExplainBenchmark
{
    public static async Task Run(int facts, CancellationToken cancellationToken)
    {
        var help = await Sendx(["--help"], null, cancellationToken);
        if (!help.Output.Contains("explain", StringComparison.Ordinal))
        {
            Console.WriteLine("explain: left out, this sendx has no such command.");
            return;
        }
        var folder = Directory.CreateTempSubdirectory("sendx-explain-");
        try
        {
            var all = Path.Combine(folder.FullName, "all.jsonl");
            var file = Path.Combine(folder.FullName, "facts.jsonl");
            var simulated = await Sendx(["simulate", "--authority", "all", "--out", all], null, cancellationToken);
            await File.WriteAllLinesAsync(file, File.ReadLines(all).Take(facts), cancellationToken);
            Console.WriteLine(
                $"explain: simulated all of England in {simulated.Elapsed.TotalSeconds:F1} s ({new FileInfo(all).Length / 1e6:N0} MB)"
            );
            File.Delete(all);
            var run = await Sendx(["explain", file], Path.Combine(folder.FullName, "obligations.jsonl"), cancellationToken);
            var obligations = File.ReadLines(Path.Combine(folder.FullName, "obligations.jsonl")).LongCount();
            Console.WriteLine(
                $"  {facts:N0} facts ({new FileInfo(file).Length / 1e6:N0} MB) to {obligations:N0} obligations: {run.Elapsed.TotalSeconds:F1} s, "
                    + $"{facts / run.Elapsed.TotalSeconds:N0} facts/s; {run.ProcessorSeconds:F1} processor seconds, peak memory {run.PeakBytes / 1e6:N0} MB, exit code {run.ExitCode}"
            );
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Ran> Sendx(IEnumerable<string> arguments, string? outputTo, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "sendx.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var output = Task.Run(
            async () =>
            {
                if (outputTo is null)
                {
                    await text.WriteAsync(await process.StandardOutput.ReadToEndAsync(cancellationToken));
                    return;
                }
                await using var file = File.Create(outputTo);
                await process.StandardOutput.BaseStream.CopyToAsync(file, cancellationToken);
            },
            cancellationToken
        );
        var (peak, processor) = (0L, TimeSpan.Zero);
        while (!output.IsCompleted)
        {
            process.Refresh();
            // The most that was seen: .NET tells of no peak here.
            (peak, processor) = process.HasExited ? (peak, processor) : (Math.Max(peak, process.WorkingSet64), process.TotalProcessorTime);
            await Task.WhenAny(output, Task.Delay(20, cancellationToken));
        }
        await output;
        await process.WaitForExitAsync(cancellationToken);
        await errors;
        return new Ran(text.ToString(), watch.Elapsed, processor.TotalSeconds, peak, process.ExitCode);
    }

    private sealed record Ran(string Output, TimeSpan Elapsed, double ProcessorSeconds, long PeakBytes, int ExitCode);
}
