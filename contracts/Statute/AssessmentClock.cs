namespace SendExchange.Statute;

/// <summary>The clock of an EHC needs assessment: decision, advice, no-plan notice, plan (L1, L2, L3, L6, L49).</summary>
/// <remarks>
/// The authority's three limits all run from D0. Readings taken where the Regulations leave a choice:
/// <list type="bullet">
/// <item>An order, an unopposed appeal or a mediation agreement that calls for an assessment ends whatever of the clock is
/// left; one that calls for a plan ends the limits for no-plan notice and plan. A new clock runs from it, so what is done
/// after that day answers the new clock. What is done on the day itself still answers this one.</item>
/// <item>A refusal to assess makes the no-plan notice and the plan moot, and advice asked for by then. If the authority
/// changes its own mind, they are revived as if it had never refused, from the same D0: no exception covers a change of
/// mind. The first decision remains the one that met or missed the six weeks. An outcome of the assessment without such a
/// second decision shows the change of mind as well.</item>
/// <item>In the same way a no-plan notice makes the plan moot unless the authority sends one after all without being
/// ordered to.</item>
/// <item>The withdrawal of the request, or a move away, ends everything.</item>
/// <item>A body's advice is owed until given, even once the plan is finalised without it.</item>
/// </list>
/// </remarks>
internal static class AssessmentClock
{
    /// <returns>The obligation to finalise the plan. Null where no start is known or the law was not yet in force.</returns>
    public static Obligation? Settle(CaseHistory history, Settlement settlement, FindingList findings)
    {
        FindOddities(history, findings);
        var refusal = Ending.By(ObligationState.NotApplicable, LastingRefusal(history));
        var ordered = Ending.By(ObligationState.Superseded, history.PlanOrder);
        var withdrawn = Ending.By(ObligationState.Withdrawn, history.Withdrawal);

        Duty? Of(Provision provision) => history.Start is { } start ? settlement.Owed(provision, history.StartOn, start) : null;

        var decided = history.Decisions.Count > 0 ? history.Decisions[0] : null;
        if (Of(Provisions.DecideToAssess) is { } decide)
        {
            var orderedToAssess = Ending.By(ObligationState.Superseded, history.AssessOrder);
            settlement.Settle(decide with { Done = decided, Ended = Ending.First(orderedToAssess, withdrawn) });
        }

        foreach (var advice in history.AdviceSought)
        {
            SettleAdvice(advice, refusal, history, settlement);
        }

        // Owed only where the outcome is "no plan", so it is not spoken of before an assessment is decided on.
        var outcome = decided ?? history.FirstNoPlan ?? history.FirstPlan;
        if (outcome is not null && Of(Provisions.NotifyNoPlan) is { } notify)
        {
            var planned = Ending.By(ObligationState.NotApplicable, history.FirstPlan);
            settlement.Settle(
                notify with
                {
                    And = outcome,
                    Done = history.FirstNoPlan,
                    Ended = Ending.First(refusal, planned, ordered, withdrawn),
                    OnlyIfDone = true,
                }
            );
        }

        if (Of(history.Detained ? Provisions.FinalisePlanDetained : Provisions.FinalisePlan) is not { } finalise)
        {
            return null;
        }
        var noPlan = Ending.By(ObligationState.NotApplicable, LastingNoPlan(history));
        return settlement.Settle(finalise with { Done = history.FirstPlan, Ended = Ending.First(refusal, noPlan, ordered, withdrawn) });
    }

    private static void SettleAdvice(CaseHistory.Advice advice, Ending? refusal, CaseHistory history, Settlement settlement)
    {
        var (sought, request) = (advice.Sought!, advice.Request!);
        var start = request.ReceivedByBodyOn ?? sought.On;
        if (!advice.IsOfBody || settlement.Owed(Provisions.GiveAdvice, start, sought, request.From ?? "") is not { } duty)
        {
            return;
        }
        // What ended before the advice was sought was something else: it may be for a reassessment years later.
        var refused = refusal?.Because.On < sought.On ? null : refusal;
        var withdrawn = Ending.By(ObligationState.Withdrawn, history.Departed(sought.On));
        settlement.Settle(duty with { Advice = advice, Done = advice.Done, Ended = Ending.First(refused, withdrawn) });
    }

    // The refusal to assess that the authority stood by; of several in a row the first.
    private static Fact? LastingRefusal(CaseHistory history)
    {
        Fact? refusal = null;
        foreach (var decision in history.Decisions)
        {
            if (IsAfter(decision, history.AssessOrder))
            {
                break; // Answers the order.
            }
            var refused = decision.Body is FactBody.DecisionNotified { Outcome: AssessmentDecision.DoNotAssess };
            refusal = refused ? refusal ?? decision : null;
        }
        return refusal is not null && (IsChangeOfMind(history.FirstPlan) || IsChangeOfMind(history.FirstNoPlan)) ? null : refusal;

        bool IsChangeOfMind(Fact? outcome) => IsAfter(outcome, refusal) && !IsAfter(outcome, history.PlanOrder);
    }

    private static Fact? LastingNoPlan(CaseHistory history) =>
        IsAfter(history.FirstPlan, history.FirstNoPlan) && !IsAfter(history.FirstPlan, history.PlanOrder) ? null : history.FirstNoPlan;

    private static bool IsAfter(Fact? fact, Fact? other) => other?.On < fact?.On;

    private static void FindOddities(CaseHistory history, FindingList findings)
    {
        foreach (var decision in history.Decisions)
        {
            var outcome = ((FactBody.DecisionNotified)decision.Body).Outcome;
            if (outcome is not (AssessmentDecision.Assess or AssessmentDecision.DoNotAssess))
            {
                findings.AddUnknown(decision, outcome);
            }
        }
        var (plan, noPlan, start) = (history.FirstPlan, history.FirstNoPlan, history.Start);
        if (start is null)
        {
            if (history.FirstSign is { } sign)
            {
                findings.Add(FindingCode.NoStart, $"{sign.Kind}, but no request, attention or move that starts the clock", sign);
            }
        }
        else if (
            Earliest(plan, noPlan) is { } outcome
            && !history.Decisions.Exists(d => Assesses(d) && !IsAfter(d, outcome))
            && !IsAfter(outcome, history.PlanOrder)
        )
        {
            findings.Add(
                FindingCode.OutcomeWithoutDecision,
                $"{outcome.Kind} on {outcome.On:yyyy-MM-dd}, but no decision to assess by then",
                outcome
            );
        }
        if (plan is not null && noPlan is not null && !IsAfter(IsAfter(plan, noPlan) ? plan : noPlan, history.PlanOrder))
        {
            findings.Add(
                FindingCode.PlanAndNoPlan,
                $"a notice of no plan on {noPlan.On:yyyy-MM-dd} and a finalised plan on {plan.On:yyyy-MM-dd}, with no order or agreement between them",
                [noPlan, plan]
            );
        }
        FindEarlyPlan(history, findings);
        FindOutcomesAfterWithdrawal(history, findings);
    }

    private static bool Assesses(Fact decision) => decision.Body is FactBody.DecisionNotified { Outcome: AssessmentDecision.Assess };

    private static Fact? Earliest(Fact? a, Fact? b) => a is null || IsAfter(a, b) ? b : a;

    // Reg 13(1)(a): the family has fifteen days beginning with the day the draft was served. The first draft counts; a reply
    // ends the wait only if it agrees to finalise (reading A8).
    private static void FindEarlyPlan(CaseHistory history, FindingList findings)
    {
        if (history is not { FirstDraft: { } draft, FirstPlan: { } plan } || IsAfter(draft, plan))
        {
            return;
        }
        var lastDay = Provisions.AllowRepresentations.Limit.Due(draft.On);
        var agreed = history.AgreedReplies?.Exists(r => !IsAfter(draft, r) && !IsAfter(r, plan)) ?? false;
        if (plan.On <= lastDay && !agreed)
        {
            findings.Add(
                FindingCode.FinalisedEarly,
                $"draft served on {draft.On:yyyy-MM-dd}, plan finalised on {plan.On:yyyy-MM-dd}; the family has until {lastDay:yyyy-MM-dd}, {Provisions.AllowRepresentations.Citation}",
                [draft, plan]
            );
        }
    }

    private static void FindOutcomesAfterWithdrawal(CaseHistory history, FindingList findings)
    {
        if (history.Withdrawal is not { } withdrawal)
        {
            return;
        }
        var after = history.Decisions.FindAll(d => IsAfter(d, withdrawal));
        after.AddRange(new[] { history.FirstNoPlan, history.FirstPlan }.OfType<Fact>().Where(f => IsAfter(f, withdrawal)));
        foreach (var fact in after)
        {
            findings.Add(
                FindingCode.OutcomeAfterWithdrawal,
                $"{fact.Kind} on {fact.On:yyyy-MM-dd}, after {withdrawal.Kind} on {withdrawal.On:yyyy-MM-dd}",
                [withdrawal, fact]
            );
        }
    }
}
