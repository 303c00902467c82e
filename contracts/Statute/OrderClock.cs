namespace SendExchange.Statute;

/// <summary>
/// The clocks that run from a tribunal's order, an appeal that the authority gives up, or a mediation agreement about what
/// could be appealed: regs 44, 45 and 42(2) (L14, L16-L28).
/// </summary>
/// <remarks>
/// Readings taken:
/// <list type="bullet">
/// <item>Each order runs its own clock until one of a later day on the same subject supersedes it; two of one day both run. An
/// agreement or an unopposed appeal supersedes, and is superseded, like an order.</item>
/// <item>What is done on the day of an order may have been done because of it, so it counts.</item>
/// <item>A refusal to assess does not discharge an order to assess, and a no-plan notice ends no order to make a plan. After an
/// ordered assessment a no-plan notice makes the plan moot, unless the authority sends one after all without another order.</item>
/// <item>An order to continue a plan calls for no act, so for no obligation; it undoes a ceasing
/// (<see cref="CaseHistory.Ceased"/>).</item>
/// <item>Another date agreed in mediation takes the place of the limit, reg 42(5). Where the agreement has several steps it is
/// not said which one the date is for: each is due on the later, and warned of from the earlier, of date and limit.</item>
/// </list>
/// </remarks>
internal static class OrderClock
{
    public static void Settle(CaseHistory history, Settlement settlement, FindingList findings)
    {
        if (history.Appeals is null && history.Mediations is null)
        {
            return;
        }
        var orders = OrdersOf(history, findings);
        foreach (var order in orders)
        {
            FindOddities(order, orders, history, findings);
            new Clock(order, orders, history, settlement).Run(findings);
        }
    }

    private enum Subject
    {
        Assessment,
        Reassessment,
        Reconsidering,
        Content,
        Placement,
        Ceasing,
    }

    /// <param name="AgreedOn">Another date agreed in mediation.</param>
    private sealed record Order(Fact Fact, AppealIssue Issue, OrderLimits Limits, DateOnly? AgreedOn)
    {
        public bool IsAbout(Subject subject) =>
            Issue switch
            {
                AppealIssue.Assess or AppealIssue.MakePlan => subject == Subject.Assessment,
                AppealIssue.Reassess => subject == Subject.Reassessment,
                AppealIssue.Reconsider => subject == Subject.Reconsidering,
                AppealIssue.AmendContent => subject == Subject.Content,
                AppealIssue.AmendPlacement => subject == Subject.Placement,
                AppealIssue.ContinueAndAmend => subject is Subject.Content or Subject.Ceasing,
                AppealIssue.Continue or AppealIssue.DismissCease => subject == Subject.Ceasing,
                _ => false,
            };
    }

    private static List<Order> OrdersOf(CaseHistory history, FindingList findings)
    {
        List<Order> orders = [];
        foreach (var fact in history.Beyond!)
        {
            switch (fact.Body)
            {
                case FactBody.TribunalOrdered { Issue: var issue }:
                    orders.Add(new(fact, issue, OrderProvisions.OfTribunal, null));
                    break;
                case FactBody.AppealUnopposed { Issue: var issue }:
                    orders.Add(new(fact, issue, OrderProvisions.OfUnopposedAppeal, null));
                    break;
                case FactBody.MediationAgreed agreed when AppealableIssue(agreed.Issue) is { } issue:
                    orders.Add(new(fact, issue, OrderProvisions.OfMediation, MediationClock.AgreedDate(fact, agreed, findings)));
                    break;
            }
        }
        return orders;
    }

    private static AppealIssue? AppealableIssue(MediationIssue issue) =>
        issue switch
        {
            MediationIssue.Assess => AppealIssue.Assess,
            MediationIssue.MakePlan => AppealIssue.MakePlan,
            MediationIssue.AmendContent => AppealIssue.AmendContent,
            MediationIssue.AmendPlacement => AppealIssue.AmendPlacement,
            _ => null,
        };

    /// <summary>The duties of one order.</summary>
    private sealed class Clock(Order order, List<Order> orders, CaseHistory history, Settlement settlement)
    {
        private readonly DateOnly on = order.Fact.On;
        private readonly OrderLimits limits = order.Limits;

        public void Run(FindingList findings)
        {
            switch (order.Issue)
            {
                case AppealIssue.Assess:
                    Assess(Ending.By(ObligationState.Withdrawn, history.Departed(on)), Subject.Assessment);
                    break;
                case AppealIssue.Reassess:
                    Assess(Ending.First(PlanEnd(), Ending.By(ObligationState.Withdrawn, history.Departed(on))), Subject.Reassessment);
                    break;
                case AppealIssue.MakePlan:
                    MakePlan();
                    break;
                case AppealIssue.Reconsider when limits.Reconsider is { } reconsider:
                    var left = Ending.By(ObligationState.Withdrawn, history.Departed(on));
                    Settle(reconsider, history.First(on, f => IsDecision(f.Body)), left, Subject.Reconsidering);
                    break;
                case AppealIssue.AmendContent:
                    Settle(limits.AmendContent, history.First<FactBody.AmendedPlanFinalised>(on), PlanEnd(), Subject.Content);
                    break;
                case AppealIssue.ContinueAndAmend when limits.ContinueAndAmend is { } amend:
                    Settle(amend, history.First<FactBody.AmendedPlanFinalised>(on), PlanEnd(), Subject.Content);
                    break;
                case AppealIssue.AmendPlacement:
                    var amended = history.First(on, f => f.Body is FactBody.AmendedPlanFinalised or FactBody.PhaseTransferNamed);
                    Settle(limits.AmendPlacement, amended, PlanEnd(), Subject.Placement);
                    break;
                case AppealIssue.DismissCease when limits.Cease is { } cease:
                    var moved = Ending.By(ObligationState.Withdrawn, history.Moved(on));
                    Settle(cease, CeasedAlready() ?? history.First<FactBody.PlanCeased>(on), moved, Subject.Ceasing, mayPrecede: true);
                    break;
                case AppealIssue.Reconsider or AppealIssue.DismissCease:
                    findings.Add(
                        FindingCode.OrderNotProvidedFor,
                        $"the Regulations set no limit where an appeal about this is not opposed ({order.Issue})",
                        order.Fact
                    );
                    break;
                case not AppealIssue.Continue:
                    findings.AddUnknown(order.Fact, order.Issue);
                    break;
            }
        }

        private void Assess(Ending? left, Subject subject)
        {
            var again = order.Issue == AppealIssue.Reassess;
            var notified = history.First(on, f => Tells(f.Body, again));
            var plan = history.First(on, f => f.Body is FactBody.PlanFinalised || (again && f.Body is FactBody.ReassessedPlanFinalised));
            var noPlan = history.First<FactBody.NoPlanNotified>(on);
            var changedItsMind = noPlan?.On < plan?.On && !(Superseding(subject)?.On < plan?.On);
            Settle(limits.Notify, notified, left, subject, several: true);
            Settle(
                limits.NoPlan,
                noPlan,
                Ending.First(Ending.By(ObligationState.NotApplicable, plan), left),
                subject,
                several: true,
                onlyIfDone: true
            );
            Settle(
                limits.PlanAfterAssessing,
                plan,
                Ending.First(Ending.By(ObligationState.NotApplicable, changedItsMind ? null : noPlan), left),
                subject,
                several: true
            );
        }

        private void MakePlan()
        {
            var left = Ending.By(ObligationState.Withdrawn, history.Departed(on));
            var plan = history.First<FactBody.PlanFinalised>(on);
            Settle(
                limits.Draft,
                history.First<FactBody.DraftPlanServed>(on),
                Ending.First(Ending.By(ObligationState.NotApplicable, plan), left),
                Subject.Assessment,
                several: true
            );
            Settle(limits.Plan, plan, left, Subject.Assessment, several: true);
        }

        private Ending? PlanEnd() => history.PlanEnd(on);

        // The authority had not waited for the appeal to end, and there has been no plan since.
        private Fact? CeasedAlready() =>
            history.First(
                DateOnly.MinValue,
                ceased =>
                    ceased.Body is FactBody.PlanCeased
                    && ceased.On < on
                    && history.First(ceased.On.Plus(1), f => f.On < on && CaseHistory.MakesPlan(f.Body)) is null
                    && history.First(ceased.On, f => f.On < on && CaseHistory.Continues(f.Body)) is null
            );

        private Fact? Superseding(Subject subject) => orders.Find(o => o.Fact.On > on && o.IsAbout(subject))?.Fact;

        private void Settle(
            Provision provision,
            Fact? done,
            Ending? ended,
            Subject subject,
            bool several = false,
            bool onlyIfDone = false,
            bool mayPrecede = false
        )
        {
            if (settlement.Owed(provision, on, order.Fact) is not { } duty)
            {
                return;
            }
            // On one day, what makes it moot comes before what supersedes it, and that before leaving.
            var superseded = Ending.By(ObligationState.Superseded, Superseding(subject));
            var moot = ended?.State == ObligationState.NotApplicable ? ended : null;
            duty = duty with
            {
                Occasion = history.PlaceOf(order.Fact),
                Done = done,
                Ended = Ending.First(moot, superseded, ended),
                OnlyIfDone = onlyIfDone,
                MayPrecedeStart = mayPrecede,
            };
            if (order.AgreedOn is { } agreed)
            {
                duty = duty with
                {
                    Due = several ? DateArithmetic.Later(duty.Due, agreed) : agreed,
                    Target = several ? DateArithmetic.Earlier(duty.Target, agreed) : agreed,
                };
            }
            settlement.Settle(duty);
        }
    }

    private static bool Tells(FactBody body, bool again) =>
        body is FactBody.DecisionNotified { Outcome: AssessmentDecision.Assess }
        || (again && body is FactBody.ReassessmentDecided { Outcome: ReassessmentDecision.Reassess });

    private static bool IsDecision(FactBody body) =>
        body
            is FactBody.DecisionNotified
                or FactBody.NoPlanNotified
                or FactBody.DraftPlanServed
                or FactBody.PlanFinalised
                or FactBody.ReviewDecisionNotified
                or FactBody.AmendmentNoticeServed
                or FactBody.AmendedPlanFinalised
                or FactBody.NotAmendingNotified
                or FactBody.ReassessmentDecided
                or FactBody.ReassessedPlanFinalised;

    private static void FindOddities(Order order, List<Order> orders, CaseHistory history, FindingList findings)
    {
        var (fact, issue) = (order.Fact, order.Issue);
        var twin = orders.Find(o => !ReferenceEquals(o, order) && o.Fact.On == fact.On && SameSubject(o, order));
        if (twin is not null)
        {
            findings.Add(
                FindingCode.OrdersOfOneDay,
                $"two orders, appeals or agreements on the same subject, both of {fact.On:yyyy-MM-dd}; each has its own clock",
                [fact, twin.Fact]
            );
        }
        if (
            fact.Body is not FactBody.MediationAgreed
            && history.First(DateOnly.MinValue, f => f.On <= fact.On && IsAppealed(f.Body, issue)) is null
        )
        {
            findings.Add(
                FindingCode.OrderWithoutDecision,
                $"{fact.Kind} on {fact.On:yyyy-MM-dd}, but nothing by then that could have been appealed",
                fact
            );
        }
        if (issue == AppealIssue.Assess)
        {
            foreach (var decision in history.Decisions)
            {
                if (decision.On > fact.On && decision.Body is FactBody.DecisionNotified { Outcome: AssessmentDecision.DoNotAssess })
                {
                    findings.Add(
                        FindingCode.RefusedAgainstOrder,
                        $"a refusal to assess on {decision.On:yyyy-MM-dd}, after {fact.Kind} on {fact.On:yyyy-MM-dd}; it does not discharge it",
                        [fact, decision]
                    );
                }
            }
        }
    }

    private static bool SameSubject(Order a, Order b) => Enum.GetValues<Subject>().Any(s => a.IsAbout(s) && b.IsAbout(s));

    // CFA 2014 s.51(2): what each appeal is against.
    private static bool IsAppealed(FactBody body, AppealIssue issue) =>
        issue switch
        {
            AppealIssue.Assess => body is FactBody.DecisionNotified { Outcome: AssessmentDecision.DoNotAssess },
            AppealIssue.Reassess => body is FactBody.ReassessmentDecided { Outcome: ReassessmentDecision.DoNotReassess },
            AppealIssue.MakePlan => body is FactBody.NoPlanNotified,
            AppealIssue.AmendContent or AppealIssue.AmendPlacement => CaseHistory.MakesPlan(body)
                || body is FactBody.AmendedPlanFinalised or FactBody.NotAmendingNotified or FactBody.ReviewDecisionNotified,
            AppealIssue.Continue or AppealIssue.ContinueAndAmend or AppealIssue.DismissCease => body
                is FactBody.PlanCeased
                    or FactBody.ReviewDecisionNotified { Outcome: ReviewOutcome.Cease },
            _ => true,
        };
}
