namespace SendExchange.Statute;

/// <summary>Reviews of a plan and what follows from them: CFA 2014 s.44(1), regs 20-22 and 28 (L33, L36-L39, L45).</summary>
/// <remarks>
/// Readings taken:
/// <list type="bullet">
/// <item>A review is complete when the authority notifies its decision, not when people met. The next year begins on the day a
/// plan is finalised, is finalised again after a reassessment, or on which a review is complete; see
/// <see cref="TransferClock"/> for the first review of a plan that came with a child. A new plan makes the old one's review
/// moot.</item>
/// <item>School and authority may both report a meeting, so meetings of one day are one; the first by sender and id names it. A
/// second meeting before the decision does not move the first one's limit.</item>
/// <item><i>R (L, M and P) v Devon County Council</i>: the decision comes with the proposed amendments, so the amended plan is due
/// eight weeks after the notice and no later than twelve weeks after the meeting, however late the notice.</item>
/// <item>A notice belongs to the last meeting by its day if the decision on that meeting was to amend, or none was notified yet,
/// unless what that decision called for was done before. All other notices have eight weeks of their own (reg 28).</item>
/// <item>Nothing said of a plan after it had ended starts a clock.</item>
/// </list>
/// </remarks>
internal static class ReviewClock
{
    public static void Settle(CaseHistory history, Settlement settlement, FindingList findings)
    {
        if (history.Plans is { } plans)
        {
            FindSecondPlans(plans, history, findings);
        }
        if (history.Beyond is null)
        {
            foreach (var plan in history.Plans ?? [])
            {
                SettleYear(plan, history, settlement);
            }
            return;
        }
        foreach (var fact in history.Known)
        {
            var isDecision = fact.Body is FactBody.ReviewDecisionNotified;
            if (fact.Body is FactBody.PlanFinalised or FactBody.ReassessedPlanFinalised || (isDecision && !history.PlanHadEnded(fact)))
            {
                SettleYear(fact, history, settlement);
            }
        }
        var meetings = Meetings(history, findings);
        var answered = new HashSet<Fact>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < meetings.Count; i++)
        {
            SettleDecision(meetings[i], history, settlement);
            SettleAmendment(meetings[i], i + 1 < meetings.Count ? meetings[i + 1] : null, answered, history, settlement);
        }
        FindOddMeetings(meetings, history, findings);
        SettleOtherNotices(answered, history, settlement, findings);
    }

    private static void SettleYear(Fact anchor, CaseHistory history, Settlement settlement)
    {
        if (settlement.Owed(PlanProvisions.AnnualReview, anchor.On, anchor) is not { } duty)
        {
            return;
        }
        var after = anchor.On.Plus(1);
        Fact? done = null;
        Fact? newPlan;
        if (history.Beyond is null)
        {
            newPlan = history.Plans!.Find(p => p.On >= after);
        }
        else
        {
            done = history.First<FactBody.ReviewDecisionNotified>(after);
            newPlan = history.First(after, f => CaseHistory.MakesPlan(f.Body));
        }
        settlement.Settle(
            duty with
            {
                Occasion = history.PlaceOf(anchor),
                Done = done,
                Ended = Ending.First(Ending.By(ObligationState.NotApplicable, newPlan), history.PlanEnd(anchor.On)),
            }
        );
    }

    private static List<Fact> Meetings(CaseHistory history, FindingList findings)
    {
        List<Fact> meetings = [];
        foreach (var fact in history.Beyond!)
        {
            if (
                fact.Body is not FactBody.ReviewMeetingHeld
                || (meetings.Count > 0 && meetings[^1].On == fact.On)
                || history.PlanHadEnded(fact)
            )
            {
                continue;
            }
            meetings.Add(fact);
            if (history.First(DateOnly.MinValue, f => f.On <= fact.On && CaseHistory.MakesPlan(f.Body)) is null)
            {
                findings.Add(FindingCode.PlanNotKnown, $"a review meeting on {fact.On:yyyy-MM-dd}, but no plan known by then", fact);
            }
        }
        return meetings;
    }

    private static void SettleDecision(Fact meeting, CaseHistory history, Settlement settlement)
    {
        if (settlement.Owed(PlanProvisions.ReviewDecision, meeting.On, meeting) is { } duty)
        {
            settlement.Settle(
                duty with
                {
                    Occasion = history.PlaceOf(meeting),
                    Done = history.First<FactBody.ReviewDecisionNotified>(meeting.On),
                    Ended = history.PlanEnd(meeting.On),
                }
            );
        }
    }

    private static void SettleAmendment(Fact meeting, Fact? next, HashSet<Fact> answered, CaseHistory history, Settlement settlement)
    {
        var decision = UpTo(next, history.First<FactBody.ReviewDecisionNotified>(meeting.On));
        var notice = UpTo(next, history.First<FactBody.AmendmentNoticeServed>(meeting.On));
        if (decision is null ? notice is null : decision.Body is not FactBody.ReviewDecisionNotified { Outcome: ReviewOutcome.Amend })
        {
            return;
        }
        var done = history.First((decision ?? notice!).On, f => IsAmended(f.Body));
        if (notice?.On > done?.On)
        {
            notice = null; // It is about something else.
        }
        if (settlement.Owed(PlanProvisions.AmendedPlanAfterMeeting, meeting.On, meeting) is not { } outer)
        {
            return;
        }
        var inner = notice is null ? null : settlement.Owed(PlanProvisions.AmendedPlan, notice.On, notice);
        if (notice is not null)
        {
            answered.Add(notice);
        }
        var binding = inner is not null && inner.Due <= outer.Due ? inner : outer;
        settlement.Settle(
            binding with
            {
                Because = meeting,
                And = decision,
                AndAlso = notice,
                Occasion = history.PlaceOf(meeting),
                Target = inner is null ? outer.Target : DateArithmetic.Earlier(inner.Target, outer.Target),
                Done = done,
                Ended = history.PlanEnd(meeting.On),
                MayPrecedeStart = true,
            }
        );

        static Fact? UpTo(Fact? next, Fact? fact) => fact?.On >= next?.On ? null : fact;
    }

    private static void SettleOtherNotices(HashSet<Fact> answered, CaseHistory history, Settlement settlement, FindingList findings)
    {
        foreach (var fact in history.Beyond!)
        {
            if (fact.Body is not FactBody.AmendmentNoticeServed)
            {
                continue;
            }
            FindEarlyAmendment(fact, history, findings);
            if (
                !answered.Contains(fact)
                && !history.PlanHadEnded(fact)
                && settlement.Owed(PlanProvisions.AmendedPlanWithoutReview, fact.On, fact) is { } duty
            )
            {
                settlement.Settle(
                    duty with
                    {
                        Occasion = history.PlaceOf(fact),
                        Done = history.First(fact.On, f => IsAmended(f.Body)),
                        Ended = history.PlanEnd(fact.On),
                    }
                );
            }
        }
    }

    private static bool IsAmended(FactBody body) =>
        body is FactBody.AmendedPlanFinalised or FactBody.PhaseTransferNamed or FactBody.NotAmendingNotified;

    // Reg 22(2)(c): as for a draft plan, the family has fifteen days beginning with the day of the notice.
    private static void FindEarlyAmendment(Fact notice, CaseHistory history, FindingList findings)
    {
        var provision = PlanProvisions.AllowRepresentationsOnAmendments;
        var lastDay = provision.Limit.Due(notice.On);
        var amended = history.First(notice.On, f => f.Body is FactBody.AmendedPlanFinalised or FactBody.PhaseTransferNamed);
        if (amended is null || amended.On > lastDay || history.AgreedReplies?.Exists(r => r.On >= notice.On && r.On <= amended.On) is true)
        {
            return;
        }
        findings.Add(
            FindingCode.FinalisedEarly,
            $"amendments proposed on {notice.On:yyyy-MM-dd}, amended plan sent on {amended.On:yyyy-MM-dd}; the family has until {lastDay:yyyy-MM-dd}, {provision.Citation}",
            [notice, amended]
        );
    }

    private static void FindOddMeetings(List<Fact> meetings, CaseHistory history, FindingList findings)
    {
        for (var i = 1; i < meetings.Count; i++)
        {
            var (first, second) = (meetings[i - 1], meetings[i]);
            if (!(history.First<FactBody.ReviewDecisionNotified>(first.On)?.On < second.On))
            {
                findings.Add(
                    FindingCode.SecondReviewMeeting,
                    $"review meetings on {first.On:yyyy-MM-dd} and {second.On:yyyy-MM-dd}, with no decision between them; each has its own limit",
                    [first, second]
                );
            }
        }
        Fact? before = null;
        foreach (var fact in history.Beyond!)
        {
            if (fact.Body is not FactBody.ReviewDecisionNotified)
            {
                continue;
            }
            if (fact.Body is FactBody.ReviewDecisionNotified { Outcome: var outcome } && !Enum.IsDefined(outcome))
            {
                findings.AddUnknown(fact, outcome);
            }
            if (before?.On == fact.On && before.Body != fact.Body)
            {
                findings.Add(
                    FindingCode.ContradictoryReviewDecisions,
                    $"different review decisions, both notified on {fact.On:yyyy-MM-dd}",
                    [before, fact]
                );
            }
            before = fact;
        }
    }

    private static void FindSecondPlans(List<Fact> plans, CaseHistory history, FindingList findings)
    {
        for (var i = 1; i < plans.Count; i++)
        {
            var (first, second) = (plans[i - 1], plans[i]);
            if (history.First(first.On, f => f.On <= second.On && Explains(f.Body)) is null)
            {
                findings.Add(
                    FindingCode.PlanFinalisedTwice,
                    $"plans finalised on {first.On:yyyy-MM-dd} and {second.On:yyyy-MM-dd}, with no order, ceasing, move or reassessment between them",
                    [first, second]
                );
            }
        }

        static bool Explains(FactBody body) =>
            body
                is FactBody.TribunalOrdered
                    or FactBody.AppealUnopposed
                    or FactBody.MediationAgreed
                    or FactBody.PlanCeased
                    or FactBody.MovedOut
                    or FactBody.ReassessmentDecided
                    or FactBody.RequestReceived;
    }
}
