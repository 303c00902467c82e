using System.CommandLine;
using SendExchange.Benchmarks;

var parts = new Argument<string[]>("parts")
{
    Description = "path, embedded, statute, explain; none: all of them.",
    Arity = ArgumentArity.ZeroOrMore,
};
parts.AcceptOnlyFromAmong("path", "embedded", "statute", "explain");
var facts = new Option<int>("--facts") { Description = "Facts of each run of path and embedded.", DefaultValueFactory = _ => 30_000 };
var runs = new Option<int>("--runs") { Description = "Timed runs of path, each beside one of its floor.", DefaultValueFactory = _ => 3 };
var authority = new Option<string>("--authority")
{
    Description = "Whose simulated year the facts are: a DfE number.",
    DefaultValueFactory = _ => "886",
};
var lines = new Option<int>("--lines") { Description = "Facts given to explain.", DefaultValueFactory = _ => 1_000_000 };
var command = new RootCommand("How fast the exchange is, beside what its servers can do at all.") { parts, facts, runs, authority, lines };
command.SetAction(
    async (parsed, cancellationToken) =>
    {
        var wanted = parsed.GetValue(parts) is { Length: > 0 } some ? some : ["statute", "path", "embedded", "explain"];
        Console.WriteLine(Machine.Description);
        foreach (var part in wanted)
        {
            Console.WriteLine();
            var year = new SimulatedAuthority(parsed.GetValue(authority)!);
            await (
                part switch
                {
                    "path" => PathBenchmark.Run(year, parsed.GetValue(facts), parsed.GetValue(runs), cancellationToken),
                    "embedded" => EmbeddedBenchmark.Run(year, parsed.GetValue(facts), parsed.GetValue(runs), cancellationToken),
                    "statute" => StatuteBenchmark.Run(year),
                    _ => ExplainBenchmark.Run(parsed.GetValue(lines), cancellationToken),
                }
            );
        }
    }
);
return await command.Parse(args).InvokeAsync();
