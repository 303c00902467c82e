using System.Buffers;
using System.CommandLine;
using System.CommandLine.Parsing;
using SendExchange.Contracts;

namespace SendExchange.Sendx;

/// <summary><c>sendx simulate</c>: facts whose figures equal a published row.</summary>
internal static class SimulateCommand
{
    private static readonly Option<string[]> _figures = new("--figures")
    {
        Description = "DfE's timeliness, requests and assessments files (CSV, any order). Default: the table of 2023 that comes with sendx",
        AllowMultipleArgumentsPerToken = true,
    };
    private static readonly Option<int> _year = new("--year") { Description = "Calendar year", DefaultValueFactory = _ => 2023 };
    private static readonly Option<string> _authority = new("--authority")
    {
        Description = "DfE numbers, e.g. 350,936, or all",
        DefaultValueFactory = _ => "all",
    };
    private static readonly Option<int> _seed = new("--seed")
    {
        Description = "The same seed gives the same bytes",
        DefaultValueFactory = _ => 1,
    };
    private static readonly Option<FileInfo?> _out = new("--out") { Description = "Where to write the facts. Default: standard output" };

    public static Command Create()
    {
        var command = new Command("simulate", "Makes facts whose figures equal published rows of DfE's statistics")
        {
            _figures,
            _year,
            _authority,
            _seed,
            _out,
        };
        command.SetAction((parsed, cancellationToken) => Run(parsed, Console.Error, cancellationToken));
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, TextWriter errors, CancellationToken cancellationToken)
    {
        PublishedFigures figures;
        try
        {
            var files = parsed.GetValue(_figures) ?? [];
            figures = files.Length > 0 ? PublishedFigures.FromDfe(files) : PublishedFigures.Embedded();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await errors.WriteLineAsync(unreadable.Message);
            return 2;
        }
        var year = parsed.GetValue(_year);
        var wanted = parsed.GetValue(_authority)!;
        var all = wanted == "all";
        var authorities = all
            ? figures.Authorities(year)
            : [.. wanted.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];
        if (authorities.Count == 0)
        {
            await errors.WriteLineAsync($"No figures for {year}; there are some for {string.Join(", ", figures.Years)}.");
            return 2;
        }
        var rows = new List<AuthorityFigures>();
        var refused = false;
        foreach (var authority in authorities)
        {
            if (figures.Find(year, authority, out var problem) is { } row)
            {
                rows.Add(row);
            }
            else
            {
                await errors.WriteLineAsync($"{(all ? "Left out" : "Refused")}: {problem}.");
                refused |= !all;
            }
        }
        if (refused)
        {
            return 1;
        }
        var file = parsed.GetValue(_out);
        await using var output = file is null ? Console.OpenStandardOutput() : file.Create();
        var (cases, facts) = await Write(rows, parsed.GetValue(_seed), output, cancellationToken);
        await errors.WriteLineAsync($"{rows.Count} {(rows.Count == 1 ? "authority" : "authorities")}, {cases:N0} cases, {facts:N0} facts.");
        return 0;
    }

    /// <summary>Writes the facts of the rows, authority by authority, a case's facts next to each other.</summary>
    internal static async Task<(int Cases, int Facts)> Write(
        IEnumerable<AuthorityFigures> rows,
        int seed,
        Stream output,
        CancellationToken cancellationToken
    )
    {
        const int FlushAt = 1 << 20;
        var buffer = new ArrayBufferWriter<byte>(FlushAt + (1 << 16));
        var (cases, facts) = (0, 0);
        foreach (var row in rows)
        {
            foreach (var (_, caseFacts) in Facts(row, seed))
            {
                foreach (var fact in caseFacts)
                {
                    FactJson.Write(fact, buffer);
                    buffer.Write("\n"u8);
                }
                cases++;
                facts += caseFacts.Count;
                if (buffer.WrittenCount >= FlushAt)
                {
                    await output.WriteAsync(buffer.WrittenMemory, cancellationToken);
                    buffer.ResetWrittenCount();
                }
            }
        }
        await output.WriteAsync(buffer.WrittenMemory, cancellationToken);
        await output.FlushAsync(cancellationToken);
        return (cases, facts);
    }

    /// <summary>The cases of one row with their facts. A case's list is only good until the next case.</summary>
    internal static IEnumerable<(string CaseId, IReadOnlyList<Education.V1.AssessmentFact> Facts)> Facts(AuthorityFigures row, int seed)
    {
        var dice = Dice.For(seed, row.Year, row.Authority);
        var late = row.Measured - row.WithinTwentyWeeks.All;
        var facts = new SimulatedFacts(
            new SimulatedBodies(row.Authority, row.Received),
            adviceLateness: row.Measured == 0 ? 0 : 50 * late / row.Measured,
            SimulatedYear.LastDay(row.Year).DayNumber,
            dice
        );
        var number = 0;
        foreach (var simulated in SimulatedYear.Cases(row, dice))
        {
            var caseId = $"{row.Year}-{++number:000000}";
            yield return (caseId, facts.Of(simulated, caseId, $"{row.Authority}-{caseId}"));
        }
    }
}
