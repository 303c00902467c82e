namespace SendExchange.Statute;

/// <summary>
/// Checks that a case has exactly the obligations that its facts call for: each fact that calls for a duty has it, or a finding
/// says why not; and each obligation has such a fact.
/// </summary>
/// <remarks>
/// A table of its own and not the clocks' code, so that it can disagree with them. Cheap enough to ask of every case.
/// </remarks>
public static class Unclocked
{
    // Findings that say why a fact has no clock.
    private static readonly string[] Excuses =
    [
        FindingCode.LawNotInForce,
        FindingCode.ObligorUnknown,
        FindingCode.ImpossibleDate,
        FindingCode.OrderNotProvidedFor,
        FindingCode.PlanHadEnded,
        FindingCode.NoPlanToAmend,
        FindingCode.DuplicateAdvice,
    ];

    /// <returns>The facts, with what they call for, that the reading counts no duty for. Empty: nothing is unclocked.</returns>
    /// <param name="facts">The facts that were read.</param>
    /// <param name="authority">Whose case it is.</param>
    /// <param name="caseId">That authority's reference of the case.</param>
    /// <param name="asOf">The day asked about.</param>
    /// <param name="reading">What they were read as.</param>
    public static IReadOnlyList<(Fact Fact, string Obligation)> Of(
        IEnumerable<Fact> facts,
        string authority,
        string caseId,
        DateOnly asOf,
        CaseReading reading
    )
    {
        var standing = StandingFacts.Of(facts, authority, caseId, new FindingList(authority, caseId));
        var missing = new List<(Fact, string)>();
        foreach (var fact in standing.ByDay)
        {
            if (fact.On > asOf)
            {
                break;
            }
            foreach (var code in CallsFor(fact))
            {
                if (!HasClock(fact, code, standing, reading) && !IsExcused(fact, standing, reading))
                {
                    missing.Add((fact, code));
                }
            }
        }
        return missing;
    }

    /// <returns>The obligations that no fact calls for. Empty: nobody is held to a duty without cause.</returns>
    /// <param name="facts">The facts that were read.</param>
    /// <param name="authority">Whose case it is.</param>
    /// <param name="caseId">That authority's reference of the case.</param>
    /// <param name="asOf">The day asked about.</param>
    /// <param name="reading">What they were read as.</param>
    public static IReadOnlyList<Obligation> Uncalled(
        IEnumerable<Fact> facts,
        string authority,
        string caseId,
        DateOnly asOf,
        CaseReading reading
    )
    {
        var standing = StandingFacts.Of(facts, authority, caseId, new FindingList(authority, caseId));
        var called = new HashSet<(string Code, string? AdviceId, string? Occasion)>();
        foreach (var fact in standing.ByDay.TakeWhile(f => f.On <= asOf))
        {
            string[] codes = [.. CallsFor(fact), .. MayCallFor(fact)];
            var adviceId = (fact.Body as FactBody.AdviceSought)?.AdviceId;
            var place = codes.Length > 0 ? standing.PlaceOf(fact) : null;
            foreach (var code in codes)
            {
                called.Add((code, adviceId, OncePerCase.Contains(code) ? null : place));
            }
        }
        return [.. reading.Obligations.Where(o => !called.Contains((o.Code, o.AdviceId, o.Occasion)))];
    }

    private static readonly string[] OncePerCase =
    [
        ObligationCode.DecideToAssess,
        ObligationCode.GiveAdvice,
        ObligationCode.NotifyNoPlan,
        ObligationCode.FinalisePlan,
    ];

    // What depends on other facts as well.
    private static string[] MayCallFor(Fact fact) =>
        fact.Body switch
        {
            FactBody.DecisionNotified or FactBody.NoPlanNotified or FactBody.PlanFinalised => [ObligationCode.NotifyNoPlan],
            FactBody.MediationAgreed { Issue: MediationIssue.OtherAction } => [ObligationCode.MediationReport],
            FactBody.ReviewMeetingHeld => [ObligationCode.AmendedPlan],
            _ => [],
        };

    private static string[] CallsFor(Fact fact) =>
        fact.Body switch
        {
            FactBody.RequestReceived or FactBody.BroughtToAttention or FactBody.BecameResponsible =>
            [
                ObligationCode.DecideToAssess,
                ObligationCode.FinalisePlan,
            ],
            FactBody.AdviceSought { Kind: not AdviceKind.ParentYp } => [ObligationCode.GiveAdvice],
            FactBody.SchoolConsulted => [ObligationCode.SchoolReply],
            FactBody.MediationAgreed { Issue: MediationIssue.OtherAction } => [ObligationCode.MediationAction],
            FactBody.MediationAgreed { Issue: MediationIssue.Assess }
            or FactBody.TribunalOrdered { Issue: AppealIssue.Assess or AppealIssue.Reassess }
            or FactBody.AppealUnopposed { Issue: AppealIssue.Assess or AppealIssue.Reassess } =>
            [
                ObligationCode.OrderNotify,
                ObligationCode.OrderNoPlan,
                ObligationCode.OrderFinalisePlan,
            ],
            FactBody.MediationAgreed { Issue: MediationIssue.MakePlan }
            or FactBody.TribunalOrdered { Issue: AppealIssue.MakePlan }
            or FactBody.AppealUnopposed { Issue: AppealIssue.MakePlan } =>
            [
                ObligationCode.OrderDraftPlan,
                ObligationCode.OrderFinalisePlan,
            ],
            FactBody.MediationAgreed { Issue: MediationIssue.AmendContent }
            or FactBody.TribunalOrdered { Issue: AppealIssue.AmendContent or AppealIssue.ContinueAndAmend }
            or FactBody.AppealUnopposed { Issue: AppealIssue.AmendContent or AppealIssue.ContinueAndAmend } =>
            [
                ObligationCode.OrderAmendContent,
            ],
            FactBody.MediationAgreed { Issue: MediationIssue.AmendPlacement }
            or FactBody.TribunalOrdered { Issue: AppealIssue.AmendPlacement }
            or FactBody.AppealUnopposed { Issue: AppealIssue.AmendPlacement } => [ObligationCode.OrderAmendPlacement],
            FactBody.TribunalOrdered { Issue: AppealIssue.Reconsider } or FactBody.AppealUnopposed { Issue: AppealIssue.Reconsider } =>
            [
                ObligationCode.OrderReconsider,
            ],
            FactBody.TribunalOrdered { Issue: AppealIssue.DismissCease } or FactBody.AppealUnopposed { Issue: AppealIssue.DismissCease } =>
            [
                ObligationCode.OrderCease,
            ],
            FactBody.PlanTransferredIn => [ObligationCode.TransferPlan, ObligationCode.TransferInformFamily, ObligationCode.TransferReview],
            FactBody.PlanFinalised or FactBody.ReassessedPlanFinalised or FactBody.ReviewDecisionNotified => [ObligationCode.AnnualReview],
            FactBody.ReviewMeetingHeld => [ObligationCode.ReviewDecision],
            FactBody.AmendmentNoticeServed => [ObligationCode.AmendedPlan],
            FactBody.PhaseTransferExpected
            {
                Kind: PhaseTransferKind.School or PhaseTransferKind.SecondaryToPost16 or PhaseTransferKind.Post16ToPost16
            } => [ObligationCode.PhaseTransfer],
            FactBody.ReassessmentRequested => [ObligationCode.DecideToReassess],
            FactBody.ReassessmentDecided { Outcome: ReassessmentDecision.Reassess } => [ObligationCode.FinaliseReassessedPlan],
            _ => [],
        };

    private static bool HasClock(Fact fact, string code, StandingFacts standing, CaseReading reading)
    {
        var adviceId = (fact.Body as FactBody.AdviceSought)?.AdviceId;
        var place = standing.PlaceOf(fact);
        foreach (var obligation in reading.Obligations)
        {
            var isIts = obligation.Occasion is null
                ? obligation.AdviceId == adviceId
                : obligation.Occasion == place || (fact.Body is FactBody.AmendmentNoticeServed && obligation.Basis.Contains(fact.FactId));
            if (obligation.Code == code && isIts)
            {
                return true;
            }
        }
        return false;
    }

    private static bool Starts(FactBody body) =>
        body is FactBody.RequestReceived or FactBody.BroughtToAttention or FactBody.BecameResponsible;

    private static bool IsExcused(Fact fact, StandingFacts standing, CaseReading reading)
    {
        foreach (var finding in reading.Findings)
        {
            if (Excuses.Contains(finding.Code) && finding.Facts.Contains(fact.FactId))
            {
                return true;
            }
        }
        // Told twice, a later start than one before the Regulations, or answering an order: what else there is counts for it.
        return fact.Body switch
        {
            FactBody.ReviewMeetingHeld => standing.ByDay.Exists(f => f != fact && f.On == fact.On && f.Body is FactBody.ReviewMeetingHeld),
            FactBody.RequestReceived or FactBody.BroughtToAttention or FactBody.BecameResponsible => reading.Findings.Any(f =>
                f.Code == FindingCode.LawNotInForce && standing.ByDay.Exists(s => Starts(s.Body) && f.Facts.Contains(s.FactId))
            ),
            FactBody.ReassessmentDecided => standing.ByDay.Exists(o =>
                o.On <= fact.On
                && o.Body
                    is FactBody.TribunalOrdered { Issue: AppealIssue.Reassess }
                        or FactBody.AppealUnopposed { Issue: AppealIssue.Reassess }
            ),
            _ => false,
        };
    }
}
