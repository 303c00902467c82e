using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

/// <summary>The assessment clock again, written to be obvious and slow: it lives through a case day by day.</summary>
internal static class SlowOracle
{
    public sealed record Line(
        string Code,
        string? AdviceId,
        DateOnly Start,
        DateOnly Due,
        ObligationState State,
        DateOnly? DoneOn,
        int DaysLate,
        DateOnly? EndedOn
    );

    /// <summary>What it counts; everything else of a reading is not its business.</summary>
    public static readonly string[] Codes = ["decide_to_assess", "give_advice", "notify_no_plan", "finalise_plan"];

    /// <summary>
    /// Facts that no standing fact retracts and whose place no correction holds; replacements between facts that reach each
    /// other are void.
    /// </summary>
    public static List<Fact> Standing(List<Fact> facts)
    {
        var count = facts.Count;
        var corrects = new bool[count, count];
        var retracts = new bool[count, count];
        var reaches = new bool[count, count];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
            {
                var sameSender = facts[i].Organisation == facts[j].Organisation;
                corrects[i, j] = sameSender && facts[i].Corrects == facts[j].FactId;
                retracts[i, j] = sameSender && facts[i].Body == new FactBody.Retracted(facts[j].FactId);
                reaches[i, j] = corrects[i, j] || retracts[i, j];
            }
        }
        for (var via = 0; via < count; via++)
        {
            for (var i = 0; i < count; i++)
            {
                for (var j = 0; j < count; j++)
                {
                    reaches[i, j] |= reaches[i, via] && reaches[via, j];
                }
            }
        }
        return [.. facts.Where((_, i) => Stands(i))];

        bool Stands(int i) => !Any(j => retracts[j, i] && !reaches[i, j] && Stands(j)) && !Succeeded(i);

        bool Succeeded(int i) => Any(j => corrects[j, i] && !reaches[i, j] && (Stands(j) || Succeeded(j)));

        bool Any(Func<int, bool> holds) => Enumerable.Range(0, count).Any(holds);
    }

    public static List<Line> Count(List<Fact> facts, DateOnly asOf)
    {
        var known = Standing(facts)
            .Where(f => f.CaseId == Case && f.On <= asOf)
            .OrderBy(f => f.On)
            .ThenBy(f => f.Organisation, StringComparer.Ordinal)
            .ThenBy(f => f.FactId, StringComparer.Ordinal)
            .ToList();
        var starts = known.Select(StartOf).Where(day => day is not null).ToList();
        var decisions = Days(known, f => f.Body is FactBody.DecisionNotified);
        var plans = Days(known, f => f.Body is FactBody.PlanFinalised);
        var noPlans = Days(known, f => f.Body is FactBody.NoPlanNotified);
        var left = Days(known, f => f.Body is FactBody.RequestWithdrawn or FactBody.MovedOut);
        var assessOrders = Days(known, f => CallsFor(f.Body, toAssess: true));
        var planOrders = assessOrders.Concat(Days(known, f => CallsFor(f.Body, toAssess: false))).Order().ToList();
        var refused = Refusal(known, assessOrders, planOrders, plans, noPlans);
        var noPlan = noPlans is [var n, ..] && plans is [var p, ..] && p > n && !planOrders.Exists(o => o < p) ? [] : noPlans;

        var lines = new List<Line>();
        if (starts.Count > 0)
        {
            lines.Add(Live("decide_to_assess", null, starts.Min()!.Value, 42, decisions, [], assessOrders, left, asOf));
        }
        foreach (
            var asked in known
                .Where(f => f.Body is FactBody.AdviceSought)
                .GroupBy(f => ((FactBody.AdviceSought)f.Body).AdviceId)
                .OrderBy(g => g.Key)
        )
        {
            var sought = (FactBody.AdviceSought)asked.First().Body;
            if (sought.Kind != AdviceKind.ParentYp)
            {
                var done = Days(
                    known,
                    f =>
                        (f.Organisation == Bolton || f.Organisation == sought.From)
                        && (f.Body == new FactBody.AdviceGiven(asked.Key) || f.Body == new FactBody.AdviceReceived(asked.Key))
                );
                var moot = refused is { } day && day >= asked.First().On ? [day] : new List<DateOnly>();
                var leftSince = left.FindAll(day => day >= asked.First().On);
                lines.Add(Live("give_advice", asked.Key, sought.ReceivedByBodyOn ?? asked.First().On, 42, done, moot, [], leftSince, asOf));
            }
        }
        if (starts.Count > 0)
        {
            var d0 = starts.Min()!.Value;
            List<DateOnly> refusal = refused is null ? [] : [refused.Value];
            if (decisions.Count + plans.Count + noPlans.Count > 0)
            {
                lines.Add(Live("notify_no_plan", null, d0, 112, noPlans, [.. refusal, .. plans], planOrders, left, asOf, onlyIfDone: true));
            }
            lines.Add(Live("finalise_plan", null, d0, 140, plans, [.. refusal, .. noPlan], planOrders, left, asOf));
        }
        return lines;
    }

    private static List<DateOnly> Days(List<Fact> facts, Predicate<Fact> which) => [.. facts.FindAll(which).Select(f => f.On)];

    private static DateOnly? StartOf(Fact fact) =>
        fact.Body switch
        {
            FactBody.RequestReceived or FactBody.BroughtToAttention => fact.On,
            FactBody.BecameResponsible moved => new[] { fact.On, moved.AwareOn ?? fact.On }.Max(),
            _ => null,
        };

    private static bool CallsFor(FactBody body, bool toAssess) =>
        body == new FactBody.TribunalOrdered(toAssess ? AppealIssue.Assess : AppealIssue.MakePlan)
        || body == new FactBody.AppealUnopposed(toAssess ? AppealIssue.Assess : AppealIssue.MakePlan)
        || body is FactBody.MediationAgreed { Issue: var issue } && issue == (toAssess ? MediationIssue.Assess : MediationIssue.MakePlan);

    // The day of the refusal after which the authority never again showed, unordered, that it would assess.
    private static DateOnly? Refusal(
        List<Fact> known,
        List<DateOnly> assessOrders,
        List<DateOnly> planOrders,
        List<DateOnly> plans,
        List<DateOnly> noPlans
    )
    {
        var own = known.FindAll(f => f.Body is FactBody.DecisionNotified && !assessOrders.Exists(o => o < f.On));
        var lastToAssess = own.FindLastIndex(f => f.Body == new FactBody.DecisionNotified(AssessmentDecision.Assess));
        if (lastToAssess == own.Count - 1)
        {
            return null;
        }
        var refused = own[lastToAssess + 1].On;
        var outcomes = plans.Take(1).Concat(noPlans.Take(1));
        return outcomes.Any(day => day > refused && !planOrders.Exists(o => o < day)) ? null : refused;
    }

    // Lives from the first day that matters to the day asked about. What is done on a day comes before what ends it that day.
    private static Line Live(
        string code,
        string? adviceId,
        DateOnly start,
        int days,
        List<DateOnly> done,
        List<DateOnly> moot,
        List<DateOnly> orders,
        List<DateOnly> left,
        DateOnly asOf,
        bool onlyIfDone = false
    )
    {
        var due = start.AddDays(days);
        var late = 0;
        for (var day = new DateOnly(2019, 1, 1); day <= asOf; day = day.AddDays(1))
        {
            late = day > due ? late + 1 : 0;
            if (done.Contains(day))
            {
                return new Line(code, adviceId, start, due, late > 0 ? ObligationState.MetLate : ObligationState.Met, day, late, null);
            }
            if (moot.Contains(day) || orders.Contains(day) || left.Contains(day))
            {
                var ended =
                    late > 0 && !onlyIfDone ? ObligationState.Breached
                    : moot.Contains(day) ? ObligationState.NotApplicable
                    : orders.Contains(day) ? ObligationState.Superseded
                    : ObligationState.Withdrawn;
                return new Line(code, adviceId, start, due, ended, null, ended == ObligationState.Breached ? late : 0, day);
            }
        }
        var overdue = late > 0 && !onlyIfDone;
        return new Line(
            code,
            adviceId,
            start,
            due,
            overdue ? ObligationState.Breached : ObligationState.Open,
            null,
            overdue ? late : 0,
            null
        );
    }
}
