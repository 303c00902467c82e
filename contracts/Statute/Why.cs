using System.Globalization;

namespace SendExchange.Statute;

/// <summary>Says in plain English why an obligation stands as it does, for the officer who is asked to account for it.</summary>
public static class Why
{
    /// <summary>Sentences: what was owed, by whom and under what; from when it ran and how it was counted; what became of it.</summary>
    /// <param name="obligation">An obligation of a reading.</param>
    /// <param name="facts">The facts that were read. What is not among them is named by its id alone.</param>
    /// <param name="law">The law it was read under. Null: <see cref="Law.Current"/>.</param>
    public static IReadOnlyList<string> Of(Obligation obligation, IEnumerable<Fact> facts, Law? law = null)
    {
        var provision = (law ?? Law.Current).Provisions.FirstOrDefault(p =>
            p.Obligation == obligation.Code && p.Citation == obligation.Rule
        );
        var why = new List<string> { Duty(obligation, provision) };
        why.AddRange(Basis(obligation, facts));
        why.Add(Counting(obligation, provision));
        if (provision?.Reading is { } reading)
        {
            why.Add($"How the law is read here: {reading}.");
        }
        why.Add(LawOf(obligation, provision));
        if (obligation.Ground is { } ground)
        {
            why.Add($"An exception was claimed and holds: {ground}. It takes the limit away and sets no new day.");
        }
        else if (obligation.ExceptionHolds)
        {
            why.Add("An exception was claimed and holds, but was not needed.");
        }
        if (obligation.GroundRejected is { } rejected)
        {
            why.Add($"An exception was claimed and does not hold: {rejected}.");
        }
        why.Add(Outcome(obligation));
        return why;
    }

    /// <summary>What a fact says happened, in a few words that follow "because".</summary>
    public static string Describe(Fact fact) =>
        fact.Body switch
        {
            FactBody.RequestReceived r => r.Detained
                ? "a request for an assessment of a detained person was received"
                : "a request for an assessment was received",
            FactBody.BroughtToAttention => "the child came to the authority's attention",
            FactBody.BecameResponsible { AwareOn: { } aware } => $"the child moved in, and the authority learned of it on {Long(aware)}",
            FactBody.BecameResponsible => "the child moved in",
            FactBody.DecisionNotified { Outcome: AssessmentDecision.Assess } => "the family was told that there will be an assessment",
            FactBody.DecisionNotified { Outcome: AssessmentDecision.DoNotAssess } => "the family was told that there will be no assessment",
            FactBody.AdviceSought { From: var from, ReceivedByBodyOn: { } received } =>
                $"{from ?? "somebody"} was asked for advice, and received the request on {Long(received)}",
            FactBody.AdviceSought a => $"{a.From ?? "somebody"} was asked for advice",
            FactBody.AdviceGiven => "the advice was given",
            FactBody.AdviceReceived => "the advice was received",
            FactBody.AppointmentMissed => "an appointment was missed",
            FactBody.ExceptionClaimed c => $"an exception was claimed, {c.Ground.ToWire()}",
            FactBody.NoPlanNotified => "the family was told that no plan will be issued",
            FactBody.DraftPlanServed => "a draft plan was served",
            FactBody.PlanFinalised => "the finalised plan was sent",
            FactBody.SchoolConsulted s => $"{SchoolConsultations.NameOf(s.Urn) ?? "a school"} was consulted",
            FactBody.SchoolReplied => "the school replied",
            FactBody.RequestWithdrawn => "the request was withdrawn",
            FactBody.MovedOut => "the child moved out of the area",
            FactBody.MediationAgreed { AgreedDate: { } date } => $"mediation ended in an agreement, which names {Long(date)}",
            FactBody.MediationAgreed => "mediation ended in an agreement",
            FactBody.MediationActionDone => "what was agreed was done",
            FactBody.MediationReported => "the authority was told of the agreement",
            FactBody.TribunalOrdered o => $"the tribunal made an order, {Words(o.Issue)}",
            FactBody.AppealUnopposed o => $"the authority told the tribunal that it does not oppose the appeal, {Words(o.Issue)}",
            FactBody.PlanTransferredIn => "a child with a plan moved in",
            FactBody.PlanTransferred => "the old authority transferred the plan",
            FactBody.TransferFamilyInformed => "the family was told of the transfer",
            FactBody.ReviewMeetingHeld => "a review meeting was held",
            FactBody.ReviewDecisionNotified r => $"the decision on the review was notified, {Words(r.Outcome)}",
            FactBody.AmendmentNoticeServed => "an amendment notice was served",
            FactBody.AmendedPlanFinalised => "the amended plan was sent",
            FactBody.NotAmendingNotified => "the family was told that the plan will not be amended",
            FactBody.PhaseTransferExpected => "a transfer to the next phase was recorded",
            FactBody.PhaseTransferNamed => "the amended plan that names the new setting was finalised",
            FactBody.ReassessmentRequested => "a request for a reassessment was received",
            FactBody.ReassessmentDecided { Outcome: ReassessmentDecision.Reassess } =>
                "the family was told that there will be a reassessment",
            FactBody.ReassessmentDecided => "the family was told that there will be no reassessment",
            FactBody.ReassessedPlanFinalised => "the plan after the reassessment was sent",
            FactBody.PlanCeased => "the plan ceased",
            _ => fact.Kind,
        };

    private static string Duty(Obligation o, Provision? provision)
    {
        var obligor = o.Obligor.Length > 0 ? o.Obligor : "Somebody who is not named";
        var what = provision?.Duty ?? o.Code;
        var advice = o.AdviceId is null ? "" : $" ({o.AdviceId})";
        advice += what.Contains(',') ? "," : ""; // Closes what the duty has opened with one.
        return o.Guidance
            ? $"{obligor} should {what}{advice} by {Long(o.Due)}: {o.Rule}, guidance and not law."
            : $"{obligor} must {what}{advice} by {Long(o.Due)}: {o.Rule}.";
    }

    private static IEnumerable<string> Basis(Obligation o, IEnumerable<Fact> facts)
    {
        var named = new List<Fact>();
        var unknown = o.Basis.ToHashSet(StringComparer.Ordinal);
        foreach (var fact in facts)
        {
            if (o.Basis.Contains(fact.FactId) && fact.CaseId == o.CaseId && fact.Authority == o.Authority && !named.Contains(fact))
            {
                named.Add(fact);
                unknown.Remove(fact.FactId);
            }
        }
        named.Sort((a, b) => (a.On, a.FactId).CompareTo((b.On, b.FactId)));
        foreach (var fact in named)
        {
            yield return $"On {Long(fact.On)} {Describe(fact)} (fact {fact.FactId} of {fact.Organisation}).";
        }
        foreach (var id in unknown.Order(StringComparer.Ordinal))
        {
            yield return $"It rests on fact {id} as well.";
        }
    }

    private static string Counting(Obligation o, Provision? provision)
    {
        var last =
            provision is { } p && p.Limit.Due(o.Start) == o.Due
                ? Counted(p.Limit, Long(o.Start), Long(o.Due))
                : $"It runs from {Long(o.Start)} and its last day is {Long(o.Due)}.";
        return o.Target == o.Due
            ? last
            : $"{last} Read most strictly the last day is {Long(o.Target)}: warnings count to that day, lateness only from the day after {Long(o.Due)}.";
    }

    private static string Counted(TimeLimit limit, string start, string due) =>
        limit.Unit switch
        {
            LimitUnit.Weeks => $"{Count(limit.Length, "week")} from, and not counting, {start} end on {due}.",
            LimitUnit.Days => $"{Count(limit.Length, "day")} from, and not counting, {start} end on {due}.",
            LimitUnit.DaysBeginningWith => $"{Count(limit.Length, "day")} beginning with {start} end on {due}.",
            LimitUnit.WorkingDaysBeginningWith =>
                $"{Count(limit.Length, "working day")} beginning with {start} end on {due}; weekends and bank holidays do not count.",
            LimitUnit.MonthsBeginningWith => $"{Count(limit.Length, "month")} from {start} end on {due}.",
            LimitUnit.MonthsBefore => $"{Count(limit.Length, "month")} before {start} is {due}.",
            LimitUnit.BeforeDayOfYear => $"The transfer is on {start}, and in that year the last day is {due}.",
            _ => $"It is to be done immediately from {start}, and by {due}.",
        };

    private static string LawOf(Obligation o, Provision? provision)
    {
        var pack = RulePacks.All.FirstOrDefault(p => p.Id == o.RulePack) ?? provision?.Pack;
        return pack is null
            ? $"The law applied is {o.RulePack}."
            : $"The law applied is that of the {pack.Title} ({pack.Citation}), pack {o.RulePack}.";
    }

    private static string Outcome(Obligation o)
    {
        var days = o.DaysLate == 1 ? "1 day" : $"{o.DaysLate} days";
        return (o.State, o.DoneOn, o.EndedOn) switch
        {
            (ObligationState.Met, { } done, _) when done > o.Due => $"It was done on {Long(done)}, after the day that guidance names.",
            (ObligationState.Met, { } done, _) => $"It was done on {Long(done)}, in time.",
            (ObligationState.MetLate, { } done, _) => $"It was done on {Long(done)}, {days} late.",
            (ObligationState.Breached, _, { } ended) =>
                $"It was {days} late when something else ended it on {Long(ended)}; the breach stays.",
            (ObligationState.Breached, _, _) => $"It has not been done and is {days} late.",
            (ObligationState.Disapplied, { } done, _) => $"It was done on {Long(done)}; the limit does not bind.",
            (ObligationState.Disapplied, _, _) => "The limit does not bind; what is owed is owed as soon as practicable.",
            (ObligationState.NotApplicable, _, { } ended) => $"On {Long(ended)} it became moot, before it was late.",
            (ObligationState.Withdrawn, _, { } ended) => $"It ended on {Long(ended)}, before it was late.",
            (ObligationState.Superseded, _, { } ended) => $"A new clock took its place on {Long(ended)}, before it was late.",
            _ when o.Code is ObligationCode.NotifyNoPlan or ObligationCode.OrderNoPlan =>
                "It is open: it binds only if the outcome is that no plan will be issued.",
            _ => "It is open.",
        };
    }

    private static string Count(int n, string unit) => n == 1 ? $"1 {unit}" : $"{n} {unit}s";

    private static string Words(AppealIssue issue) =>
        issue switch
        {
            AppealIssue.Assess => "to assess",
            AppealIssue.Reassess => "to reassess",
            AppealIssue.MakePlan => "to make a plan",
            AppealIssue.Reconsider => "to reconsider",
            AppealIssue.AmendContent => "to amend what the plan says",
            AppealIssue.AmendPlacement => "to amend the setting that the plan names",
            AppealIssue.Continue => "to continue the plan",
            AppealIssue.ContinueAndAmend => "to continue the plan and amend it",
            AppealIssue.DismissCease => "that the plan may cease",
            _ => issue.ToString(),
        };

    private static string Words(ReviewOutcome outcome) =>
        outcome switch
        {
            ReviewOutcome.Maintain => "to keep the plan as it is",
            ReviewOutcome.Amend => "to amend the plan",
            ReviewOutcome.Cease => "to cease the plan",
            _ => outcome.ToString(),
        };

    private static string Long(DateOnly day) => day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
}
