using System.Diagnostics;
using SendExchange.Aggregator.Facts;
using SendExchange.Statute;

namespace SendExchange.Benchmarks;

/// <summary>How fast the law alone is: cases read on one core, their facts parsed beforehand.</summary>
internal static class StatuteBenchmark
{
    private const int Passes = 9;
    private static readonly DateOnly _asOf = new(2024, 1, 31);

    public static Task Run(SimulatedAuthority authority)
    {
        var facts = authority.AllFacts().ConvertAll(StatuteFacts.From);
        var cases = facts.GroupBy(f => f.CaseId, StringComparer.Ordinal).Select(g => g.ToList()).ToList();
        var obligations = 0;
        var seconds = new List<double>();
        for (var pass = 0; pass < Passes; pass++)
        {
            obligations = 0;
            var watch = Stopwatch.StartNew();
            foreach (var known in cases)
            {
                obligations += CaseReading.Of(known, known[0].Authority, known[0].CaseId, _asOf).Obligations.Count;
            }
            seconds.Add(watch.Elapsed.TotalSeconds);
        }
        var best = seconds.Min(); // One thread on a machine that others use: the best pass is the least disturbed one.
        Console.WriteLine(
            $"statute: {cases.Count:N0} cases, {facts.Count:N0} facts, {obligations:N0} obligations; one core, best of {Passes} passes"
        );
        Console.WriteLine(
            $"  {obligations / best:N0} obligations/s, {cases.Count / best:N0} cases/s, {facts.Count / best:N0} facts/s (median pass: {obligations / seconds.Median():N0} obligations/s)"
        );
        return Task.CompletedTask;
    }
}
