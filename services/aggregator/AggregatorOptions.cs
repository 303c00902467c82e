using System.Globalization;

namespace SendExchange.Aggregator;

/// <summary>What an operator may set. Read and checked once, at start.</summary>
/// <param name="WarnDaysBefore">
/// <c>Warnings:DaysBefore</c>, e.g. 28,14,7,2: the rungs of the ladder of warnings, in days before the target, most days
/// first. House policy and no law: no provision asks for a warning.
/// </param>
/// <param name="SweepCases"><c>Sweep:CasesPerBatch</c>: how many cases are checked, and locked, at once.</param>
/// <param name="SweepPause"><c>Sweep:Pause</c>: between one batch and the next, in each replica.</param>
public sealed record AggregatorOptions(IReadOnlyList<int> WarnDaysBefore, int SweepCases, TimeSpan SweepPause)
{
    private const int MostDaysBefore = 366;
    private const int MostCases = 1000; // Bounds lock time.

    /// <summary>20 cases a second: half a day for 800,000.</summary>
    public static AggregatorOptions Default { get; } = new([28, 14, 7, 2], SweepCases: 200, SweepPause: TimeSpan.FromSeconds(10));

    /// <exception cref="InvalidOperationException">A setting is not what it may be; the message names it.</exception>
    public static AggregatorOptions From(IConfiguration configuration) =>
        new(
            Setting(
                configuration["Warnings:DaysBefore"],
                Default.WarnDaysBefore,
                Ladder,
                $"Warnings__DaysBefore: whole days from 0 to {MostDaysBefore}, each once, e.g. {string.Join(',', Default.WarnDaysBefore)}"
            ),
            Setting(
                configuration["Sweep:CasesPerBatch"],
                Default.SweepCases,
                text => Whole(text) is { } cases and >= 1 and <= MostCases ? cases : null,
                $"Sweep__CasesPerBatch: from 1 to {MostCases}, e.g. {Default.SweepCases}"
            ),
            Setting(
                configuration["Sweep:Pause"],
                Default.SweepPause,
                text =>
                    TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var pause)
                    && pause >= TimeSpan.FromMilliseconds(10)
                    && pause <= TimeSpan.FromHours(1)
                        ? pause
                        : null,
                $"Sweep__Pause: from 00:00:00.010 to 01:00:00, e.g. {Default.SweepPause}"
            )
        );

    private static IReadOnlyList<int>? Ladder(string text)
    {
        var rungs = text.Split(',', StringSplitOptions.TrimEntries).Select(Whole).ToList();
        return rungs.TrueForAll(r => r is >= 0 and <= MostDaysBefore) && rungs.Distinct().Count() == rungs.Count
            ? [.. rungs.Select(r => r!.Value).OrderDescending()]
            : null;
    }

    private static int? Whole(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static T Setting<T>(string? text, T otherwise, Func<string, T?> read, string expected)
        where T : class => string.IsNullOrEmpty(text) ? otherwise : read(text) ?? throw NotSo(text, expected);

    private static T Setting<T>(string? text, T otherwise, Func<string, T?> read, string expected)
        where T : struct => string.IsNullOrEmpty(text) ? otherwise : read(text) ?? throw NotSo(text, expected);

    private static InvalidOperationException NotSo(string text, string expected) => new($"Set {expected}; it is '{text}'.");
}
