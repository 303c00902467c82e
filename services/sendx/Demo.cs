using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SendExchange.Contracts;
using SendExchange.Statute;
using Spectre.Console;

namespace SendExchange.Sendx;

/// <summary><c>sendx demo</c>: the exchange on a real authority's published year, from its facts to its breach report.</summary>
internal static class DemoCommand
{
    private const int Year = 2023;
    private const int Seed = 1;

    public static Command Create()
    {
        var options = new UpCommand.Options();
        var authority = new Option<string>("--authority")
        {
            Description = "Whose published figures to use, by DfE number.",
            DefaultValueFactory = _ => "350",
        };
        var command = new Command("demo", "As up; then feeds an authority's year through gRPC, prints its breach report and keeps serving.")
        {
            authority,
        };
        options.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var number = parsed.GetValue(authority)!;
                if (PublishedFigures.Embedded().Find(Year, number, out var problem) is not { } figures)
                {
                    await Console.Error.WriteLineAsync($"sendx: --authority: {problem}.");
                    return Exit.Usage;
                }
                var grpc = parsed.GetValue(options.Grpc)!;
                var data = parsed.GetValue(options.Data)!;
                return await UpCommand.Serve(
                    data,
                    grpc,
                    parsed.GetValue(options.Http)!,
                    async stopping =>
                    {
                        using var client = new Client(grpc, token: null, data);
                        await Feed(client, figures, stopping);
                        await PrintFigures(client, number, stopping);
                        await PrintBreaches(client, number, stopping);
                        Console.WriteLine(
                            $"""

                            Still serving. In another terminal (sendx is: dotnet run --project services/sendx --):
                              sendx report breaches --year {Year} --authority {number} --format csv
                              sendx report requests --year {Year}
                              sendx simulate --year {Year} --authority 936 | sendx send - --wait
                            Ctrl-C stops it; what it holds stays in {data}.
                            """
                        );
                    },
                    cancellationToken
                );
            }
        );
        return command;
    }

    private static async Task Feed(Client client, AuthorityFigures figures, CancellationToken cancellationToken)
    {
        var name = LocalAuthorities.Find(figures.Authority)?.Name ?? figures.Authority;
        Console.WriteLine($"\nFacts of {name}, made so that their figures are those DfE published for {Year}:");
        var timer = Stopwatch.StartNew();
        var organisations = new HashSet<string>(StringComparer.Ordinal);
        var cases = 0;
        var result = await SendCommand.Send(client, Lines(), "demo", cancellationToken);
        if (result.LastPosition > 0)
        {
            await SendCommand.WaitUntilTakenIn(client, result, cancellationToken);
        }
        Console.WriteLine(
            $"  {result.Accepted + result.Duplicate:N0} facts of {cases:N0} cases from {organisations.Count} organisations"
                + (result.Duplicate > 0 ? $" ({result.Duplicate:N0} of them known already)" : "")
                + $", by gRPC through the bus into obligations in {timer.Elapsed.TotalSeconds:0.0} s."
        );

        async IAsyncEnumerable<(long, FactLine)> Lines()
        {
            long line = 0;
            foreach (var (_, facts) in SimulateCommand.Facts(figures, Seed))
            {
                cases++;
                foreach (var fact in facts)
                {
                    organisations.Add(fact.Organisation);
                    yield return (++line, new FactLine(fact, fact, []));
                }
                await Task.CompletedTask;
            }
        }
    }

    private static async Task PrintFigures(Client client, string authority, CancellationToken cancellationToken)
    {
        Console.WriteLine(
            $"\nEHC plans issued in {Year}, in DfE's columns (sendx report timeliness --year {Year} --authority {authority}):"
        );
        await ReportCommand.Print(client, new ReportCommand.Query("timeliness", Year, [authority], ""), "table", cancellationToken);
    }

    private static async Task PrintBreaches(Client client, string authority, CancellationToken cancellationToken)
    {
        var (columns, rows) = await ReportCommand.Ask(
            client,
            new ReportCommand.Query("breaches", Year, [authority], ""),
            cancellationToken
        );
        var at = columns.Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i, StringComparer.Ordinal);
        var breaches = await rows.ToListAsync(cancellationToken);

        Console.WriteLine(
            $"\n{breaches.Count:N0} breaches of limits that fell in {Year}, by duty and by who was late (sendx report breaches):"
        );
        var summary = Simple("duty", "who", "rule", "breaches", "still late", "median days late", "most");
        foreach (
            var group in breaches
                .GroupBy(b => (Duty: b[at["obligation"]], Who: b[at["obligor"]], Rule: b[at["rule"]]))
                .OrderByDescending(g => g.Count())
                .Take(12)
        )
        {
            var days = group.Select(b => int.Parse(b[at["daysLate"]], CultureInfo.InvariantCulture)).Order().ToList();
            summary.AddRow(
                group.Key.Duty,
                group.Key.Who,
                Markup.Escape(group.Key.Rule),
                $"{days.Count:N0}",
                $"{group.Count(b => b[at["endedOn"]].Length == 0):N0}",
                $"{days[days.Count / 2]}",
                $"{days[^1]}"
            );
        }
        AnsiConsole.Write(summary);

        Console.WriteLine("\nThe longest, as records:");
        string[] shown = ["caseId", "obligation", "obligor", "start", "due", "endedOn", "daysLate", "rule"];
        var records = Simple(shown);
        foreach (var breach in breaches.OrderByDescending(b => int.Parse(b[at["daysLate"]], CultureInfo.InvariantCulture)).Take(5))
        {
            records.AddRow(shown.Select(c => Markup.Escape(breach[at[c]])).ToArray());
        }
        AnsiConsole.Write(records);
    }

    private static Table Simple(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(column).NoWrap());
        }
        return table;
    }
}
