namespace SendExchange.EndToEnd.Tests;

/// <summary>What DfE published for 2023, cell by cell: what the exchange has to arrive at from facts.</summary>
internal static class Published
{
    /// <summary>Small, and unlike each other: no exceptions; nobody in time; exceptions and decisions without a start; both at once.</summary>
    public static IReadOnlyList<string> Few { get; } = ["201", "420", "857", "207"];

    /// <summary>All that the tables hold, 24 authorities.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Table("timeliness").Rows.Keys];

    private static readonly string[] Reports = ["timeliness", "requests", "assessments"];

    /// <summary>Asks for the three reports and holds every published cell against what it says.</summary>
    public static async Task IsReportedBy(Exchange exchange, IEnumerable<string> authorities)
    {
        var wrong = new List<string>();
        foreach (var report in Reports)
        {
            var (columns, rows) = Table(report);
            var said = await exchange.Figures(report, authorities);
            foreach (var authority in authorities)
            {
                if (!said.TryGetValue(authority, out var row))
                {
                    wrong.Add($"{authority} {report}: no row");
                    continue;
                }
                wrong.AddRange(
                    columns
                        .Zip(rows[authority])
                        .Where(cell => row[cell.First] != cell.Second)
                        .Select(cell => $"{authority} {report} {cell.First}: {row[cell.First]}, published {cell.Second}")
                );
            }
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} cells differ:\n{string.Join('\n', wrong.Take(50))}");
    }

    private static (string[] Columns, Dictionary<string, string[]> Rows) Table(string report)
    {
        using var reader = new StreamReader(typeof(Published).Assembly.GetManifestResourceStream(report + ".csv")!);
        var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').ToList();
        return (lines[0].Split(','), lines.Skip(1).Select(line => line.Split(',')).ToDictionary(cells => cells[0]));
    }
}
