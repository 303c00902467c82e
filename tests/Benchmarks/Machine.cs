using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SendExchange.Benchmarks;

/// <summary>What the figures were measured on, and who used its processors.</summary>
internal static class Machine
{
    private const double TicksPerSecond = 100; // USER_HZ: fixed for what /proc shows.

    public static string Description =>
        $"{Environment.ProcessorCount} processors ({Model()}), {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30)} GB, "
        + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}; load before the start {Load()}";

    /// <summary>Processor seconds so far of this process and of each program it has started, by what it is.</summary>
    public static IReadOnlyDictionary<string, double> ProcessorSeconds()
    {
        var processes = Directory
            .EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _))
            .Select(TryRead)
            .OfType<Seen>()
            .ToDictionary(seen => seen.Id);
        return processes
            .Values.Where(p => p.Id == Environment.ProcessId || Ancestors(p, processes).Contains(Environment.ProcessId))
            .GroupBy(NameOf, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Sum(p => p.Seconds), StringComparer.Ordinal);
    }

    /// <summary>E.g. <c>education 3.1, postgres 2.2</c>: what was used between two readings, most first.</summary>
    public static string Used(IReadOnlyDictionary<string, double> before, IReadOnlyDictionary<string, double> after) =>
        string.Join(
            ", ",
            after
                .Select(a => (Name: a.Key, Seconds: a.Value - before.GetValueOrDefault(a.Key)))
                .Where(a => a.Seconds >= 0.05)
                .OrderByDescending(a => a.Seconds)
                .Select(a => $"{a.Name} {a.Seconds:F1}")
        );

    private static string NameOf(Seen process) =>
        process.Id == Environment.ProcessId ? "this program"
        : process.Command.Contains("SendExchange.Education", StringComparison.Ordinal) ? "education"
        : process.Command.Contains("SendExchange.Aggregator", StringComparison.Ordinal) ? "aggregator"
        : process.Command.Contains("sendx", StringComparison.Ordinal) && process.Name == "dotnet" ? "sendx"
        : process.Name == "beam.smp" ? "rabbitmq"
        : process.Name;

    private static IEnumerable<int> Ancestors(Seen process, Dictionary<int, Seen> all)
    {
        while (all.TryGetValue(process.Parent, out var parent))
        {
            yield return parent.Id;
            process = parent;
        }
    }

    private static Seen? TryRead(string folder)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            var end = stat.LastIndexOf(')');
            var fields = stat[(end + 2)..].Split(' ');
            // utime and stime, with those of children that have ended.
            var ticks = fields[11..15].Sum(text => long.Parse(text, CultureInfo.InvariantCulture));
            return new Seen(
                int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture),
                int.Parse(fields[1], CultureInfo.InvariantCulture),
                stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..end],
                File.ReadAllText(Path.Combine(folder, "cmdline")),
                ticks / TicksPerSecond
            );
        }
        catch (IOException)
        {
            return null; // It has ended since.
        }
    }

    private static string Model() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[^1]
        ?? "unknown";

    private static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private sealed record Seen(int Id, int Parent, string Name, string Command, double Seconds);
}

internal static class Statistics
{
    public static double Median(this IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[sorted.Count / 2 - 1] + sorted[sorted.Count / 2]) / 2;
    }

    /// <param name="share">0.99: what 99 of a hundred are not above.</param>
    public static double Percentile(this IReadOnlyCollection<double> values, double share) =>
        values.Order().ElementAt((int)Math.Ceiling(share * values.Count) - 1);
}
