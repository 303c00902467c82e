using SendExchange.Education.V1;

namespace SendExchange.Sendx;

/// <content>Refusals that mediation or the tribunal turned round, and orders about plans that exist.</content>
internal sealed partial class SimulatedYear
{
    /// <summary>Refusals that mediation or the tribunal turned round, and the plans of the year that followed.</summary>
    private void FollowOrders()
    {
        var (assessing, making) = (_figures.AboutAssessing.Cases, _figures.AboutMakingAPlan.Cases);
        // Most plans follow an order of the same year; the rest, and what the row has no orders for, one of the year before.
        var fromThisYear = Math.Min(_figures.PlansAfterOrder * 3 / 4, (assessing + making) * 70 / 100);
        var afterMaking = Math.Min(making, Part(fromThisYear, making, assessing + making));
        var afterAssessing = Math.Min(assessing, fromThisYear - afterMaking);
        var number = 0;
        foreach (var (mediation, tribunal) in Mixed(_figures.AboutAssessing))
        {
            TurnRefusalRound(mediation, tribunal, planThisYear: number++ < afterAssessing);
        }
        number = 0;
        foreach (var (mediation, tribunal) in Mixed(_figures.AboutMakingAPlan))
        {
            TurnNoPlanRound(mediation, tribunal, planThisYear: number++ < afterMaking);
        }
        for (var i = afterAssessing + afterMaking; i < _figures.PlansAfterOrder; i++)
        {
            PlanAfterLastYearsOrder();
        }
    }

    private void TurnRefusalRound(bool mediation, bool tribunal, bool planThisYear)
    {
        var (first, last) = OrderDays(mediation && tribunal, planThisYear);
        var simulated = Earlier(_refused, one => one.Decided < first - 25);
        if (simulated is null)
        {
            var refusedOn = Math.Min(first - GapBeforeOrder(mediation), _lastYear.To - _dice.Below(20));
            simulated = new SimulatedCase { Received = refusedOn - 30 - _dice.Below(13), Decided = refusedOn };
            _cases.Add(simulated);
        }
        AddOrders(simulated, mediation, tribunal, first, last, MediationIssue.Assess, AppealIssue.Assess);
        simulated.DecidedAgain = last + 3 + _dice.Below(11);
        if (PlanAfter(last, 60, 98, planThisYear) is { } plan)
        {
            simulated.DecidedAgain = Math.Min(simulated.DecidedAgain.Value, plan - 40);
            simulated.Plan = plan;
            simulated.Draft = DraftBefore(plan, simulated.DecidedAgain.Value);
        }
        if (!planThisYear)
        {
            WaitForAdvice(simulated);
        }
    }

    private void TurnNoPlanRound(bool mediation, bool tribunal, bool planThisYear)
    {
        var (first, last) = OrderDays(mediation && tribunal, planThisYear);
        // A plan of this year follows a notice of the last: a case then counts in one outcome of the year only, read as you like.
        var simulated = planThisYear ? null : Earlier(_withoutPlan, one => one.NoPlan < first - 25);
        if (simulated is null)
        {
            simulated = WithoutPlanBefore(Math.Min(first - GapBeforeOrder(mediation), _lastYear.To - _dice.Below(20)));
            _cases.Add(simulated);
        }
        AddOrders(simulated, mediation, tribunal, first, last, MediationIssue.MakePlan, AppealIssue.MakePlan);
        if (PlanAfter(last, 40, 77, planThisYear) is { } plan)
        {
            simulated.Plan = plan;
            simulated.Draft = DraftBefore(plan, last);
        }
    }

    private void PlanAfterLastYearsOrder()
    {
        var ordered = Weekday(_lastYear with { From = _lastYear.To - 130 });
        var soonest = Math.Max(_thisYear.From, ordered + 70);
        var plan = Weekday(new Span(soonest, Math.Min(soonest + 35 + _dice.Tail(25), _thisYear.To)));
        var mediation = _dice.Percent(60);
        SimulatedCase simulated;
        if (_dice.Percent(80))
        {
            var refusedOn = ordered - GapBeforeOrder(mediation);
            simulated = new SimulatedCase
            {
                Received = refusedOn - 30 - _dice.Below(13),
                Decided = refusedOn,
                DecidedAgain = Math.Min(ordered + 3 + _dice.Below(11), plan - 40),
            };
            AddOrders(simulated, mediation, !mediation, ordered, ordered, MediationIssue.Assess, AppealIssue.Assess);
        }
        else
        {
            simulated = WithoutPlanBefore(ordered - GapBeforeOrder(mediation));
            AddOrders(simulated, mediation, !mediation, ordered, ordered, MediationIssue.MakePlan, AppealIssue.MakePlan);
        }
        simulated.Plan = plan;
        simulated.Draft = DraftBefore(plan, ordered);
        _cases.Add(simulated);
    }

    /// <summary>Orders and agreements about plans that exist.</summary>
    private void AmendExistingPlans()
    {
        foreach (var (mediation, tribunal) in Mixed(_figures.AboutOther))
        {
            var planDays = new Span(_lastYear.From - 180, _lastYear.To - 60);
            var (received, decided, plan) = Place(
                _earlier with
                {
                    From = _earlier.From - 400,
                },
                _earlier,
                planDays,
                SixWeeks(_dice.Percent(15)),
                WithinYear
            );
            var simulated = new SimulatedCase
            {
                Received = received,
                Decided = decided,
                Assess = true,
                AdviceKnown = false,
                Draft = DraftBefore(plan, decided),
                Plan = plan,
            };
            var (first, last) = OrderDays(mediation && tribunal, roomForPlan: false);
            var issue = _dice.Below(100) switch
            {
                < 45 => (MediationIssue.AmendContent, AppealIssue.AmendContent),
                < 85 => (MediationIssue.AmendPlacement, AppealIssue.AmendPlacement),
                _ => (MediationIssue.OtherAction, AppealIssue.AmendContent),
            };
            AddOrders(simulated, mediation, tribunal, first, last, issue.Item1, issue.Item2);
            simulated.Amended = last + 14 + _dice.Tail(20);
            _cases.Add(simulated);
        }
    }

    /// <summary>Days from a mediation agreement to the order that follows it all the same.</summary>
    private const int LeastBetweenOrders = 10;

    private (int First, int Last) OrderDays(bool both, bool roomForPlan)
    {
        var span = new Span(_thisYear.From + 2, _thisYear.To - (roomForPlan ? 70 : 3));
        var firstSpan = both ? span with { To = span.To - LeastBetweenOrders } : span;
        var first = Weekday(roomForPlan ? firstSpan : firstSpan with { From = Weekday(firstSpan) });
        return both ? (first, Math.Min(first + LeastBetweenOrders + _dice.Below(50), span.To)) : (first, first);
    }

    private int GapBeforeOrder(bool mediation) => mediation ? 40 + _dice.Tail(35) : 110 + _dice.Tail(60);

    private void AddOrders(
        SimulatedCase simulated,
        bool mediation,
        bool tribunal,
        int first,
        int last,
        MediationIssue mediationIssue,
        AppealIssue tribunalIssue
    )
    {
        if (mediation)
        {
            simulated.Orders.Add(SimulatedOrder.Agreed(first, mediationIssue));
        }
        if (tribunal)
        {
            simulated.Orders.Add(SimulatedOrder.Ordered(last, tribunalIssue, unopposed: _dice.Percent(30)));
        }
    }

    /// <summary>The day of the plan after an order; null where it is not out when the simulation ends.</summary>
    private int? PlanAfter(int order, int least, int usual, bool planThisYear)
    {
        var plan = Math.Max(order + least, order + usual - 10 + _dice.Tail(18));
        if (planThisYear)
        {
            return Weekday(new Span(Math.Min(plan, _thisYear.To), Math.Min(plan + 6, _thisYear.To)));
        }
        plan = Math.Max(plan, _thisYear.To + 3 + _dice.Below(20));
        return plan <= _afterCensus.To ? plan : null;
    }

    /// <summary>Now and then a case of this year that an order can still turn round, else null.</summary>
    private SimulatedCase? Earlier(List<SimulatedCase> candidates, Func<SimulatedCase, bool> early)
    {
        if (candidates.Count == 0 || !_dice.Percent(35))
        {
            return null;
        }
        for (var attempt = 0; attempt < 8; attempt++)
        {
            var index = _dice.Below(candidates.Count);
            var candidate = candidates[index];
            if (early(candidate))
            {
                candidates.RemoveAt(index);
                return candidate;
            }
        }
        return null;
    }

    private SimulatedCase WithoutPlanBefore(int notice)
    {
        var decided = notice - 55 - _dice.Below(40);
        return new SimulatedCase
        {
            Received = decided - 28 - _dice.Below(14),
            Decided = decided,
            Assess = true,
            NoPlan = notice,
        };
    }

    /// <summary>The cases of a pair of counts: mediation only, tribunal only, both; shuffled.</summary>
    private List<(bool Mediation, bool Tribunal)> Mixed(AuthorityFigures.Appeals counts)
    {
        List<(bool, bool)> mixed =
        [
            .. Enumerable.Repeat((true, true), counts.Both),
            .. Enumerable.Repeat((true, false), counts.Mediation - counts.Both),
            .. Enumerable.Repeat((false, true), counts.Tribunal - counts.Both),
        ];
        _dice.Shuffle(mixed);
        return mixed;
    }
}
