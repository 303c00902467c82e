namespace SendExchange.Statute;

/// <summary>What DfE's measures need to know of a case, on the day asked about.</summary>
/// <remarks>
/// Two outlines are equal when all they say is equal, lists included. Where an outcome was later reversed (the authority's
/// own change of mind, mediation, tribunal) the first one stays, as in SEN2.
/// </remarks>
/// <param name="Authority">Whose case it is, e.g. <c>la:350</c>.</param>
/// <param name="CaseId">The authority's reference of the case.</param>
/// <param name="RequestReceivedOn">The first request. Null where the case began without one.</param>
/// <param name="Detained">That request was for a detained child or young person (SEN2: RYA).</param>
/// <param name="StartOn">D0: the first request, attention or move, whichever is earliest.</param>
/// <param name="DecisionOn">The first decision whether to assess.</param>
/// <param name="DecisionOutcome">What it was.</param>
/// <param name="WithdrawnOn">The first withdrawal of the request or move out of the area.</param>
/// <param name="NoPlanOn">The first notice that no plan will be issued.</param>
/// <param name="DraftPlanOn">The first draft plan.</param>
/// <param name="PlanFinalisedOn">The first finalised plan.</param>
/// <param name="PlanFollowedOrder">
/// That plan came after a tribunal order, unopposed appeal or mediation agreement about assessing, reassessing,
/// reconsidering or making a plan: it ran another clock and stays out of the 20-week measure.
/// </param>
/// <param name="ExceptionOnPlan">
/// A claimed exception reaches the limit for the plan and holds, whether or not it was needed. Where no start is known the
/// ground alone decides, because DfE's flag is the authority's own statement.
/// </param>
/// <param name="AdviceCompleteOn">The day the last advice sought of a body came in. Null while any is missing or none was sought.</param>
/// <param name="AssessMediation">Mediation agreements about assessing.</param>
/// <param name="AssessTribunal">Orders and unopposed appeals about assessing.</param>
/// <param name="PlanMediation">Mediation agreements about making a plan.</param>
/// <param name="PlanTribunal">Orders and unopposed appeals about making a plan.</param>
/// <param name="OtherMediation">All other mediation agreements.</param>
/// <param name="OtherTribunal">All other orders and unopposed appeals.</param>
public sealed record CaseOutline(
    string Authority,
    string CaseId,
    DateOnly? RequestReceivedOn,
    bool Detained,
    DateOnly? StartOn,
    DateOnly? DecisionOn,
    AssessmentDecision? DecisionOutcome,
    DateOnly? WithdrawnOn,
    DateOnly? NoPlanOn,
    DateOnly? DraftPlanOn,
    DateOnly? PlanFinalisedOn,
    bool PlanFollowedOrder,
    bool ExceptionOnPlan,
    DateOnly? AdviceCompleteOn,
    IReadOnlyList<DateOnly> AssessMediation,
    IReadOnlyList<DateOnly> AssessTribunal,
    IReadOnlyList<DateOnly> PlanMediation,
    IReadOnlyList<DateOnly> PlanTribunal,
    IReadOnlyList<DateOnly> OtherMediation,
    IReadOnlyList<DateOnly> OtherTribunal
);
