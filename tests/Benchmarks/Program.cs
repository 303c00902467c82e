using System.CommandLine;
using SendExchange.Benchmarks;

var parts = new Argument<string[]>("parts")
{
    Description = "path, embedded, statute, explain, caseload; none: all but caseload.",
    Arity = ArgumentArity.ZeroOrMore,
};
parts.AcceptOnlyFromAmong("path", "embedded", "statute", "explain", "caseload");
var facts = new Option<int>("--facts") { Description = "Facts of each run of path and embedded.", DefaultValueFactory = _ => 30_000 };
var runs = new Option<int>("--runs") { Description = "Timed runs of path, each beside one of its floor.", DefaultValueFactory = _ => 3 };
var authority = new Option<string>("--authority")
{
    Description = "Whose simulated year the facts are: a DfE number.",
    DefaultValueFactory = _ => "886",
};
var lines = new Option<int>("--lines") { Description = "Facts given to explain.", DefaultValueFactory = _ => 1_000_000 };
var plans = new Option<int>("--plans") { Description = "Active plans of caseload.", DefaultValueFactory = _ => 70_000 };
var assessments = new Option<int>("--assessments") { Description = "Open assessments of caseload.", DefaultValueFactory = _ => 10_000 };
var alone = new Option<bool>("--alone") { Description = "Caseload without a tenth of it beforehand." };
var command = new RootCommand("How fast the exchange is, beside what its servers can do at all.")
{
    parts,
    facts,
    runs,
    authority,
    lines,
    plans,
    assessments,
    alone,
};
command.SetAction(
    async (parsed, cancellationToken) =>
    {
        var wanted = parsed.GetValue(parts) is { Length: > 0 } some ? some : ["statute", "path", "embedded", "explain"];
        Console.WriteLine(Machine.Description);
        foreach (var part in wanted)
        {
            Console.WriteLine();
            if (part == "caseload")
            {
                await CaseloadBenchmark.Run(
                    parsed.GetValue(plans),
                    parsed.GetValue(assessments),
                    withTenth: !parsed.GetValue(alone),
                    cancellationToken
                );
                continue;
            }
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
