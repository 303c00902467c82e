namespace SendExchange.Statute;

/// <summary>What the facts of one case come to on a day.</summary>
/// <remarks>Two readings are equal when all they say is equal, lists included.</remarks>
/// <param name="Obligations">In the order in which the law imposes them; requests for advice by their ids.</param>
/// <param name="Findings">By code, then by what they say.</param>
/// <param name="Outline">What DfE's measures need.</param>
public sealed record CaseReading(IReadOnlyList<Obligation> Obligations, IReadOnlyList<Finding> Findings, CaseOutline Outline)
{
    /// <summary>
    /// The same facts read the same on every day before this one, apart from breaches growing older. Null: for ever.
    /// </summary>
    public DateOnly? ChangesOn { get; init; }

    /// <summary>Reads a case. Pure: the same facts give the same reading in any order, with any duplicates.</summary>
    /// <param name="facts">
    /// All facts known of the case. Facts of other cases may be among them because they correct or retract some of this one;
    /// they have no other effect on it.
    /// </param>
    /// <param name="authority">Whose case it is, e.g. <c>la:350</c>.</param>
    /// <param name="caseId">That authority's reference of the case.</param>
    /// <param name="asOf">The day asked about, Europe/London. What is dated later has not happened yet.</param>
    /// <param name="law">The law to read it under, e.g. a proposed one. Null: <see cref="Law.Current"/>.</param>
    public static CaseReading Of(IEnumerable<Fact> facts, string authority, string caseId, DateOnly asOf, Law? law = null)
    {
        law ??= Law.Current;
        var findings = new FindingList(authority, caseId);
        var standing = StandingFacts.Of(facts, authority, caseId, findings);
        var history = CaseHistory.Of(standing, authority, asOf, findings);
        var settlement = new Settlement(authority, caseId, history, findings, law);
        var plan = AssessmentClock.Settle(history, settlement, findings);
        SchoolConsultations.Settle(history, settlement, findings);
        OrderClock.Settle(history, settlement, findings);
        MediationClock.Settle(history, settlement, findings);
        TransferClock.Settle(history, settlement, findings);
        ReviewClock.Settle(history, settlement, findings);
        PhaseTransferClock.Settle(history, settlement, findings);
        ReassessmentClock.Settle(history, settlement, findings);
        settlement.Close();
        var outline = OutlineOf(authority, caseId, history, plan, law);
        return new CaseReading(settlement.Obligations, findings.Sorted(), outline) { ChangesOn = settlement.ChangesOn };
    }

    private static CaseOutline OutlineOf(string authority, string caseId, CaseHistory history, Obligation? plan, Law law)
    {
        var decision = history.Decisions.Count > 0 ? history.Decisions[0] : null;
        var (assessMediation, planMediation, otherMediation) = ByIssue(history.Mediations);
        var (assessTribunal, planTribunal, otherTribunal) = ByIssue(history.Appeals);
        return new CaseOutline(
            authority,
            caseId,
            history.FirstRequest?.On,
            history.Detained,
            history.Start is null ? null : history.StartOn,
            decision?.On,
            (decision?.Body as FactBody.DecisionNotified)?.Outcome,
            history.Withdrawal?.On,
            history.FirstNoPlan?.On,
            history.FirstDraft?.On,
            history.FirstPlan?.On,
            PlanFollowedOrder: history.AnyClockOrder?.On < history.FirstPlan?.On,
            ExceptionOnPlan: plan?.ExceptionHolds ?? history.Claims?.Exists(f => CouldReachPlan(f, law)) ?? false,
            AdviceCompleteOn(history.AdviceSought),
            assessMediation,
            assessTribunal,
            planMediation,
            planTribunal,
            otherMediation,
            otherTribunal
        );
    }

    private static bool CouldReachPlan(Fact fact, Law law) =>
        fact.Body is FactBody.ExceptionClaimed claim
        && fact.Organisation == fact.Authority
        && law.Exception(Provisions.FinalisePlan, claim.Ground) is not null
        && (claim.Obligation == ObligationCode.FinalisePlan || claim is { Obligation: null, AdviceId: null });

    private static DateOnly? AdviceCompleteOn(List<CaseHistory.Advice> sought)
    {
        DateOnly? last = null;
        foreach (var advice in sought)
        {
            if (!advice.IsOfBody)
            {
                continue;
            }
            if (advice.Done is not { } done)
            {
                return null;
            }
            last = last > done.On ? last : done.On;
        }
        return last;
    }

    private static (ValueList<DateOnly> Assess, ValueList<DateOnly> Plan, ValueList<DateOnly> Other) ByIssue(List<Fact>? facts)
    {
        var none = ValueList<DateOnly>.Empty;
        return facts is null ? (none, none, none) : (DatesOf(facts, Issue.Assess), DatesOf(facts, Issue.Plan), DatesOf(facts, Issue.Other));
    }

    private static ValueList<DateOnly> DatesOf(List<Fact> facts, Issue issue) =>
        ValueList<DateOnly>.Of([.. facts.Where(f => IssueOf(f.Body) == issue).Select(f => f.On)]);

    private static Issue IssueOf(FactBody body) =>
        body switch
        {
            FactBody.MediationAgreed { Issue: MediationIssue.Assess }
            or FactBody.TribunalOrdered { Issue: AppealIssue.Assess }
            or FactBody.AppealUnopposed { Issue: AppealIssue.Assess } => Issue.Assess,
            FactBody.MediationAgreed { Issue: MediationIssue.MakePlan }
            or FactBody.TribunalOrdered { Issue: AppealIssue.MakePlan }
            or FactBody.AppealUnopposed { Issue: AppealIssue.MakePlan } => Issue.Plan,
            _ => Issue.Other,
        };

    private enum Issue
    {
        Assess,
        Plan,
        Other,
    }
}
