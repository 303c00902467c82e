namespace SendExchange.Statute;

/// <summary>A plan that comes with a child from another authority: reg 15 (L29-L31).</summary>
/// <remarks>
/// Readings taken:
/// <list type="bullet">
/// <item>The old authority transfers the plan on the day of the move, or within fifteen working days beginning with the day it
/// knew of it if that is later. Where that day was not said, it is taken to have known on the day of the move.</item>
/// <item>The family is told within six weeks of the later of the move and the transfer.</item>
/// <item>The first review by the new authority is due on the later of the two days of reg 15(5), not a year after the last
/// (CFA 2014 s.44(1)), so no <c>annual_review</c> runs beside it. Where neither the making nor a review of the plan is
/// known, it may have been made as late as the move.</item>
/// <item>The plan may be transferred before the move, but not before the old authority knew of it; where that day was not said
/// and the child had moved in before, not before the move.</item>
/// </list>
/// </remarks>
internal static class TransferClock
{
    public static void Settle(CaseHistory history, Settlement settlement, FindingList findings)
    {
        DateOnly? firstMove = null;
        foreach (var fact in history.Beyond ?? [])
        {
            if (fact.Body is FactBody.PlanTransferredIn moved)
            {
                var from =
                    moved.OldAuthorityAwareOn is { } aware ? DateArithmetic.Earlier(aware, fact.On)
                    : firstMove < fact.On ? fact.On
                    : DateOnly.MinValue;
                var transferred = FirstTransfer(from, moved, history, settlement, findings);
                var ended = history.PlanEnd(fact.On);
                SettleTransfer(fact, moved, transferred, ended, history, settlement, findings);
                SettleFamily(fact, transferred, ended, history, settlement);
                SettleReview(fact, moved, ended, history, settlement, findings);
                firstMove ??= fact.On;
            }
        }
    }

    private static Fact? FirstTransfer(
        DateOnly from,
        FactBody.PlanTransferredIn moved,
        CaseHistory history,
        Settlement settlement,
        FindingList findings
    )
    {
        foreach (var fact in history.Beyond!)
        {
            if (fact.Body is not FactBody.PlanTransferred || fact.On < from)
            {
                continue;
            }
            if (moved.OldAuthority is null || fact.Organisation == moved.OldAuthority || fact.Organisation == settlement.Authority)
            {
                return fact;
            }
            findings.Add(
                FindingCode.NotTheirsToSay,
                $"planTransferred on {fact.On:yyyy-MM-dd} is said by {fact.Organisation}, but is for {moved.OldAuthority} or the new authority to say",
                fact
            );
        }
        return null;
    }

    private static void SettleTransfer(
        Fact fact,
        FactBody.PlanTransferredIn moved,
        Fact? transferred,
        Ending? ended,
        CaseHistory history,
        Settlement settlement,
        FindingList findings
    )
    {
        if (moved.OldAuthority is not { } oldAuthority)
        {
            findings.Add(FindingCode.ObligorUnknown, "a plan transferred in without saying from which authority", fact);
            return;
        }
        var aware = moved.OldAuthorityAwareOn ?? fact.On;
        // The law of the day of the move applies, however early the old authority knew of it.
        if (settlement.Owed(PlanProvisions.TransferPlan, fact.On, fact, oldAuthority) is not { } duty)
        {
            return;
        }
        var limit = duty.Provision.Limit;
        var onMove = limit.Due(aware) < fact.On;
        settlement.Settle(
            duty with
            {
                Occasion = history.PlaceOf(fact),
                Start = onMove ? fact.On : aware,
                Due = DateArithmetic.Later(fact.On, limit.Due(aware)),
                Target = moved.OldAuthorityAwareOn is null ? fact.On : DateArithmetic.Later(fact.On, limit.Target(aware)),
                Done = transferred,
                Ended = ended,
                MayPrecedeStart = true,
            }
        );
    }

    private static void SettleFamily(Fact fact, Fact? transferred, Ending? ended, CaseHistory history, Settlement settlement)
    {
        var later = transferred?.On > fact.On ? transferred : null;
        if (settlement.Owed(PlanProvisions.TransferInformFamily, later?.On ?? fact.On, fact) is { } duty)
        {
            settlement.Settle(
                duty with
                {
                    And = later,
                    Occasion = history.PlaceOf(fact),
                    Done = history.First<FactBody.TransferFamilyInformed>(fact.On),
                    Ended = ended,
                    MayPrecedeStart = true,
                }
            );
        }
    }

    private static void SettleReview(
        Fact fact,
        FactBody.PlanTransferredIn moved,
        Ending? ended,
        CaseHistory history,
        Settlement settlement,
        FindingList findings
    )
    {
        var made = NotAfterMove(moved.PlanMadeOn, "planMadeOn", fact, findings);
        var reviewed = NotAfterMove(moved.LastReviewedOn, "lastReviewedOn", fact, findings);
        var last = made is null || reviewed > made ? reviewed : made;
        var sinceMove = settlement.Owed(PlanProvisions.TransferReviewAfterMove, fact.On, fact);
        // The law of the day of the move applies to a plan however old.
        var sinceReview = settlement.Owed(PlanProvisions.TransferReview, fact.On, fact);
        if (sinceMove is null || sinceReview is null)
        {
            return;
        }
        var limit = sinceReview.Provision.Limit;
        var yearIsUp = limit.Due(last ?? fact.On);
        var (binding, start) = yearIsUp > sinceMove.Due ? (sinceReview, last ?? fact.On) : (sinceMove, fact.On);
        settlement.Settle(
            binding with
            {
                Occasion = history.PlaceOf(fact),
                Start = start,
                Due = DateArithmetic.Later(yearIsUp, sinceMove.Due),
                Target = last is null ? sinceMove.Target : DateArithmetic.Later(limit.Target(last.Value), sinceMove.Target),
                Done = history.First<FactBody.ReviewDecisionNotified>(fact.On),
                Ended = ended,
            }
        );
    }

    private static DateOnly? NotAfterMove(DateOnly? date, string field, Fact fact, FindingList findings)
    {
        if (date is null || date <= fact.On)
        {
            return date;
        }
        findings.Add(
            FindingCode.ImpossibleDate,
            $"{field} {date:yyyy-MM-dd} is after the move of {fact.On:yyyy-MM-dd}; it is not counted",
            fact
        );
        return null;
    }
}
