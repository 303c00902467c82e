namespace SendExchange.Statute;

/// <summary>One organisation's statement that something happened on a day in a case.</summary>
/// <remarks>Immutable. Facts may arrive late, twice or out of order; a mistake is put right by another fact.</remarks>
/// <param name="Organisation">Who says it, e.g. <c>la:350</c>.</param>
/// <param name="FactId">The sender's own id, unique together with <paramref name="Organisation"/>.</param>
/// <param name="Authority">The local authority whose case it is, e.g. <c>la:350</c>.</param>
/// <param name="CaseId">That authority's reference of the case.</param>
/// <param name="On">The day it happened, Europe/London.</param>
/// <param name="Body">What happened.</param>
/// <param name="Corrects">The <c>FactId</c>, of the same sender, that this fact replaces.</param>
public sealed record Fact(
    string Organisation,
    string FactId,
    string Authority,
    string CaseId,
    DateOnly On,
    FactBody Body,
    string? Corrects = null
)
{
    /// <summary>The wire name of what it says, e.g. <c>planFinalised</c>.</summary>
    public string Kind
    {
        get
        {
            var name = Body.GetType().Name;
            return char.ToLowerInvariant(name[0]) + name[1..];
        }
    }
}

/// <summary>What a fact says happened. A closed set; <c>Fact.On</c> means what each body's docstring says.</summary>
/// <remarks>
/// Free text (reasons) is not carried. A body without a rule in this library has no effect on a reading. The numbers of
/// the enums below are those of the wire.
/// </remarks>
public abstract record FactBody
{
    private FactBody() { }

    /// <summary>On: the authority received the request, CFA 2014 s.36(1).</summary>
    /// <param name="Source">Who asked.</param>
    /// <param name="Detained">The child or young person is detained in relevant youth accommodation, CFA 2014 s.71.</param>
    public sealed record RequestReceived(RequestSource Source, bool Detained = false) : FactBody;

    /// <summary>On: the child came to the authority's attention, CFA 2014 s.24.</summary>
    public sealed record BroughtToAttention(RequestSource By) : FactBody;

    /// <summary>On: the child moved in, without a plan.</summary>
    /// <param name="AwareOn">When the authority learned of it. The clock starts on the later of the two.</param>
    /// <param name="FromAuthority">The authority of the area the child left.</param>
    public sealed record BecameResponsible(DateOnly? AwareOn = null, string? FromAuthority = null) : FactBody;

    /// <summary>On: the family was notified whether an assessment will be secured, reg 5(1).</summary>
    public sealed record DecisionNotified(AssessmentDecision Outcome) : FactBody;

    /// <summary>On: the request for advice was sent.</summary>
    /// <param name="AdviceId">The authority's own id of this request for advice.</param>
    /// <param name="Kind">Which advice of reg 6(1).</param>
    /// <param name="From">The organisation asked. May be null only for <see cref="AdviceKind.ParentYp"/>.</param>
    /// <param name="ReceivedByBodyOn">The day the body received it: its six weeks run from here. Null: the day it was sent.</param>
    public sealed record AdviceSought(string AdviceId, AdviceKind Kind, string? From, DateOnly? ReceivedByBodyOn = null) : FactBody;

    /// <summary>On: adviser, authority and family agreed that earlier advice suffices, reg 6(4).</summary>
    public sealed record AdviceReused(
        AdviceKind Kind,
        string? From = null,
        string? ProvidedFor = null,
        DateOnly? ProvidedOn = null,
        bool AdviserSatisfied = false,
        bool AuthoritySatisfied = false,
        bool FamilySatisfied = false
    ) : FactBody;

    /// <summary>On: the body gave the advice.</summary>
    public sealed record AdviceGiven(string AdviceId) : FactBody;

    /// <summary>On: the authority received the advice.</summary>
    public sealed record AdviceReceived(string AdviceId) : FactBody;

    /// <summary>On: the appointment or test that was missed, reg 8(2)(c).</summary>
    public sealed record AppointmentMissed(string AdviceId) : FactBody;

    /// <summary>On: claimed. A claim asserts that the limit was impractical to meet because of its ground.</summary>
    /// <param name="Ground">The ground of the Regulations relied on.</param>
    /// <param name="Obligation">An <see cref="ObligationCode"/>. Null: all that the ground can reach.</param>
    /// <param name="AdviceId">For <c>give_advice</c>: the request for advice it is claimed for.</param>
    /// <param name="AdviceRequestedOn">Closures: the day the head or provider was asked for advice.</param>
    /// <param name="ClosedFrom">Closures: the first day closed.</param>
    /// <param name="ReopensOn">Closures: the first day open again.</param>
    /// <param name="AbsentFrom">Absence: the first day away.</param>
    /// <param name="ReturnedOn">Absence: the first day back. Null: still away.</param>
    /// <param name="ReasonGiven">The claim came with a reasoned note.</param>
    /// <param name="FamilyToldOn">The day the family was told of the delay.</param>
    public sealed record ExceptionClaimed(
        ExceptionGround Ground,
        string? Obligation = null,
        string? AdviceId = null,
        DateOnly? AdviceRequestedOn = null,
        DateOnly? ClosedFrom = null,
        DateOnly? ReopensOn = null,
        DateOnly? AbsentFrom = null,
        DateOnly? ReturnedOn = null,
        bool ReasonGiven = false,
        DateOnly? FamilyToldOn = null
    ) : FactBody;

    /// <summary>On: the family was told that no plan will be issued, reg 10(1).</summary>
    public sealed record NoPlanNotified : FactBody;

    /// <summary>On: the draft plan was served, reg 13(1).</summary>
    public sealed record DraftPlanServed : FactBody;

    /// <summary>On: the family answered the draft plan.</summary>
    /// <param name="AgreesToFinalise">The family agrees that the plan be finalised before its fifteen days are over.</param>
    public sealed record FamilyResponded(bool AgreesToFinalise) : FactBody;

    /// <summary>On: the consultation was sent.</summary>
    public sealed record SchoolConsulted(string? Urn = null) : FactBody;

    /// <summary>On: the school's reply was received.</summary>
    public sealed record SchoolReplied(string? Urn = null) : FactBody;

    /// <summary>On: the finalised plan was sent to the family, reg 13(2).</summary>
    public sealed record PlanFinalised(DateOnly? SentToSchoolOn = null, DateOnly? SentToCommissionerOn = null) : FactBody;

    /// <summary>On: the request was withdrawn.</summary>
    public sealed record RequestWithdrawn : FactBody;

    /// <summary>On: the child moved out of the authority's area.</summary>
    public sealed record MovedOut(string? ToAuthority = null) : FactBody;

    /// <summary>On: the mediation agreement was made, reg 42.</summary>
    /// <param name="Issue">What it is about.</param>
    /// <param name="Obligor">Who must act.</param>
    /// <param name="AuthorityWasParty">The authority was a party to the agreement.</param>
    /// <param name="AgreedDate">Another date agreed in writing, reg 42(5).</param>
    public sealed record MediationAgreed(
        MediationIssue Issue,
        string? Obligor = null,
        bool AuthorityWasParty = false,
        DateOnly? AgreedDate = null
    ) : FactBody;

    /// <summary>On: what the mediation agreement says was done.</summary>
    public sealed record MediationActionDone : FactBody;

    /// <summary>On: the ICB told the authority of an agreement that it was not party to, reg 42(4).</summary>
    public sealed record MediationReported : FactBody;

    /// <summary>On: the date of the tribunal's order, reg 44.</summary>
    public sealed record TribunalOrdered(AppealIssue Issue) : FactBody;

    /// <summary>On: the authority told the tribunal that it does not oppose the appeal, reg 45.</summary>
    public sealed record AppealUnopposed(AppealIssue Issue) : FactBody;

    /// <summary>On: the day of the move, reg 15.</summary>
    public sealed record PlanTransferredIn(
        string? OldAuthority = null,
        DateOnly? OldAuthorityAwareOn = null,
        DateOnly? PlanMadeOn = null,
        DateOnly? LastReviewedOn = null
    ) : FactBody;

    /// <summary>On: the old authority transferred the plan.</summary>
    public sealed record PlanTransferred : FactBody;

    /// <summary>On: the new authority told the family, reg 15(4).</summary>
    public sealed record TransferFamilyInformed : FactBody;

    /// <summary>On: the day of the review meeting.</summary>
    public sealed record ReviewMeetingHeld : FactBody;

    /// <summary>On: the family was told whether the plan is kept, amended or ceased.</summary>
    public sealed record ReviewDecisionNotified(ReviewOutcome Outcome) : FactBody;

    /// <summary>On: the amendment notice was served, reg 22(2).</summary>
    public sealed record AmendmentNoticeServed : FactBody;

    /// <summary>On: the amended plan was sent.</summary>
    public sealed record AmendedPlanFinalised : FactBody;

    /// <summary>On: the family was told that the plan will not be amended.</summary>
    public sealed record NotAmendingNotified : FactBody;

    /// <summary>On: recorded.</summary>
    /// <param name="Kind">Which transfer of reg 18.</param>
    /// <param name="TransferOn">The day the child moves to the next phase.</param>
    public sealed record PhaseTransferExpected(PhaseTransferKind Kind, DateOnly? TransferOn = null) : FactBody;

    /// <summary>On: the amended plan that names the new setting was finalised.</summary>
    public sealed record PhaseTransferNamed : FactBody;

    /// <summary>On: the authority received the request for a reassessment.</summary>
    public sealed record ReassessmentRequested : FactBody;

    /// <summary>On: the family was notified, reg 25(1).</summary>
    public sealed record ReassessmentDecided(ReassessmentDecision Outcome) : FactBody;

    /// <summary>On: the plan after reassessment was sent, reg 27(2).</summary>
    public sealed record ReassessedPlanFinalised : FactBody;

    /// <summary>On: the plan ceased.</summary>
    public sealed record PlanCeased : FactBody;

    /// <summary>On: the responsible commissioning body agreed the health provision of section G, reg 12(2).</summary>
    public sealed record SectionGAgreed : FactBody;

    /// <summary>On: health notified the authority of an under-five, CFA 2014 s.23.</summary>
    public sealed record EarlyYearsNotified : FactBody;

    /// <summary>On: the sender withdrew one of its facts.</summary>
    /// <param name="FactId">The sender's own fact that it withdraws.</param>
    public sealed record Retracted(string FactId) : FactBody;
}

/// <summary>Who asked for the assessment, or brought the child to the authority's attention. 0 where it was not said.</summary>
public enum RequestSource
{
    ParentOrYoungPerson = 1,
    School = 2,
    Health = 3,
    SocialCare = 4,
    Other = 5,
}

public enum AssessmentDecision
{
    Assess = 1,
    DoNotAssess = 2,
}

/// <summary>The kinds of advice of SEND Regulations 2014, reg 6(1)(a)-(h).</summary>
public enum AdviceKind
{
    ParentYp = 1,
    Education = 2,
    Medical = 3,
    Psychological = 4,
    SocialCare = 5,
    Other = 6,
    PreparationForAdulthood = 7,
    RequestedByFamily = 8,
}

/// <summary>The grounds on which a body need not meet a limit. Which limit each reaches: <see cref="ExceptionTable"/>.</summary>
public enum ExceptionGround
{
    SchoolClosure = 1,
    EarlyYearsClosure = 2,
    ExceptionalCircumstances = 3,
    AbsentFromArea = 4,
    MissedAppointment = 5,
    Coronavirus = 6,
}

public enum MediationIssue
{
    Assess = 1,
    MakePlan = 2,
    AmendContent = 3,
    AmendPlacement = 4,
    OtherAction = 5,
}

public enum AppealIssue
{
    Assess = 1,
    Reassess = 2,
    MakePlan = 3,
    Reconsider = 4,
    AmendContent = 5,
    AmendPlacement = 6,
    Continue = 7,
    ContinueAndAmend = 8,
    DismissCease = 9,
}

public enum ReviewOutcome
{
    Maintain = 1,
    Amend = 2,
    Cease = 3,
}

public enum PhaseTransferKind
{
    School = 1,
    SecondaryToPost16 = 2,
    Post16ToPost16 = 3,
}

public enum ReassessmentDecision
{
    Reassess = 1,
    DoNotReassess = 2,
}
