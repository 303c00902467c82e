using System.Globalization;
using System.Reflection;
using System.Text;
using SendExchange.Testing;
using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

/// <summary>Two people read the law apart; over random histories their programs agree on every obligation.</summary>
/// <remarks>
/// Not judged by the second reader: citations, urls and rule packs; why an obligation stands; basis and the reasons for which a
/// claim is rejected; findings, the outline and the ledger of days; facts that share an id but differ; dates at the ends of the
/// calendar; proposed laws; transfer reviews of statements, for which there is no fact.
/// </remarks>
public class TwoReadersTests
{
    private const int Histories = 10_000;

    /// <summary>SENDX_HISTORIES asks for another number.</summary>
    private static int ManyHistories =>
        int.TryParse(Environment.GetEnvironmentVariable("SENDX_HISTORIES"), NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            ? n
            : 1_000_000;

    [Fact]
    public void Two_readers_of_the_law_agree_on_every_obligation() => Compare(0, Histories);

    [Fact(Skip = "slow", SkipUnless = nameof(Slow.Wanted), SkipType = typeof(Slow))]
    public void Two_readers_of_the_law_agree_on_a_million_histories() => Compare(Histories, ManyHistories);

    [Fact]
    public void Until_the_day_a_reading_says_it_changes_the_other_reader_sees_no_change_either()
    {
        for (var seed = 0; seed < Histories; seed += 25)
        {
            var history = new RandomHistories(seed);
            var facts = history.FactsAimedAt(LastDays);
            var standing = SlowOracle.StandingOf(facts);
            var asOf = history.AnyDay();
            var last = CaseReading.Of(facts, Bolton, Case, asOf).ChangesOn?.AddDays(-1) ?? asOf.AddDays(2000);
            var expected = Ageless(SlowOracle.Count(standing, asOf));
            for (var day = asOf; day <= last; day = day.AddDays(last.DayNumber - day.DayNumber > 60 ? 13 : 1))
            {
                if (!expected.SequenceEqual(Ageless(SlowOracle.Count(standing, day))))
                {
                    Assert.Fail($"It changes by {day:yyyy-MM-dd}, but was said to last to {last:yyyy-MM-dd}\n{Told(seed, asOf, facts)}");
                }
            }
        }
    }

    // Also the day from which somebody still away has been away for long enough.
    private static IReadOnlyList<DateOnly> LastDays(List<Fact> facts) =>
        [
            .. SlowOracle.Count(facts, Day("2040-01-01")).Select(l => l.Due),
            .. facts.Select(f => (f.Body as FactBody.ExceptionClaimed)?.AbsentFrom?.AddDays(28)).OfType<DateOnly>(),
        ];

    private static IEnumerable<SlowOracle.Line> Ageless(List<SlowOracle.Line> lines) => lines.Select(l => l with { DaysLate = 0 });

    private static void Compare(int firstSeed, int histories)
    {
        for (var seed = firstSeed; seed < firstSeed + histories; seed++)
        {
            var history = new RandomHistories(seed);
            var facts = history.FactsAimedAt(LastDays);
            var standing = SlowOracle.StandingOf(facts);
            var last = LastDays(facts);
            var onEdge = last.Count > 0 ? last[history.Next(last.Count)].AddDays(history.Next(3) - 1) : history.AnyDay();
            foreach (var asOf in new[] { history.AsOf, history.AnyDay(), onEdge })
            {
                var expected = SlowOracle.Count(standing, asOf);
                var actual = Production(history.Rearranged(facts), asOf);
                if (!expected.SequenceEqual(actual))
                {
                    Assert.Fail(
                        Differ(facts, asOf)
                            ? Told(seed, asOf, Shrunk(facts, asOf))
                            : $"They differ only in another order of arrival.\n{Told(seed, asOf, facts)}"
                    );
                }
            }
        }
    }

    private static List<SlowOracle.Line> Production(IEnumerable<Fact> facts, DateOnly asOf) =>
        SlowOracle.Sorted(CaseReading.Of(facts, Bolton, Case, asOf).Obligations.Select(SlowOracle.Line.Of));

    private static bool Differ(IReadOnlyList<Fact> facts, DateOnly asOf) =>
        !SlowOracle.Count(facts, asOf).SequenceEqual(Production(facts, asOf));

    // Takes away one fact after another for as long as the two still differ.
    private static List<Fact> Shrunk(List<Fact> facts, DateOnly asOf)
    {
        for (var i = 0; i < facts.Count; )
        {
            var fewer = facts.Where((_, j) => j != i).ToList();
            (facts, i) = Differ(fewer, asOf) ? (fewer, 0) : (facts, i + 1);
        }
        return facts;
    }

    private static string Told(int seed, DateOnly asOf, List<Fact> facts)
    {
        var expected = SlowOracle.Count(facts, asOf);
        var actual = Production(facts, asOf);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Seed {seed} as of {asOf:yyyy-MM-dd}\n");
        foreach (var line in expected.Except(actual))
        {
            text.Append(CultureInfo.InvariantCulture, $"oracle     {line}\n");
        }
        foreach (var line in actual.Except(expected))
        {
            text.Append(CultureInfo.InvariantCulture, $"production {line}\n");
        }
        foreach (var fact in facts)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Code(fact)},\n");
        }
        return text.ToString();
    }

    // As C#, to be pasted into a test.
    private static string Code(object value) =>
        value switch
        {
            string s => $"\"{s}\"",
            bool b => b ? "true" : "false",
            DateOnly d => $"Day(\"{d:yyyy-MM-dd}\")",
            Enum e => $"{e.GetType().Name}.{e}",
            _ => $"new {value.GetType().FullName!.Replace('+', '.')[(typeof(Fact).Namespace!.Length + 1)..]}({Arguments(value)})",
        };

    private static string Arguments(object record) =>
        string.Join(
            ", ",
            record
                .GetType()
                .GetConstructors(BindingFlags.Public | BindingFlags.Instance)
                .Single()
                .GetParameters()
                .Select(p => (p.Name, p.IsOptional, Value: record.GetType().GetProperty(p.Name!)!.GetValue(record)))
                .Where(p => p.Value is not null && !(p.IsOptional && p.Value is false))
                .Select(p => $"{p.Name}: {Code(p.Value!)}")
        );
}
