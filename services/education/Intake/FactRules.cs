using System.Globalization;
using Google.Protobuf.Reflection;
using SendExchange.Contracts;
using SendExchange.Education.V1;
using SendExchange.Statute;
using AdviceKind = SendExchange.Education.V1.AdviceKind;
using Body = SendExchange.Education.V1.AssessmentFact.BodyOneofCase;

namespace SendExchange.Education.Intake;

/// <summary>What makes a fact malformed, or one that its sender may not say: it is refused with every fault named. Pure.</summary>
/// <remarks>
/// A fact that is merely odd (a decision before the request, advice for an unknown id, a date in the future) has no fault
/// here: it is recorded, and the aggregator flags it.
/// </remarks>
public static class FactRules
{
    private const int LongestId = 100;
    private const int LongestText = 2_000;
    private const int LargestFact = 64 * 1024; // Bytes; no honest fact comes near it.
    private static readonly DateOnly _earliest = new(1990, 1, 1);
    private static readonly DateOnly _latest = new(2100, 12, 31);

    /// <summary>Every fault, none where the fact can be recorded. Fields are named in their JSON form.</summary>
    public static IReadOnlyList<FactFault> Faults(AssessmentFact fact)
    {
        var faults = new List<FactFault>();
        var size = fact.CalculateSize();
        if (size > LargestFact)
        {
            Add(faults, "", $"the fact has {size:N0} bytes; at most {LargestFact:N0} are taken");
            return faults;
        }
        Envelope(fact, faults);
        if (fact.BodyCase == Body.None)
        {
            Add(faults, "", "has no body; exactly one is expected, e.g. requestReceived");
            return faults;
        }
        Fields(fact, faults);
        BodyOf(fact, faults);
        MaySay(fact, faults);
        return faults;
    }

    /// <summary>The day the fact counts for, Europe/London.</summary>
    /// <exception cref="FormatException">The fact has faults.</exception>
    public static DateOnly On(AssessmentFact fact) =>
        fact.On.Length > 0 ? DateOnly.ParseExact(fact.On, "yyyy-MM-dd", CultureInfo.InvariantCulture)
        : FactValues.TryInstant(fact.At, out var instant, out var problem) ? London.DateOf(instant)
        : throw new FormatException($"at: {problem}");

    /// <summary>A date field of a fact without faults; null where it was left out.</summary>
    public static DateOnly? Date(string text) =>
        text.Length > 0 ? DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null;

    private static void Envelope(AssessmentFact fact, List<FactFault> faults)
    {
        Id(faults, "factId", fact.FactId, required: true);
        Id(faults, "caseId", fact.CaseId, required: true);
        Id(faults, "childId", fact.ChildId, required: false);
        Id(faults, "corrects", fact.Corrects, required: false);
        if (fact.Corrects.Length > 0 && fact.Corrects == fact.FactId)
        {
            Add(faults, "corrects", "names the fact itself; a correction has a factId of its own");
        }
        Organisation(faults, "organisation", fact.Organisation, required: true);
        var authorityKnown = fact.Authority.Length > 0 || fact.Organisation.StartsWith("la:", StringComparison.Ordinal);
        if (!authorityKnown)
        {
            Add(faults, "authority", "is missing; only the authority itself may leave it out");
        }
        else
        {
            Organisation(faults, "authority", fact.Authority, required: false, OrganisationKind.LocalAuthority);
        }
        switch (fact.On.Length > 0, fact.At.Length > 0)
        {
            case (false, false):
                Add(faults, "on", "is missing; exactly one of on and at is expected");
                break;
            case (true, true):
                Add(faults, "at", "is given beside on; exactly one of the two is expected");
                break;
            case (true, false):
                IsDate(faults, "on", fact.On);
                break;
            case (false, true):
                IsInstant(faults, "at", fact.At);
                break;
        }
    }

    // What holds for every field of a body by its name and type, so that a new body has it without a line here.
    private static void Fields(AssessmentFact fact, List<FactFault> faults)
    {
        var field = AssessmentFact.Descriptor.FindFieldByNumber((int)fact.BodyCase);
        var body = (Google.Protobuf.IMessage)field.Accessor.GetValue(fact);
        foreach (var f in field.MessageType.Fields.InFieldNumberOrder())
        {
            var name = $"{field.JsonName}.{f.JsonName}";
            if (f.FieldType == FieldType.Enum)
            {
                var number = (int)f.Accessor.GetValue(body);
                if (f.EnumType.FindValueByNumber(number) is null)
                {
                    Add(faults, name, $"is {number}; expected one of {FactJson.ShortNames(f.EnumType)}");
                }
                continue;
            }
            if (f.FieldType != FieldType.String)
            {
                continue;
            }
            var text = (string)f.Accessor.GetValue(body);
            if (text.Length == 0)
            {
                continue;
            }
            if (IsDateField(f.Name))
            {
                IsDate(faults, name, text);
            }
            else if (f.Name.EndsWith("_authority", StringComparison.Ordinal))
            {
                Organisation(faults, name, text, required: false, OrganisationKind.LocalAuthority);
            }
            else if (f.Name is "from" or "obligor")
            {
                Organisation(faults, name, text, required: false);
            }
            else if (f.Name is "advice_id" or "fact_id")
            {
                Id(faults, name, text, required: false);
            }
            else if (f.Name == "urn" && !(text.Length == 6 && text.All(char.IsAsciiDigit)))
            {
                Add(faults, name, $"is {FactValues.Shown(text)}; a URN has six digits");
            }
            else if (text.Length > LongestText)
            {
                Add(faults, name, $"has {text.Length:N0} characters; at most {LongestText:N0} are taken");
            }
        }
    }

    private static bool IsDateField(string name) =>
        name.EndsWith("_on", StringComparison.Ordinal) || name is "closed_from" or "absent_from" or "agreed_date";

    private static void BodyOf(AssessmentFact fact, List<FactFault> faults)
    {
        switch (fact.BodyCase)
        {
            case Body.DecisionNotified:
                Chosen(faults, "decisionNotified.outcome", fact.DecisionNotified.Outcome);
                break;
            case Body.AdviceSought:
                Required(faults, "adviceSought.adviceId", fact.AdviceSought.AdviceId);
                Chosen(faults, "adviceSought.kind", fact.AdviceSought.Kind);
                if (fact.AdviceSought.Kind != AdviceKind.ParentYp)
                {
                    Required(faults, "adviceSought.from", fact.AdviceSought.From);
                }
                break;
            case Body.AdviceReused:
                Chosen(faults, "adviceReused.kind", fact.AdviceReused.Kind);
                Required(faults, "adviceReused.from", fact.AdviceReused.From);
                break;
            case Body.AdviceGiven:
                Required(faults, "adviceGiven.adviceId", fact.AdviceGiven.AdviceId);
                break;
            case Body.AdviceReceived:
                Required(faults, "adviceReceived.adviceId", fact.AdviceReceived.AdviceId);
                break;
            case Body.AppointmentMissed:
                Required(faults, "appointmentMissed.adviceId", fact.AppointmentMissed.AdviceId);
                break;
            case Body.ExceptionClaimed:
                Claim(fact.ExceptionClaimed, faults);
                break;
            case Body.MediationAgreed:
                Chosen(faults, "mediationAgreed.issue", fact.MediationAgreed.Issue);
                break;
            case Body.TribunalOrdered:
                Chosen(faults, "tribunalOrdered.issue", fact.TribunalOrdered.Issue);
                break;
            case Body.AppealUnopposed:
                Chosen(faults, "appealUnopposed.issue", fact.AppealUnopposed.Issue);
                break;
            case Body.ReviewDecisionNotified:
                Chosen(faults, "reviewDecisionNotified.outcome", fact.ReviewDecisionNotified.Outcome);
                break;
            case Body.PhaseTransferExpected:
                Chosen(faults, "phaseTransferExpected.kind", fact.PhaseTransferExpected.Kind);
                Required(faults, "phaseTransferExpected.transferOn", fact.PhaseTransferExpected.TransferOn);
                break;
            case Body.ReassessmentDecided:
                Chosen(faults, "reassessmentDecided.outcome", fact.ReassessmentDecided.Outcome);
                break;
            case Body.Retracted:
                Required(faults, "retracted.factId", fact.Retracted.FactId);
                if (fact.Corrects.Length > 0)
                {
                    Add(faults, "corrects", "is given beside retracted; a fact either corrects another or retracts it");
                }
                break;
        }
    }

    private static void Claim(ExceptionClaimed claim, List<FactFault> faults)
    {
        Chosen(faults, "exceptionClaimed.ground", claim.Ground);
        if (claim.Obligation.Length > 0 && !ObligationCode.All.Contains(claim.Obligation))
        {
            Add(
                faults,
                "exceptionClaimed.obligation",
                $"is {FactValues.Shown(claim.Obligation)}; expected one of {string.Join(", ", ObligationCode.All)}"
            );
        }
        After(faults, "exceptionClaimed.reopensOn", claim.ReopensOn, "closedFrom", claim.ClosedFrom);
        After(faults, "exceptionClaimed.returnedOn", claim.ReturnedOn, "absentFrom", claim.AbsentFrom);
    }

    /// <summary>Who may say what. An authority speaks for its own cases; a body for its own advice.</summary>
    private static void MaySay(AssessmentFact fact, List<FactFault> faults)
    {
        if (!OrganisationId.TryParse(fact.Organisation, out var sender, out _))
        {
            return; // Named already.
        }
        var what = FactJson.Kind(fact);
        var health =
            sender.Kind is OrganisationKind.IntegratedCareBoard or OrganisationKind.ClinicalCommissioningGroup or OrganisationKind.Trust;
        var authority = sender.Kind == OrganisationKind.LocalAuthority;
        var anothersCase = fact.Authority.Length > 0 && fact.Authority != fact.Organisation;
        // Anybody can be asked for advice, another authority too, and takes back what it said itself. The old authority says
        // that it transferred a plan, in the new authority's case.
        var ofItsOwn = fact.BodyCase is Body.AdviceGiven or Body.AppointmentMissed or Body.ExceptionClaimed or Body.Retracted;
        var may = fact.BodyCase switch
        {
            Body.SectionGAgreed or Body.EarlyYearsNotified => health,
            Body.MediationReported or Body.MediationActionDone => authority || health,
            Body.SchoolReplied or Body.ReviewMeetingHeld => authority || sender.Kind == OrganisationKind.School,
            _ => authority || ofItsOwn,
        };
        if (!may)
        {
            Add(faults, "organisation", $"is {fact.Organisation}, which may not say {what}");
        }
        else if (authority && anothersCase && !ofItsOwn && fact.BodyCase != Body.PlanTransferred)
        {
            Add(faults, "authority", $"is {FactValues.Shown(fact.Authority)}; {fact.Organisation} may say {what} of its own cases only");
        }
        else if (anothersCase && fact.BodyCase == Body.ExceptionClaimed)
        {
            MayClaim(fact.ExceptionClaimed, faults);
        }
    }

    /// <summary>Only the authority claims for duties of its own, or for all that a ground can reach.</summary>
    private static void MayClaim(ExceptionClaimed claim, List<FactFault> faults)
    {
        if (claim.Obligation.Length == 0 && claim.AdviceId.Length == 0)
        {
            Add(
                faults,
                "exceptionClaimed.adviceId",
                $"is missing, and so is obligation {ObligationCode.GiveAdvice}; a body other than the authority may claim for its own advice only"
            );
        }
        else if (claim.Obligation != ObligationCode.GiveAdvice && ObligationCode.All.Contains(claim.Obligation))
        {
            Add(
                faults,
                "exceptionClaimed.obligation",
                $"is {claim.Obligation}; a body other than the authority may claim for its own advice only, {ObligationCode.GiveAdvice}"
            );
        }
    }

    private static void Id(List<FactFault> faults, string field, string text, bool required)
    {
        if (text.Length == 0)
        {
            if (required)
            {
                Add(faults, field, "is missing");
            }
        }
        else if (text.Length > LongestId)
        {
            Add(faults, field, $"has {text.Length:N0} characters; 1 to {LongestId} are expected");
        }
        else if (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]) || text.Any(char.IsControl))
        {
            Add(faults, field, "begins or ends with a space, or holds a control character");
        }
    }

    private static void Organisation(List<FactFault> faults, string field, string text, bool required, OrganisationKind? expected = null)
    {
        if (text.Length == 0)
        {
            if (required)
            {
                Add(faults, field, "is missing; an organisation is expected, e.g. la:350");
            }
        }
        else if (!OrganisationId.TryParse(text, out var id, out var problem))
        {
            // The problem quotes the text, which may be anything.
            Add(faults, field, problem.Replace($"'{text}'", FactValues.Shown(text), StringComparison.Ordinal));
        }
        else if (expected is { } kind && id.Kind != kind)
        {
            Add(faults, field, $"is {text}; a local authority is expected, e.g. la:350");
        }
    }

    private static void IsDate(List<FactFault> faults, string field, string text)
    {
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            Add(faults, field, $"is {FactValues.Shown(text)}; a calendar date is expected, e.g. 2024-01-08");
        }
        else if (date < _earliest || date > _latest)
        {
            Add(faults, field, $"is {text}; a date from {_earliest:yyyy} to {_latest:yyyy} is expected");
        }
    }

    private static void IsInstant(List<FactFault> faults, string field, string text)
    {
        if (!FactValues.TryInstant(text, out var instant, out var problem))
        {
            Add(faults, field, problem);
        }
        else
        {
            IsDate(faults, field, London.DateOf(instant).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        }
    }

    private static void After(List<FactFault> faults, string field, string later, string earlierName, string earlier)
    {
        if (
            DateOnly.TryParseExact(later, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var to)
            && DateOnly.TryParseExact(earlier, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var from)
            && to <= from
        )
        {
            Add(faults, field, $"is {later}, not after {earlierName} {earlier}");
        }
    }

    private static void Required(List<FactFault> faults, string field, string text)
    {
        if (text.Length == 0)
        {
            Add(faults, field, "is missing");
        }
    }

    private static void Chosen<T>(List<FactFault> faults, string field, T value)
        where T : struct, Enum
    {
        if (Convert.ToInt32(value, CultureInfo.InvariantCulture) == 0)
        {
            var type = AssessmentFact.Descriptor.File.EnumTypes.Single(e => e.ClrType == typeof(T));
            Add(faults, field, $"is missing; expected one of {FactJson.ShortNames(type)}");
        }
    }

    private static void Add(List<FactFault> faults, string field, string problem) =>
        faults.Add(new FactFault { Field = field, Problem = problem });
}
