namespace SendExchange.Statute;

/// <summary>A duty with a limit in one case, as it stands on the day asked about.</summary>
/// <remarks>Two obligations are equal when all they say is equal, lists included.</remarks>
/// <param name="CaseId">The authority's reference of the case.</param>
/// <param name="Authority">Whose case it is, e.g. <c>la:350</c>.</param>
/// <param name="Code">Wire code, one of <see cref="ObligationCode"/>.</param>
/// <param name="AdviceId">For <c>give_advice</c>: which request for advice.</param>
/// <param name="Obligor">Who owes it, e.g. <c>la:350</c> or <c>icb:QJ2</c>.</param>
/// <param name="Rule">The provision as a lawyer would cite it.</param>
/// <param name="RulePack">The <see cref="Statute.RulePack.Id"/> of the law of the day on which the limit falls.</param>
/// <param name="Start">D0, the day the limit runs from.</param>
/// <param name="Target">The earliest defensible last day: warnings.</param>
/// <param name="Due">The latest defensible last day, inclusive: breaches.</param>
/// <param name="BreachAt">00:00 Europe/London on the day after <paramref name="Due"/>, as UTC.</param>
/// <param name="State">How it stands.</param>
/// <param name="DoneOn">The day it was done, also where that was late or the limit was disapplied.</param>
/// <param name="DaysLate">
/// Days from <paramref name="Due"/> to the day it was done or ended, or to the day asked about. 0 unless
/// <paramref name="State"/> is <see cref="ObligationState.Breached"/> or <see cref="ObligationState.MetLate"/>.
/// </param>
/// <param name="Ground">When disapplied: the exception and its provision.</param>
/// <param name="GroundRejected">Why no claimed exception holds: what was seen, what the law requires. Null where one holds.</param>
/// <param name="Basis">The ids of the facts it rests on, sorted.</param>
/// <param name="ExceptionHolds">A claimed exception holds, whether or not it was needed.</param>
/// <param name="EndedOn">
/// The day something other than doing it ended the duty: withdrawal, move, order, mediation agreement, or an outcome that
/// makes it moot.
/// </param>
/// <param name="Occasion">
/// Which of several: the place of the fact that calls for it, which is the first fact of its chain of corrections. Null for
/// duties of which a case has one at most, and for advice. With the case, <paramref name="Code"/> and
/// <paramref name="AdviceId"/> it identifies the obligation for life.
/// </param>
/// <param name="Guidance">Statutory guidance, not law: it may be overdue, but it is never late and never a breach.</param>
/// <param name="Conditional">
/// Not known to be owed: it binds only if the outcome turns out to be the one it is about. False once it was done.
/// </param>
public sealed record Obligation(
    string CaseId,
    string Authority,
    string Code,
    string? AdviceId,
    string Obligor,
    string Rule,
    string RulePack,
    DateOnly Start,
    DateOnly Target,
    DateOnly Due,
    DateTimeOffset BreachAt,
    ObligationState State,
    DateOnly? DoneOn,
    int DaysLate,
    string? Ground,
    string? GroundRejected,
    IReadOnlyList<string> Basis,
    bool ExceptionHolds,
    DateOnly? EndedOn,
    string? Occasion = null,
    bool Guidance = false,
    bool Conditional = false
)
{
    /// <summary>Whether it will be a breach if it stays undone: law and not guidance, and known to be owed.</summary>
    public bool Binds => !Guidance && !Conditional;
}

public enum ObligationState
{
    /// <summary>Not done, and its last day has not passed (or, for <c>notify_no_plan</c>, not known to be owed).</summary>
    Open = 1,

    /// <summary>Done on or before the last day.</summary>
    Met,

    /// <summary>Late and not done; or late when something ended it, which cannot undo the breach.</summary>
    Breached,

    /// <summary>Done after the last day.</summary>
    MetLate,

    /// <summary>Late, but the limit does not bind because a claimed exception holds.</summary>
    Disapplied,

    /// <summary>An outcome made it moot before it was late.</summary>
    NotApplicable,

    /// <summary>The request was withdrawn, or the child moved away, before it was late.</summary>
    Withdrawn,

    /// <summary>An order, an unopposed appeal or a mediation agreement put a new clock in its place before it was late.</summary>
    Superseded,
}

/// <summary>Wire codes of the obligations.</summary>
/// <remarks><c>allow_representations</c> is a minimum left to the family: a fault is a finding, never an obligation.</remarks>
public static class ObligationCode
{
    public const string DecideToAssess = "decide_to_assess";
    public const string GiveAdvice = "give_advice";
    public const string NotifyNoPlan = "notify_no_plan";
    public const string AllowRepresentations = "allow_representations";
    public const string SchoolReply = "school_reply";
    public const string FinalisePlan = "finalise_plan";
    public const string MediationAction = "mediation_action";
    public const string MediationReport = "mediation_report";
    public const string OrderNotify = "order_notify";
    public const string OrderNoPlan = "order_no_plan";
    public const string OrderDraftPlan = "order_draft_plan";
    public const string OrderFinalisePlan = "order_finalise_plan";
    public const string OrderReconsider = "order_reconsider";
    public const string OrderAmendContent = "order_amend_content";
    public const string OrderAmendPlacement = "order_amend_placement";
    public const string OrderCease = "order_cease";
    public const string TransferPlan = "transfer_plan";
    public const string TransferInformFamily = "transfer_inform_family";
    public const string TransferReview = "transfer_review";
    public const string AnnualReview = "annual_review";
    public const string ReviewDecision = "review_decision";
    public const string AmendedPlan = "amended_plan";
    public const string PhaseTransfer = "phase_transfer";
    public const string DecideToReassess = "decide_to_reassess";
    public const string FinaliseReassessedPlan = "finalise_reassessed_plan";

    /// <summary>Every code, in the order of the constants.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        DecideToAssess,
        GiveAdvice,
        NotifyNoPlan,
        AllowRepresentations,
        SchoolReply,
        FinalisePlan,
        MediationAction,
        MediationReport,
        OrderNotify,
        OrderNoPlan,
        OrderDraftPlan,
        OrderFinalisePlan,
        OrderReconsider,
        OrderAmendContent,
        OrderAmendPlacement,
        OrderCease,
        TransferPlan,
        TransferInformFamily,
        TransferReview,
        AnnualReview,
        ReviewDecision,
        AmendedPlan,
        PhaseTransfer,
        DecideToReassess,
        FinaliseReassessedPlan,
    ];
}

/// <summary>How states and grounds are written on the wire and in files.</summary>
public static class WireNames
{
    /// <summary>E.g. <c>MET_LATE</c>.</summary>
    public static string ToWire(this ObligationState state) =>
        state switch
        {
            ObligationState.Open => "OPEN",
            ObligationState.Met => "MET",
            ObligationState.Breached => "BREACHED",
            ObligationState.MetLate => "MET_LATE",
            ObligationState.Disapplied => "DISAPPLIED",
            ObligationState.NotApplicable => "NOT_APPLICABLE",
            ObligationState.Withdrawn => "WITHDRAWN",
            ObligationState.Superseded => "SUPERSEDED",
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state of an obligation."),
        };

    /// <summary>E.g. <c>SCHOOL_CLOSURE</c>.</summary>
    public static string ToWire(this ExceptionGround ground) =>
        ground switch
        {
            ExceptionGround.SchoolClosure => "SCHOOL_CLOSURE",
            ExceptionGround.EarlyYearsClosure => "EARLY_YEARS_CLOSURE",
            ExceptionGround.ExceptionalCircumstances => "EXCEPTIONAL_CIRCUMSTANCES",
            ExceptionGround.AbsentFromArea => "ABSENT_FROM_AREA",
            ExceptionGround.MissedAppointment => "MISSED_APPOINTMENT",
            ExceptionGround.Coronavirus => "CORONAVIRUS",
            _ => ground.ToString(), // An unknown ground reaches no limit, and the reading says so in words.
        };
}
