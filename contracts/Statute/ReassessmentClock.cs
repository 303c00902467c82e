namespace SendExchange.Statute;

/// <summary>Reassessment of a child with a plan: regs 25 and 27 (L43, L44).</summary>
/// <remarks>
/// Readings taken:
/// <list type="bullet">
/// <item>The plan is due fourteen weeks after the family was notified that there will be a reassessment, whether it had asked
/// for one or the authority decided of itself (CFA 2014 s.44(3)).</item>
/// <item>A decision that answers an order runs no clock of its own, see <see cref="OrderClock"/>: it answers one if of the
/// requests and orders by its day an order is the last.</item>
/// <item>A later refusal makes the plan moot; a later order supersedes what is left.</item>
/// </list>
/// </remarks>
internal static class ReassessmentClock
{
    public static void Settle(CaseHistory history, Settlement settlement, FindingList findings)
    {
        if (history.Beyond is null)
        {
            return;
        }
        foreach (var fact in history.Beyond)
        {
            switch (fact.Body)
            {
                case FactBody.ReassessmentRequested when !history.PlanHadEnded(fact):
                    SettleDecision(fact, history, settlement);
                    break;
                case FactBody.ReassessmentDecided { Outcome: ReassessmentDecision.Reassess } when !AnswersOrder(fact, history):
                    SettlePlan(fact, history, settlement);
                    break;
                case FactBody.ReassessmentDecided { Outcome: var outcome } when !Enum.IsDefined(outcome):
                    findings.AddUnknown(fact, outcome);
                    break;
                case FactBody.ReassessedPlanFinalised when !IsDecidedBy(fact, history):
                    findings.Add(
                        FindingCode.OutcomeWithoutDecision,
                        $"{fact.Kind} on {fact.On:yyyy-MM-dd}, but no decision or order to reassess by then",
                        fact
                    );
                    break;
            }
        }
    }

    private static void SettleDecision(Fact request, CaseHistory history, Settlement settlement)
    {
        if (settlement.Owed(PlanProvisions.DecideToReassess, request.On, request) is { } duty)
        {
            settlement.Settle(
                duty with
                {
                    Occasion = history.PlaceOf(request),
                    Done = history.First<FactBody.ReassessmentDecided>(request.On),
                    Ended = End(request, refusal: null, history),
                }
            );
        }
    }

    private static void SettlePlan(Fact decision, CaseHistory history, Settlement settlement)
    {
        if (settlement.Owed(PlanProvisions.FinaliseReassessedPlan, decision.On, decision) is { } duty)
        {
            var refusal = history.First(
                decision.On.Plus(1),
                f => f.Body is FactBody.ReassessmentDecided { Outcome: ReassessmentDecision.DoNotReassess }
            );
            settlement.Settle(
                duty with
                {
                    Occasion = history.PlaceOf(decision),
                    Done = history.First<FactBody.ReassessedPlanFinalised>(decision.On),
                    Ended = End(decision, refusal, history),
                }
            );
        }
    }

    private static Ending? End(Fact since, Fact? refusal, CaseHistory history) =>
        Ending.First(
            Ending.By(ObligationState.NotApplicable, refusal),
            Ending.By(ObligationState.NotApplicable, history.Ceased(since.On)),
            Ending.By(ObligationState.Superseded, history.First(since.On, IsOrder)),
            Ending.By(ObligationState.Withdrawn, history.Departed(since.On))
        );

    private static bool IsOrder(Fact fact) =>
        fact.Body is FactBody.TribunalOrdered { Issue: AppealIssue.Reassess } or FactBody.AppealUnopposed { Issue: AppealIssue.Reassess };

    // Of one day, the order is taken to be the last.
    private static bool AnswersOrder(Fact decision, CaseHistory history)
    {
        Fact? last = null;
        foreach (var fact in history.Beyond!)
        {
            if (fact.On <= decision.On && (IsOrder(fact) || (fact.Body is FactBody.ReassessmentRequested && !(last?.On == fact.On))))
            {
                last = fact;
            }
        }
        return last is not null && IsOrder(last);
    }

    private static bool IsDecidedBy(Fact plan, CaseHistory history) =>
        history.First(
            DateOnly.MinValue,
            f => f.On <= plan.On && (IsOrder(f) || f.Body is FactBody.ReassessmentDecided { Outcome: ReassessmentDecision.Reassess })
        )
            is not null;
}
