namespace SendExchange.Contracts;

/// <summary>Facts of one call, recorded together.</summary>
/// <remarks>
/// Published by Education, each fact in one message. A message a fact would cost the bus, and everybody on it, several times
/// what the facts cost. Consumers must tolerate redelivery and any order.
/// </remarks>
/// <param name="Facts">1 to 50.</param>
public sealed record AssessmentFactsRecorded(IReadOnlyList<AssessmentFactRecorded> Facts);

/// <summary>An organisation has said that something happened in a case.</summary>
/// <param name="Position">Place in Education's sequence of facts: 1, 2, 3, without gaps.</param>
/// <param name="RecordedAt">When Education learned it, UTC.</param>
/// <param name="Organisation">Who says it, e.g. la:350.</param>
/// <param name="FactId">The sender's own id, unique with <paramref name="Organisation"/>.</param>
/// <param name="Authority">Whose case it is, e.g. la:350.</param>
/// <param name="CaseId">That authority's reference.</param>
/// <param name="Kind">The body's wire name, e.g. requestReceived.</param>
/// <param name="On">The day it happened, Europe/London.</param>
/// <param name="Replaces">The fact of the same sender that this one corrects or retracts.</param>
/// <param name="Fact">The fact in its JSON form (see FactJson), without free text.</param>
public sealed record AssessmentFactRecorded(
    long Position,
    DateTimeOffset RecordedAt,
    string Organisation,
    string FactId,
    string Authority,
    string CaseId,
    string Kind,
    DateOnly On,
    string? Replaces,
    string Fact
);

/// <summary>An authority has asked a health or social-care body for advice.</summary>
/// <remarks>
/// Published by Education, again with the same <paramref name="AdviceId"/> when the authority corrects its request:
/// the highest <paramref name="Position"/> counts.
/// </remarks>
/// <param name="Position">Position of the fact that says so, or of the one that revived it.</param>
/// <param name="Authority">Who asks, e.g. la:350.</param>
/// <param name="CaseId">The authority's reference of the case.</param>
/// <param name="AdviceId">The authority's id of this request for advice, unique within the authority.</param>
/// <param name="Kind">MEDICAL, SOCIAL_CARE, … of reg 6(1).</param>
/// <param name="From">The body asked, e.g. icb:QJ2.</param>
/// <param name="SoughtOn">The day it was sent, Europe/London.</param>
/// <param name="ReceivedOn">The day the body received it, from which reg 8(1) counts.</param>
public sealed record AdviceRequested(
    long Position,
    string Authority,
    string CaseId,
    string AdviceId,
    string Kind,
    string From,
    DateOnly SoughtOn,
    DateOnly ReceivedOn
);

/// <summary>The authority has taken back a request for advice: its fact was retracted, or corrected to ask otherwise.</summary>
/// <remarks>Published by Education.</remarks>
/// <param name="Position">Position of the fact that says so: no request of a lower one stands.</param>
/// <param name="Authority">Who asked, e.g. la:350.</param>
/// <param name="AdviceId">The authority's id of the request for advice.</param>
public sealed record AdviceRequestWithdrawn(long Position, string Authority, string AdviceId);

/// <summary>A body's own advice has been recorded as given, by whatever route Education heard of it.</summary>
/// <remarks>Published by Education for facts <c>adviceGiven</c> of health and social-care bodies.</remarks>
/// <param name="Position">Position of the fact that says so, or of the one that revived it.</param>
/// <param name="Authority">The authority that asked.</param>
/// <param name="AdviceId">The authority's id of the request for advice.</param>
/// <param name="By">The body that gave it.</param>
/// <param name="GivenOn">The day it was given, Europe/London.</param>
public sealed record AdviceGivenRecorded(long Position, string Authority, string AdviceId, string By, DateOnly GivenOn);

/// <summary>A body's advice has not been given after all: its fact was retracted, or corrected to say something else.</summary>
/// <remarks>Published by Education. The body owes the advice again.</remarks>
/// <param name="Position">Position of the fact that says so: nothing recorded as given at a lower one stands.</param>
/// <param name="Authority">The authority that asked.</param>
/// <param name="AdviceId">The authority's id of the request for advice.</param>
/// <param name="By">The body that had said it gave it.</param>
public sealed record AdviceGivenWithdrawn(long Position, string Authority, string AdviceId, string By);

/// <summary>A health or social-care body has given advice; the content stays with it.</summary>
/// <remarks>Published by Health and SocialCare; Education records it as the body's fact <c>adviceGiven</c>.</remarks>
/// <param name="FactId">The id under which Education records it, the same on redelivery.</param>
/// <param name="By">The body that gave it, e.g. icb:QJ2.</param>
/// <param name="Authority">The authority that asked.</param>
/// <param name="CaseId">The authority's reference of the case.</param>
/// <param name="AdviceId">The authority's id of the request for advice.</param>
/// <param name="GivenOn">The day it was given, Europe/London.</param>
public sealed record AdviceGiven(string FactId, string By, string Authority, string CaseId, string AdviceId, DateOnly GivenOn);

/// <summary>The last day of a duty that is still open is near.</summary>
/// <remarks>
/// Published by Aggregator once for each rung of its ladder of warnings (4, 2 and 1 weeks and 2 days before
/// <paramref name="Target"/> unless configured otherwise) and each target, however often or by however many replicas it is
/// noticed. Rungs that passed unseen are left out: only the last that was reached is published. None follows once the duty is
/// met or falls away; a target that moves has a ladder of its own. Facts that arrive later may have overtaken it.
/// </remarks>
/// <param name="Authority">Whose case it is, e.g. la:350.</param>
/// <param name="CaseId">The authority's reference of the case.</param>
/// <param name="Obligation">Wire code, e.g. finalise_plan.</param>
/// <param name="AdviceId">For give_advice: which request.</param>
/// <param name="Occasion">Which time, of a duty that comes round again in one case; null for a duty that arises once.</param>
/// <param name="Obligor">Who owes it, and is warned.</param>
/// <param name="Rule">The provision as a lawyer would cite it.</param>
/// <param name="RulePack">The version of the law applied.</param>
/// <param name="Start">The day the limit runs from, Europe/London.</param>
/// <param name="Target">The earliest defensible last day, inclusive, Europe/London.</param>
/// <param name="Due">The latest defensible last day, inclusive: from the day after it the duty is in breach.</param>
/// <param name="DaysBefore">The rung: how many days before <paramref name="Target"/> it lies.</param>
/// <param name="DaysLeft">
/// Days from the day in London on which it was published to <paramref name="Target"/>, 0 on the day itself. Less than
/// <paramref name="DaysBefore"/> where the exchange learned of the duty, or could look, only later.
/// </param>
public sealed record DeadlineApproaching(
    string Authority,
    string CaseId,
    string Obligation,
    string? AdviceId,
    string? Occasion,
    string Obligor,
    string Rule,
    string RulePack,
    DateOnly Start,
    DateOnly Target,
    DateOnly Due,
    int DaysBefore,
    int DaysLeft
);

/// <summary>A statutory limit passed without the duty met.</summary>
/// <remarks>Published by Aggregator once per breach, however often or by however many replicas it is noticed.</remarks>
/// <param name="BreachId">Identifies the breach for life.</param>
/// <param name="Authority">Whose case it is, e.g. la:350.</param>
/// <param name="CaseId">The authority's reference of the case.</param>
/// <param name="Obligation">Wire code, e.g. finalise_plan.</param>
/// <param name="AdviceId">For give_advice: which request.</param>
/// <param name="Obligor">Who is late.</param>
/// <param name="Rule">The provision as a lawyer would cite it.</param>
/// <param name="RulePack">The version of the law applied.</param>
/// <param name="Start">The day the limit ran from, Europe/London.</param>
/// <param name="Due">Last lawful day, inclusive, Europe/London.</param>
/// <param name="BreachAt">00:00 Europe/London on the day after <paramref name="Due"/>, as UTC.</param>
/// <param name="DetectedAt">When the exchange noticed, UTC. Later than <paramref name="BreachAt"/> after an outage or a late fact.</param>
/// <param name="Occasion">Which time, of a duty that comes round again in one case; null for a duty that arises once.</param>
public sealed record BreachRecorded(
    Guid BreachId,
    string Authority,
    string CaseId,
    string Obligation,
    string? AdviceId,
    string Obligor,
    string Rule,
    string RulePack,
    DateOnly Start,
    DateOnly Due,
    DateTimeOffset BreachAt,
    DateTimeOffset DetectedAt,
    string? Occasion
);

/// <summary>A recorded breach is over: the duty was met late, or fell away.</summary>
/// <remarks>Published by Aggregator. The breach stays on the record.</remarks>
/// <param name="BreachId">The breach.</param>
/// <param name="Authority">Whose case it is.</param>
/// <param name="CaseId">The authority's reference of the case.</param>
/// <param name="Obligation">Wire code.</param>
/// <param name="EndedOn">The day the duty was met or fell away, Europe/London.</param>
/// <param name="DaysLate">Days from the due day to <paramref name="EndedOn"/>.</param>
public sealed record BreachEnded(Guid BreachId, string Authority, string CaseId, string Obligation, DateOnly EndedOn, int DaysLate);

/// <summary>Later facts show that a recorded breach was none, or was another.</summary>
/// <remarks>Published by Aggregator. The breach stays on the record with this beside it.</remarks>
/// <param name="BreachId">The breach.</param>
/// <param name="Authority">Whose case it is.</param>
/// <param name="CaseId">The authority's reference of the case.</param>
/// <param name="Obligation">Wire code.</param>
/// <param name="Reason">What is now known, in words: the new state and due day, or the exception that holds.</param>
/// <param name="CorrectedAt">When the exchange learned it, UTC.</param>
public sealed record BreachCorrected(
    Guid BreachId,
    string Authority,
    string CaseId,
    string Obligation,
    string Reason,
    DateTimeOffset CorrectedAt
);

/// <summary>A proposed version of the law is in force from now on: due days may be others than before.</summary>
/// <remarks>Published by Aggregator once per pack. What each breach becomes by it follows as <see cref="BreachCorrected"/>.</remarks>
/// <param name="PackId">Its id; stands in <c>RulePack</c> of what it sets the limit of.</param>
/// <param name="Title">What it is.</param>
/// <param name="Citation">As a lawyer would cite it.</param>
/// <param name="AppliedBy">The organisation that applied it.</param>
/// <param name="AppliedAt">When, UTC. Says nothing of the days from which it applies.</param>
public sealed record RulePackApplied(string PackId, string Title, string Citation, string AppliedBy, DateTimeOffset AppliedAt);
