using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class PhaseTransferClockTests
{
    private static readonly Fact Plan = Planned("2020-03-02");

    private static Fact Expected(PhaseTransferKind kind, string? transferOn, string on = "2024-09-10") =>
        That(new FactBody.PhaseTransferExpected(kind, transferOn is null ? null : Day(transferOn)), on, $"Expected-{transferOn}");

    private static Fact Named(string on) => That(new FactBody.PhaseTransferNamed(), on);

    [Theory]
    [InlineData("2025-02-14", ObligationState.Met, 0)]
    [InlineData("2025-02-15", ObligationState.Met, 0)] // "By" it: no breach is published.
    [InlineData("2025-02-16", ObligationState.MetLate, 1)]
    public void A_school_is_named_before_15_February(string named, ObligationState state, int daysLate) =>
        Read("2025-12-01", Plan, Expected(PhaseTransferKind.School, "2025-09-01"), Named(named))
            .The(ObligationCode.PhaseTransfer)
            .Stands(state, named, daysLate);

    [Theory]
    [InlineData("2025-09-01", "2025-03-30", "2025-03-31", "reg 18(1)(a)")]
    [InlineData("2015-09-01", "2015-05-30", "2015-05-31", "reg 18(3)")] // The first year had longer.
    [InlineData("2016-09-01", "2016-03-30", "2016-03-31", "reg 18(1)(a)")]
    public void A_post_16_setting_is_named_before_31_March(string transferOn, string target, string due, string rule)
    {
        var phase = Read("2014-10-01", Expected(PhaseTransferKind.SecondaryToPost16, transferOn, "2014-09-10"))
            .The(ObligationCode.PhaseTransfer);

        Assert.Equal((Day(target), Day(due), $"SEND Regulations 2014, {rule}"), (phase.Target, phase.Due, phase.Rule));
    }

    [Theory]
    [InlineData("2025-04-01", ObligationState.Met)]
    [InlineData("2025-04-02", ObligationState.MetLate)]
    public void The_next_post_16_setting_is_named_five_months_ahead(string named, ObligationState state) =>
        Assert.Equal(
            state,
            Read("2025-12-01", Plan, Expected(PhaseTransferKind.Post16ToPost16, "2025-09-01"), Named(named))
                .The(ObligationCode.PhaseTransfer)
                .State
        );

    [Theory]
    [InlineData("2024-02-29", false)]
    [InlineData("2024-03-01", true)] // Eighteen months ahead.
    public void A_setting_named_long_before_was_named_for_another_phase(string named, bool counts)
    {
        var phase = Read("2025-01-01", Plan, Expected(PhaseTransferKind.School, "2025-09-01"), Named(named))
            .The(ObligationCode.PhaseTransfer);

        Assert.Equal(counts ? ObligationState.Met : ObligationState.Open, phase.State);
    }

    [Fact]
    public void Each_transfer_is_an_obligation_of_its_own()
    {
        var phases = Read(
                "2025-06-01",
                Plan,
                Expected(PhaseTransferKind.School, "2021-09-01", "2020-10-01"),
                Named("2021-10-01"),
                Expected(PhaseTransferKind.Post16ToPost16, "2025-09-01"),
                Named("2025-03-20")
            )
            .All(ObligationCode.PhaseTransfer);

        Assert.Equal([ObligationState.MetLate, ObligationState.Met], phases.Select(p => p.State));
        Assert.Equal(["Expected-2021-09-01", "Expected-2025-09-01"], phases.Select(p => p.Occasion));
    }

    [Theory]
    [InlineData("2025-02-15", 1)]
    [InlineData("2025-02-16", 0)]
    public void Without_a_plan_by_the_last_day_there_was_none_to_amend(string planned, int limits)
    {
        var reading = Read("2025-12-01", Planned(planned), Expected(PhaseTransferKind.School, "2025-09-01"));

        Assert.Equal(limits, reading.All(ObligationCode.PhaseTransfer).Length);
        Assert.Equal(limits == 0, reading.Codes().Contains(FindingCode.NoPlanToAmend));
    }

    [Theory]
    [InlineData(PhaseTransferKind.School, "2014-12-31", 0)] // Its last day was before the Regulations.
    [InlineData(PhaseTransferKind.School, "2015-01-01", 1)]
    [InlineData(PhaseTransferKind.Post16ToPost16, "2015-01-31", 0)]
    [InlineData(PhaseTransferKind.Post16ToPost16, "2015-02-01", 1)]
    public void The_first_transfers_are_those_whose_last_day_came_after_the_Regulations(
        PhaseTransferKind kind,
        string transferOn,
        int limits
    )
    {
        var reading = Read("2016-01-01", Expected(kind, transferOn, "2014-09-10"));

        Assert.Equal(limits, reading.All(ObligationCode.PhaseTransfer).Length);
        Assert.Equal(limits == 0, reading.Codes().Contains(FindingCode.LawNotInForce));
    }

    [Fact]
    public void A_plan_that_ceases_needs_no_next_setting() =>
        Read("2025-12-01", Plan, Expected(PhaseTransferKind.School, "2025-09-01"), Ceased("2025-01-10"))
            .The(ObligationCode.PhaseTransfer)
            .Stands(ObligationState.NotApplicable);

    [Fact]
    public void A_transfer_without_a_day_or_of_a_kind_not_known_is_reported()
    {
        Assert.Contains(FindingCode.ImpossibleDate, Read("2025-12-01", Plan, Expected(PhaseTransferKind.School, null)).Codes());
        Assert.Contains(FindingCode.UnknownValue, Read("2025-12-01", Plan, Expected((PhaseTransferKind)99, "2025-09-01")).Codes());
    }
}
