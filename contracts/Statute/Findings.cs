namespace SendExchange.Statute;

/// <summary>Something odd in the facts of a case: recorded, readable, but somebody should look.</summary>
/// <param name="Authority">Whose case it is, e.g. <c>la:350</c>.</param>
/// <param name="CaseId">The authority's reference of the case.</param>
/// <param name="Code">One of <see cref="FindingCode"/>.</param>
/// <param name="Detail">What was seen and how it was read, in words.</param>
/// <param name="Facts">The ids of the facts it is about, sorted.</param>
public sealed record Finding(string Authority, string CaseId, string Code, string Detail, IReadOnlyList<string> Facts);

/// <summary>Wire codes of the findings.</summary>
public static class FindingCode
{
    /// <summary>Nothing starts the clock, so the authority's limits cannot be counted.</summary>
    public const string NoStart = "no_start";

    /// <summary>A second, later request or other start. The earliest counts.</summary>
    public const string SecondStart = "second_start";

    /// <summary>The clock started on a day when the provision was not in force, so no limit is counted.</summary>
    public const string LawNotInForce = "law_not_in_force";

    /// <summary>A duty was done before the day its limit runs from. It counts as met.</summary>
    public const string DoneBeforeStart = "done_before_start";

    /// <summary>A fact names advice that nobody asked for in this case.</summary>
    public const string UnknownAdvice = "unknown_advice";

    /// <summary>Two requests for advice share an id but differ in body or kind. The earlier counts.</summary>
    public const string DuplicateAdvice = "duplicate_advice";

    /// <summary>A fact dated after the day asked about. It has no effect before its day.</summary>
    public const string DatedInFuture = "dated_in_future";

    /// <summary>The plan was finalised within the family's fifteen days without its agreement, reg 13(1)(a).</summary>
    public const string FinalisedEarly = "finalised_early";

    /// <summary>Decisions of the same day contradict each other.</summary>
    public const string ContradictoryDecisions = "contradictory_decisions";

    /// <summary>A plan and a no-plan notice, with no order or agreement between them.</summary>
    public const string PlanAndNoPlan = "plan_and_no_plan";

    /// <summary>An outcome of an assessment that nobody decided to make.</summary>
    public const string OutcomeWithoutDecision = "outcome_without_decision";

    /// <summary>A decision or outcome after the request was withdrawn or the child moved away. It is not counted.</summary>
    public const string OutcomeAfterWithdrawal = "outcome_after_withdrawal";

    /// <summary>A fact corrects or retracts one that is not known in this case.</summary>
    public const string ReplacesUnknownFact = "replaces_unknown_fact";

    /// <summary>Facts correct or retract each other in a circle. None of those replacements takes effect.</summary>
    public const string ReplacementCycle = "replacement_cycle";

    /// <summary>Two facts correct the same fact, neither of them retracted. Both count.</summary>
    public const string DoubleCorrection = "double_correction";

    /// <summary>One sender used one id for different facts. The one that sorts first counts.</summary>
    public const string ConflictingDuplicate = "conflicting_duplicate";

    /// <summary>Guidance, not law, was not followed in time.</summary>
    public const string GuidanceOverdue = "guidance_overdue";

    /// <summary>A body says that another body's duty was done. It does not count.</summary>
    public const string NotTheirsToSay = "not_theirs_to_say";

    /// <summary>A reply of a school that nobody consulted.</summary>
    public const string UnknownConsultation = "unknown_consultation";

    /// <summary>An order or unopposed appeal about something that the authority is not known to have decided.</summary>
    public const string OrderWithoutDecision = "order_without_decision";

    /// <summary>Two orders, appeals or agreements of one day about the same thing. Each has its own clock.</summary>
    public const string OrdersOfOneDay = "orders_of_one_day";

    /// <summary>An unopposed appeal about something for which the Regulations provide no limit.</summary>
    public const string OrderNotProvidedFor = "order_not_provided_for";

    /// <summary>A refusal to assess after an order or agreement to assess. It does not discharge it.</summary>
    public const string RefusedAgainstOrder = "refused_against_order";

    /// <summary>A date that cannot be, or one without which a limit cannot be counted.</summary>
    public const string ImpossibleDate = "impossible_date";

    /// <summary>Nobody is named who owes the duty, so it is counted against nobody.</summary>
    public const string ObligorUnknown = "obligor_unknown";

    /// <summary>A second finalised plan, with no order, ceasing or reassessment between them.</summary>
    public const string PlanFinalisedTwice = "plan_finalised_twice";

    /// <summary>A step in the life of a plan that had ceased, or of a child who had moved away. It starts no clock.</summary>
    public const string PlanHadEnded = "plan_had_ended";

    /// <summary>A step in the life of a plan of which nothing else is known.</summary>
    public const string PlanNotKnown = "plan_not_known";

    /// <summary>A fact whose outcome, issue or kind this version does not know. It calls for nothing and decides nothing.</summary>
    public const string UnknownValue = "unknown_value";

    /// <summary>A phase transfer that was to be named in a plan before there was one. It starts no clock.</summary>
    public const string NoPlanToAmend = "no_plan_to_amend";

    /// <summary>A second review meeting before the decision on the first. Each has its own limit.</summary>
    public const string SecondReviewMeeting = "second_review_meeting";

    /// <summary>Review decisions of the same day contradict each other. The first by sender and id counts for amendments.</summary>
    public const string ContradictoryReviewDecisions = "contradictory_review_decisions";

    /// <summary>A claimed exception holds for none of the limits it was claimed for.</summary>
    public const string ExceptionRejected = "exception_rejected";
}

/// <summary>Gathers the findings of one reading.</summary>
internal sealed class FindingList(string authority, string caseId)
{
    private List<Finding>? found;

    public void Add(string code, string detail, Fact fact) => Add(code, detail, new ValueList<string>([fact.FactId]));

    public void Add(string code, string detail, IEnumerable<Fact> facts) =>
        Add(code, detail, new ValueList<string>([.. facts.Select(f => f.FactId).Distinct().Order(StringComparer.Ordinal)]));

    /// <summary>Reports a fact with a value that is none of those known.</summary>
    public void AddUnknown<T>(Fact fact, T value)
        where T : struct, Enum =>
        Add(FindingCode.UnknownValue, $"{fact.Kind} says {value:D}, which is no known {typeof(T).Name}; it has no effect", fact);

    /// <summary>Each finding once, by code, then by what it says.</summary>
    public ValueList<Finding> Sorted() =>
        found is null
            ? ValueList<Finding>.Empty
            : new([
                .. found
                    .Distinct()
                    .OrderBy(f => f.Code, StringComparer.Ordinal)
                    .ThenBy(f => f.Detail, StringComparer.Ordinal)
                    .ThenBy(f => string.Join('\n', f.Facts), StringComparer.Ordinal),
            ]);

    private void Add(string code, string detail, ValueList<string> facts) =>
        (found ??= []).Add(new Finding(authority, caseId, code, detail, facts));
}
