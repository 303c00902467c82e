using System.Text;
using System.Text.RegularExpressions;
using SendExchange.Contracts;
using SendExchange.Education.V1;
using SendExchange.Sendx;

namespace SendExchange.Benchmarks;

/// <summary>The facts of one authority's year as <c>sendx simulate</c> makes them, in its order: case by case.</summary>
internal sealed class SimulatedAuthority
{
    private const int Year = 2023;
    private static readonly Regex _caseId = new($@"{Year}-\d{{6}}", RegexOptions.NonBacktracking);
    private readonly List<string> _lines = [];

    public SimulatedAuthority(string number)
    {
        Number = number;
        var row =
            PublishedFigures.Embedded().Find(Year, number, out var problem)
            ?? throw new ArgumentException($"No figures to simulate: {problem}.", nameof(number));
        foreach (var (_, facts) in SimulateCommand.Facts(row, seed: 1))
        {
            _lines.AddRange(facts.Select(FactJson.ToText));
        }
    }

    public string Number { get; }

    /// <summary>The first so many facts, under ids that no other <paramref name="run"/> has; the year again where it is too short.</summary>
    public List<AssessmentFact> Facts(int count, string run)
    {
        var facts = new List<AssessmentFact>(count);
        for (var i = 0; i < count; i++)
        {
            var line = _caseId.Replace(_lines[i % _lines.Count], $"{run}.{i / _lines.Count}-$0");
            facts.Add(FactJson.Read(Encoding.UTF8.GetBytes(line)).Fact!);
        }
        return facts;
    }

    public List<AssessmentFact> AllFacts() => Facts(_lines.Count, "all");
}
