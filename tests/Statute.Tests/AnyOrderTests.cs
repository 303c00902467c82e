using System.Globalization;
using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

/// <summary>What holds for every history, tried on many.</summary>
public class AnyOrderTests
{
    private const int Histories = 10_000;
    private const int SomeHistories = 3_000;

    private static void ForEachHistory(Action<RandomHistories, List<Fact>, CaseReading> check, int histories = Histories)
    {
        for (var seed = 0; seed < histories; seed++)
        {
            var history = new RandomHistories(seed);
            var facts = history.Facts();
            var reading = CaseReading.Of(facts, Bolton, Case, history.AsOf);
            try
            {
                check(history, facts, reading);
            }
            catch (Exception e)
            {
                var told = string.Join('\n', facts.OrderBy(f => f.On).Select(f => f.ToString()));
                throw new InvalidOperationException(
                    $"History {seed.ToString(CultureInfo.InvariantCulture)} as of {history.AsOf}:\n{told}",
                    e
                );
            }
        }
    }

    [Fact]
    public void Facts_in_any_order_with_duplicates_give_the_same_reading() =>
        ForEachHistory(
            (history, facts, reading) =>
            {
                var again = CaseReading.Of(history.Rearranged(facts), Bolton, Case, history.AsOf);
                Assert.Equal(reading, again);
                Assert.Equal(reading.GetHashCode(), again.GetHashCode());
            }
        );

    [Fact]
    public void Facts_that_do_not_stand_might_as_well_not_have_been_said() =>
        ForEachHistory(
            (history, facts, reading) =>
            {
                var standing = SlowOracle
                    .StandingOf(facts)
                    .Select(s => s.Fact with { Corrects = null })
                    .Where(f => f.Body is not FactBody.Retracted);
                var again = CaseReading.Of(standing, Bolton, Case, history.AsOf);
                // Which chain of corrections an occasion stands in is lost with the chain.
                Assert.Equal(
                    reading.Obligations.Select(o => o with { Occasion = null }),
                    again.Obligations.Select(o => o with { Occasion = null })
                );
                Assert.Equal(reading.Outline, again.Outline);
            }
        );

    [Fact]
    public void A_reading_lasts_until_the_day_it_says() =>
        ForEachHistory(
            (history, facts, reading) =>
            {
                var changesOn = reading.ChangesOn ?? history.AsOf.AddDays(2000);
                Assert.True(changesOn > history.AsOf);
                foreach (
                    var day in new[]
                    {
                        changesOn.AddDays(-1),
                        history.AsOf.AddDays(history.Next(changesOn.DayNumber - history.AsOf.DayNumber)),
                    }
                )
                {
                    var later = CaseReading.Of(facts, Bolton, Case, day);
                    Assert.Equal(WithoutAge(reading), WithoutAge(later));
                }
            }
        );

    [Fact]
    public void An_exception_changes_lateness_and_nothing_else() =>
        ForEachHistory(
            (history, facts, reading) =>
            {
                var without = CaseReading.Of(WithoutClaims(facts), Bolton, Case, history.AsOf);
                Assert.Equal(without.Obligations.Count, reading.Obligations.Count);
                foreach (var (plain, claimed) in without.Obligations.Zip(reading.Obligations))
                {
                    Assert.Equal((plain.Due, plain.Target, plain.BreachAt), (claimed.Due, claimed.Target, claimed.BreachAt));
                    var late = plain.State is ObligationState.Breached or ObligationState.MetLate;
                    Assert.Equal(late && claimed.ExceptionHolds ? ObligationState.Disapplied : plain.State, claimed.State);
                }
            }
        );

    [Fact]
    public void Every_obligation_is_consistent_with_itself() =>
        ForEachHistory(
            (history, facts, reading) =>
            {
                var known = facts.Select(f => f.FactId).ToHashSet();
                foreach (var o in reading.Obligations)
                {
                    Assert.Equal(o.State is ObligationState.Breached or ObligationState.MetLate, o.DaysLate > 0);
                    Assert.Equal(o.State == ObligationState.Disapplied, o.Ground is not null);
                    Assert.False(o.ExceptionHolds && o.GroundRejected is not null);
                    Assert.True(o.State != ObligationState.Disapplied || o.ExceptionHolds);
                    Assert.True(o.DoneOn is null || o.EndedOn is null);
                    Assert.True(o.State is not (ObligationState.Met or ObligationState.MetLate) || o.DoneOn is not null);
                    Assert.True(!(o.DoneOn > history.AsOf) && !(o.EndedOn > history.AsOf));
                    Assert.Equal(o.Due.AddDays(1), London.DateOf(o.BreachAt));
                    Assert.NotEmpty(o.Basis);
                    Assert.Equal(o.Basis.Distinct().Order(StringComparer.Ordinal), o.Basis);
                    Assert.All(o.Basis, id => Assert.Contains(id, known));
                    Assert.True(o.Target <= o.Due);
                    Assert.False(
                        o.Guidance && o.State is ObligationState.Breached or ObligationState.MetLate or ObligationState.Disapplied
                    );
                }
                var identities = reading.Obligations.Select(o => (o.Code, o.AdviceId, o.Occasion)).ToList();
                Assert.Equal(identities.Count, identities.Distinct().Count());
            }
        );

    [Fact]
    public void The_days_of_a_case_are_all_accounted_for_in_any_order() =>
        ForEachHistory(
            (history, facts, reading) =>
            {
                var ledger = DaysLedger.Of(facts, Bolton, Case, history.AsOf);
                Assert.Equal(ledger, DaysLedger.Of(history.Rearranged(facts), Bolton, Case, history.AsOf));
                Assert.Equal(reading.Outline.StartOn <= history.AsOf, ledger is not null);
                if (ledger is not null)
                {
                    Assert.Equal(ledger.To.DayNumber - ledger.From.DayNumber, ledger.Days);
                    Assert.Equal(ledger.Days, ledger.Entries.Sum(e => e.Days));
                    Assert.All(ledger.Entries, e => Assert.True(e.Days > 0));
                    Assert.True(ledger.To <= history.AsOf);
                }
            },
            SomeHistories
        );

    [Fact]
    public void Each_case_has_exactly_the_obligations_that_its_facts_call_for() =>
        ForEachHistory(
            (history, facts, reading) =>
            {
                Assert.Empty(Unclocked.Of(facts, Bolton, Case, history.AsOf, reading));
                Assert.Empty(Unclocked.Uncalled(facts, Bolton, Case, history.AsOf, reading));
            },
            SomeHistories
        );

    [Fact]
    public void The_histories_reach_every_state_and_every_finding()
    {
        var states = new HashSet<ObligationState>();
        var findings = new HashSet<string>();
        var obligations = new HashSet<string>();
        ForEachHistory(
            (_, _, reading) =>
            {
                obligations.UnionWith(reading.Obligations.Select(o => o.Code));
                states.UnionWith(reading.Obligations.Select(o => o.State));
                findings.UnionWith(reading.Codes());
            }
        );

        Assert.Equal(Enum.GetValues<ObligationState>().ToHashSet(), states);
        var codes = typeof(FindingCode).GetFields().Select(f => (string)f.GetRawConstantValue()!);
        Assert.Equal(ObligationCode.All.Except([ObligationCode.AllowRepresentations]).ToHashSet(), obligations);
        // The generator makes no two facts of one id.
        Assert.Equal([FindingCode.ConflictingDuplicate], codes.Except(findings).Order(StringComparer.Ordinal));
    }

    // A claim may correct something else, so its place is kept by a fact that has no effect.
    private static List<Fact> WithoutClaims(List<Fact> facts) =>
        facts.ConvertAll(f => f.Body is FactBody.ExceptionClaimed ? f with { Body = new FactBody.SectionGAgreed() } : f);

    private static CaseReading WithoutAge(CaseReading reading) =>
        reading with
        {
            Obligations = new Comparable([.. reading.Obligations.Select(o => o with { DaysLate = 0 })]),
        };

    // A list that equals another with equal items, for comparing records.
    private sealed class Comparable(IEnumerable<Obligation> items) : List<Obligation>(items)
    {
        public override bool Equals(object? obj) => obj is Comparable other && this.SequenceEqual(other);

        public override int GetHashCode() => Count;
    }
}
