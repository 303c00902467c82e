using SendExchange.Aggregator.Clock;
using SendExchange.Statute;

namespace SendExchange.Services.Tests;

/// <summary>The decision table of the record of breaches: how a breach stood, how its obligation reads now, what follows.</summary>
public sealed class BreachLedgerTests
{
    private static readonly DateOnly Due = new(2024, 2, 19);
    private static readonly DateOnly Done = new(2024, 2, 29);
    private static readonly BreachStanding Late = new(true, Due, EndedOn: null);
    private static readonly BreachStanding LateAndEnded = new(true, Due, Done);
    private static readonly BreachStanding None = new(false, Due, EndedOn: null);

    public static TheoryData<ObligationState> NotLateStates =>
        new(Enum.GetValues<ObligationState>().Where(s => s is not (ObligationState.Breached or ObligationState.MetLate)));

    [Theory, MemberData(nameof(NotLateStates))]
    public void What_was_never_late_leaves_no_trace(ObligationState state) => Assert.Empty(Decide(null, Reads(state, done: Done)));

    [Fact]
    public void An_obligation_that_is_now_late_is_recorded() =>
        Assert.Equal([new BreachChange.Recorded(Late)], Decide(null, Reads(ObligationState.Breached)));

    [Fact]
    public void What_is_known_late_and_done_at_once_is_recorded_and_ended() =>
        Assert.Equal(
            [new BreachChange.Recorded(Late), new BreachChange.Ended(LateAndEnded)],
            Decide(null, Reads(ObligationState.MetLate, done: Done))
        );

    [Fact]
    public void What_fell_away_after_it_was_late_is_recorded_and_ended_that_day() =>
        Assert.Equal(
            [new BreachChange.Recorded(Late), new BreachChange.Ended(LateAndEnded)],
            Decide(null, Reads(ObligationState.Breached, ended: Done))
        );

    [Fact]
    public void A_breach_that_reads_as_before_has_no_event()
    {
        Assert.Empty(Decide(Late, Reads(ObligationState.Breached)));
        Assert.Empty(Decide(LateAndEnded, Reads(ObligationState.MetLate, done: Done)));
    }

    [Fact]
    public void Doing_it_late_ends_the_breach() =>
        Assert.Equal([new BreachChange.Ended(LateAndEnded)], Decide(Late, Reads(ObligationState.MetLate, done: Done)));

    [Fact]
    public void A_withdrawal_after_the_due_day_ends_the_breach() =>
        Assert.Equal([new BreachChange.Ended(LateAndEnded)], Decide(Late, Reads(ObligationState.Breached, ended: Done)));

    [Theory, InlineData(1), InlineData(-7)]
    public void Another_due_day_corrects_the_breach_which_stays_one(int days) =>
        Assert.Equal(
            Corrected(Late with { Due = Due.AddDays(days) }, $"Due {Due.AddDays(days):yyyy-MM-dd}, not 2024-02-19."),
            Decide(Late, Reads(ObligationState.Breached, due: Due.AddDays(days)))
        );

    [Fact]
    public void Another_due_day_and_an_end_known_at_once_are_two_events()
    {
        var due = Due.AddDays(-7);
        Assert.Equal(
            [
                .. Corrected(Late with { Due = due }, "Due 2024-02-12, not 2024-02-19."),
                new BreachChange.Ended(LateAndEnded with { Due = due }),
            ],
            Decide(Late, Reads(ObligationState.MetLate, done: Done, due: due))
        );
    }

    [Fact]
    public void Another_due_day_of_an_ended_breach_corrects_it_and_ends_it_no_second_time() =>
        Assert.Equal(
            Corrected(LateAndEnded with { Due = Due.AddDays(-7) }, "Due 2024-02-12, not 2024-02-19."),
            Decide(LateAndEnded, Reads(ObligationState.MetLate, done: Done, due: Due.AddDays(-7)))
        );

    [Fact]
    public void Another_day_of_doing_it_corrects_the_end() =>
        Assert.Equal(
            Corrected(LateAndEnded with { EndedOn = Done.AddDays(1) }, "Ended 2024-03-01, not 2024-02-29."),
            Decide(LateAndEnded, Reads(ObligationState.MetLate, done: Done.AddDays(1)))
        );

    [Fact]
    public void An_end_taken_back_opens_the_breach_again() =>
        Assert.Equal(Corrected(Late, "Not ended."), Decide(LateAndEnded, Reads(ObligationState.Breached)));

    [Fact]
    public void What_was_done_in_time_after_all_is_corrected_and_says_when() =>
        Assert.Equal(
            Corrected(None, "Not late: MET, due 2024-02-19, done 2024-02-19."),
            Decide(Late, Reads(ObligationState.Met, done: Due))
        );

    [Fact]
    public void What_is_not_due_yet_after_all_is_corrected_and_says_when_it_is() =>
        Assert.Equal(
            Corrected(None with { Due = Due.AddDays(21) }, "Not late: OPEN, due 2024-03-11."),
            Decide(Late, Reads(ObligationState.Open, due: Due.AddDays(21)))
        );

    [Fact]
    public void An_exception_that_holds_corrects_the_breach_and_is_named() =>
        Assert.Equal(
            Corrected(None, "The limit does not bind: SCHOOL_CLOSURE, reg 5(4)(a)."),
            Decide(LateAndEnded, Reads(ObligationState.Disapplied, done: Done) with { Ground = "SCHOOL_CLOSURE, reg 5(4)(a)" })
        );

    [Fact]
    public void A_duty_that_is_gone_leaves_the_breach_with_a_correction()
    {
        var gone = Corrected(None, "There is no such duty: facts it rested on were corrected or retracted.");
        Assert.Equal(gone, Decide(Late, null));
        Assert.Equal(gone, Decide(LateAndEnded, null));
    }

    [Fact]
    public void A_duty_that_is_anothers_by_now_leaves_the_breach_with_a_correction_that_names_both() =>
        Assert.Equal(
            Corrected(None, "Owed by trust:RX4, not by icb:QJ2."),
            BreachLedger.Decide(Late, null, owedBy: ("trust:RX4", "icb:QJ2"))
        );

    [Fact]
    public void A_breach_corrected_away_has_no_further_event_while_it_is_not_late()
    {
        Assert.Empty(Decide(None, null));
        Assert.Empty(Decide(None, Reads(ObligationState.Met, done: Due)));
        Assert.Empty(Decide(None, Reads(ObligationState.Open, due: Due.AddDays(21))));
    }

    [Fact]
    public void What_is_late_after_all_is_corrected_back_and_its_end_told() =>
        Assert.Multiple(
            () => Assert.Equal(Corrected(Late, "Late after all: due 2024-02-19."), Decide(None, Reads(ObligationState.Breached))),
            () =>
                Assert.Equal(
                    [.. Corrected(Late, "Late after all: due 2024-02-19."), new BreachChange.Ended(LateAndEnded)],
                    Decide(None, Reads(ObligationState.MetLate, done: Done))
                )
        );

    private static IReadOnlyList<BreachChange> Decide(BreachStanding? before, Obligation? obligation) =>
        BreachLedger.Decide(before, obligation);

    private static IReadOnlyList<BreachChange> Corrected(BreachStanding after, string reason) =>
        [new BreachChange.Corrected(after, reason)];

    /// <summary>An obligation as just read.</summary>
    private static Obligation Reads(ObligationState state, DateOnly? done = null, DateOnly? ended = null, DateOnly? due = null) =>
        new(
            CaseId: "C1",
            Authority: "la:350",
            Code: ObligationCode.DecideToAssess,
            AdviceId: null,
            Obligor: "la:350",
            Rule: Provisions.DecideToAssess.Citation,
            RulePack: "2014",
            Start: new DateOnly(2024, 1, 8),
            Target: (due ?? Due).AddDays(-1),
            Due: due ?? Due,
            BreachAt: London.StartOf((due ?? Due).AddDays(1)),
            State: state,
            DoneOn: done,
            DaysLate: 0,
            Ground: null,
            GroundRejected: null,
            Basis: [],
            ExceptionHolds: false,
            EndedOn: ended
        );
}
