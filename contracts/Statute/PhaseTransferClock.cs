namespace SendExchange.Statute;

/// <summary>A move to the next phase of education, for which the plan must name the new setting: reg 18 (L40-L42).</summary>
/// <remarks>
/// The limit is a day before the transfer, so <c>start</c> is the day of the transfer, from which it counts back. Readings taken:
/// <list type="bullet">
/// <item>"Before 15 February" and "before 31 March" are until the day before; a breach is counted only after the day itself,
/// because the Code of Practice says "by" (A4).</item>
/// <item>A setting is named for a transfer at most eighteen months ahead, so that the naming of one phase is not taken for that
/// of the next.</item>
/// <item>Where the first plan of the case was made, or came with the child, after the last day, there was no plan to amend, and
/// so no limit.</item>
/// </list>
/// </remarks>
internal static class PhaseTransferClock
{
    public static void Settle(CaseHistory history, Settlement settlement, FindingList findings)
    {
        foreach (var fact in history.Beyond ?? [])
        {
            if (fact.Body is not FactBody.PhaseTransferExpected expected)
            {
                continue;
            }
            if (ProvisionOf(expected.Kind) is { } provision)
            {
                SettleTransfer(fact, expected, provision, history, settlement, findings);
            }
            else
            {
                findings.AddUnknown(fact, expected.Kind);
            }
        }
    }

    private static Provision? ProvisionOf(PhaseTransferKind kind) =>
        kind switch
        {
            PhaseTransferKind.School => PlanProvisions.PhaseTransfer,
            PhaseTransferKind.SecondaryToPost16 => PlanProvisions.PhaseTransferToPost16,
            PhaseTransferKind.Post16ToPost16 => PlanProvisions.PhaseTransferBetweenPost16,
            _ => null,
        };

    private static void SettleTransfer(
        Fact fact,
        FactBody.PhaseTransferExpected expected,
        Provision provision,
        CaseHistory history,
        Settlement settlement,
        FindingList findings
    )
    {
        if (expected.TransferOn is not { } transferOn)
        {
            findings.Add(FindingCode.ImpossibleDate, "a phase transfer without its day", fact);
            return;
        }
        if (history.PlanHadEnded(fact) || settlement.Owed(provision, transferOn, fact) is not { } duty)
        {
            return;
        }
        if (history.First(DateOnly.MinValue, f => CaseHistory.MakesPlan(f.Body)) is { } plan && plan.On > duty.Due)
        {
            findings.Add(
                FindingCode.NoPlanToAmend,
                $"the first plan is of {plan.On:yyyy-MM-dd}, after {duty.Due:yyyy-MM-dd}, by which the transfer of {transferOn:yyyy-MM-dd} was to be named",
                [plan, fact]
            );
            return;
        }
        settlement.Settle(
            duty with
            {
                Occasion = history.PlaceOf(fact),
                Done = history.First<FactBody.PhaseTransferNamed>(transferOn.PlusMonths(-PlanProvisions.PhaseNamedAheadMonths)),
                Ended = history.PlanEnd(fact.On),
                MayPrecedeStart = true,
            }
        );
    }
}
