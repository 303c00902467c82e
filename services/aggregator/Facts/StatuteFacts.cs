using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using SendExchange.Contracts;
using SendExchange.Statute;
using Body = SendExchange.Education.V1.AssessmentFact.BodyOneofCase;
using Wire = SendExchange.Education.V1;

namespace SendExchange.Aggregator.Facts;

/// <summary>Facts as they travel, turned into facts as the law reads them.</summary>
public static class StatuteFacts
{
    /// <summary>The fact in the law's terms. For facts that intake has accepted.</summary>
    /// <exception cref="FormatException">The fact is not one that intake accepts; the message says why.</exception>
    public static Fact From(Wire.AssessmentFact fact) =>
        TryFrom(fact, out var result, out var problem) ? result : throw new FormatException($"Fact {fact.FactId}: {problem}.");

    /// <summary>False, with the first thing wrong, for a fact that no law can read: no day, no such day, no body.</summary>
    /// <param name="problem">Field and fault, e.g. <c>on: '2023-02-30' is not a date such as 2023-01-09</c>.</param>
    public static bool TryFrom(Wire.AssessmentFact fact, [NotNullWhen(true)] out Fact? result, [NotNullWhen(false)] out string? problem)
    {
        var reading = new Reading();
        var on = reading.DayOf(fact);
        var body = BodyOf(fact, ref reading);
        problem = reading.Problem;
        result = problem is null
            ? new Fact(
                fact.Organisation,
                fact.FactId,
                fact.Authority.Length > 0 ? fact.Authority : fact.Organisation,
                fact.CaseId,
                on,
                body!,
                Optional(fact.Corrects)
            )
            : null;
        return problem is null;
    }

    private static FactBody? BodyOf(Wire.AssessmentFact fact, ref Reading reading) =>
        fact.BodyCase switch
        {
            // Whose request it was changes no limit: intake takes the fact without it, and so must the law.
            Body.RequestReceived => new FactBody.RequestReceived((RequestSource)fact.RequestReceived.Source, fact.RequestReceived.Detained),
            Body.BroughtToAttention => new FactBody.BroughtToAttention((RequestSource)fact.BroughtToAttention.By),
            Body.BecameResponsible => new FactBody.BecameResponsible(
                reading.Date(fact.BecameResponsible.AwareOn, "becameResponsible.awareOn"),
                Optional(fact.BecameResponsible.FromAuthority)
            ),
            Body.DecisionNotified => new FactBody.DecisionNotified(
                (AssessmentDecision)reading.Given((int)fact.DecisionNotified.Outcome, "decisionNotified.outcome")
            ),
            Body.AdviceSought => new FactBody.AdviceSought(
                fact.AdviceSought.AdviceId,
                (AdviceKind)reading.Given((int)fact.AdviceSought.Kind, "adviceSought.kind"),
                Optional(fact.AdviceSought.From),
                reading.Date(fact.AdviceSought.ReceivedByBodyOn, "adviceSought.receivedByBodyOn")
            ),
            Body.AdviceReused => new FactBody.AdviceReused(
                (AdviceKind)reading.Given((int)fact.AdviceReused.Kind, "adviceReused.kind"),
                Optional(fact.AdviceReused.From),
                Optional(fact.AdviceReused.ProvidedFor),
                reading.Date(fact.AdviceReused.ProvidedOn, "adviceReused.providedOn"),
                fact.AdviceReused.Satisfied?.Adviser ?? false,
                fact.AdviceReused.Satisfied?.Authority ?? false,
                fact.AdviceReused.Satisfied?.Family ?? false
            ),
            Body.AdviceGiven => new FactBody.AdviceGiven(fact.AdviceGiven.AdviceId),
            Body.AdviceReceived => new FactBody.AdviceReceived(fact.AdviceReceived.AdviceId),
            Body.AppointmentMissed => new FactBody.AppointmentMissed(fact.AppointmentMissed.AdviceId),
            Body.ExceptionClaimed => new FactBody.ExceptionClaimed(
                (ExceptionGround)reading.Given((int)fact.ExceptionClaimed.Ground, "exceptionClaimed.ground"),
                Optional(fact.ExceptionClaimed.Obligation),
                Optional(fact.ExceptionClaimed.AdviceId),
                reading.Date(fact.ExceptionClaimed.AdviceRequestedOn, "exceptionClaimed.adviceRequestedOn"),
                reading.Date(fact.ExceptionClaimed.ClosedFrom, "exceptionClaimed.closedFrom"),
                reading.Date(fact.ExceptionClaimed.ReopensOn, "exceptionClaimed.reopensOn"),
                reading.Date(fact.ExceptionClaimed.AbsentFrom, "exceptionClaimed.absentFrom"),
                reading.Date(fact.ExceptionClaimed.ReturnedOn, "exceptionClaimed.returnedOn"),
                fact.ExceptionClaimed.Reason.Length > 0,
                reading.Date(fact.ExceptionClaimed.FamilyToldOn, "exceptionClaimed.familyToldOn")
            ),
            Body.NoPlanNotified => new FactBody.NoPlanNotified(),
            Body.DraftPlanServed => new FactBody.DraftPlanServed(),
            Body.FamilyResponded => new FactBody.FamilyResponded(fact.FamilyResponded.AgreesToFinalise),
            Body.SchoolConsulted => new FactBody.SchoolConsulted(Optional(fact.SchoolConsulted.Urn)),
            Body.SchoolReplied => new FactBody.SchoolReplied(Optional(fact.SchoolReplied.Urn)),
            Body.PlanFinalised => new FactBody.PlanFinalised(
                reading.Date(fact.PlanFinalised.SentToSchoolOn, "planFinalised.sentToSchoolOn"),
                reading.Date(fact.PlanFinalised.SentToCommissionerOn, "planFinalised.sentToCommissionerOn")
            ),
            Body.RequestWithdrawn => new FactBody.RequestWithdrawn(),
            Body.MovedOut => new FactBody.MovedOut(Optional(fact.MovedOut.ToAuthority)),
            Body.MediationAgreed => new FactBody.MediationAgreed(
                (MediationIssue)reading.Given((int)fact.MediationAgreed.Issue, "mediationAgreed.issue"),
                Optional(fact.MediationAgreed.Obligor),
                fact.MediationAgreed.AuthorityWasParty,
                reading.Date(fact.MediationAgreed.AgreedDate, "mediationAgreed.agreedDate")
            ),
            Body.MediationActionDone => new FactBody.MediationActionDone(),
            Body.MediationReported => new FactBody.MediationReported(),
            Body.TribunalOrdered => new FactBody.TribunalOrdered(
                (AppealIssue)reading.Given((int)fact.TribunalOrdered.Issue, "tribunalOrdered.issue")
            ),
            Body.AppealUnopposed => new FactBody.AppealUnopposed(
                (AppealIssue)reading.Given((int)fact.AppealUnopposed.Issue, "appealUnopposed.issue")
            ),
            Body.PlanTransferredIn => new FactBody.PlanTransferredIn(
                Optional(fact.PlanTransferredIn.OldAuthority),
                reading.Date(fact.PlanTransferredIn.OldAuthorityAwareOn, "planTransferredIn.oldAuthorityAwareOn"),
                reading.Date(fact.PlanTransferredIn.PlanMadeOn, "planTransferredIn.planMadeOn"),
                reading.Date(fact.PlanTransferredIn.LastReviewedOn, "planTransferredIn.lastReviewedOn")
            ),
            Body.PlanTransferred => new FactBody.PlanTransferred(),
            Body.TransferFamilyInformed => new FactBody.TransferFamilyInformed(),
            Body.ReviewMeetingHeld => new FactBody.ReviewMeetingHeld(),
            Body.ReviewDecisionNotified => new FactBody.ReviewDecisionNotified(
                (ReviewOutcome)reading.Given((int)fact.ReviewDecisionNotified.Outcome, "reviewDecisionNotified.outcome")
            ),
            Body.AmendmentNoticeServed => new FactBody.AmendmentNoticeServed(),
            Body.AmendedPlanFinalised => new FactBody.AmendedPlanFinalised(),
            Body.NotAmendingNotified => new FactBody.NotAmendingNotified(),
            Body.PhaseTransferExpected => new FactBody.PhaseTransferExpected(
                (PhaseTransferKind)reading.Given((int)fact.PhaseTransferExpected.Kind, "phaseTransferExpected.kind"),
                reading.Date(fact.PhaseTransferExpected.TransferOn, "phaseTransferExpected.transferOn")
            ),
            Body.PhaseTransferNamed => new FactBody.PhaseTransferNamed(),
            Body.ReassessmentRequested => new FactBody.ReassessmentRequested(),
            Body.ReassessmentDecided => new FactBody.ReassessmentDecided(
                (ReassessmentDecision)reading.Given((int)fact.ReassessmentDecided.Outcome, "reassessmentDecided.outcome")
            ),
            Body.ReassessedPlanFinalised => new FactBody.ReassessedPlanFinalised(),
            Body.PlanCeased => new FactBody.PlanCeased(),
            Body.SectionGAgreed => new FactBody.SectionGAgreed(),
            Body.EarlyYearsNotified => new FactBody.EarlyYearsNotified(),
            Body.Retracted => new FactBody.Retracted(fact.Retracted.FactId),
            _ => reading.NoBody(),
        };

    private static string? Optional(string text) => text.Length > 0 ? text : null;

    /// <summary>Reads the values of one fact and keeps the first thing wrong with them.</summary>
    private ref struct Reading
    {
        public string? Problem { get; private set; }

        public FactBody? NoBody()
        {
            Fault("no body");
            return null;
        }

        /// <summary>The fact's day in London, from <c>on</c> or <c>at</c>.</summary>
        public DateOnly DayOf(Wire.AssessmentFact fact)
        {
            if (fact.On.Length > 0 == fact.At.Length > 0)
            {
                Fault(fact.On.Length > 0 ? "on: given together with at" : "on: missing, and so is at");
                return default;
            }
            if (fact.On.Length > 0)
            {
                return Date(fact.On, "on") ?? default;
            }
            if (FactValues.TryInstant(fact.At, out var at, out var problem))
            {
                return London.DateOf(at);
            }
            Fault($"at: {problem}");
            return default;
        }

        public DateOnly? Date(string text, string field)
        {
            if (text.Length == 0)
            {
                return null;
            }
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            {
                return date;
            }
            Fault($"{field}: {FactValues.Shown(text)} is not a date such as 2023-01-09");
            return null;
        }

        /// <summary>The number of an enum value, which is the same on the wire and in the law.</summary>
        public int Given(int number, string field)
        {
            if (number == 0)
            {
                Fault($"{field}: missing");
            }
            return number;
        }

        private void Fault(string problem) => Problem ??= problem;
    }
}
