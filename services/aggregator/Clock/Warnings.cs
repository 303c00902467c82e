using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Clock;

/// <summary>The ladder of warnings before the target of an obligation that is open and binds.</summary>
/// <remarks>
/// A rung is reached at the start of its day in London, and stays so up to the target. Of rungs that passed unseen only the
/// last counts. What has been published is remembered by target, so a target that moves has a ladder of its own, and one that
/// moves back goes on where it was.
/// </remarks>
internal static class Warnings
{
    /// <summary>The rung to publish now, or null. Pure.</summary>
    /// <param name="ladder">Days before the target.</param>
    /// <param name="published">The lowest rung of this target that has been published.</param>
    public static int? Decide(Obligation obligation, DateOnly today, IReadOnlyList<int> ladder, int? published)
    {
        if (!Warns(obligation, today))
        {
            return null;
        }
        int? reached = null;
        foreach (var rung in ladder)
        {
            if (rung >= DaysLeft(obligation, today) && !(reached < rung))
            {
                reached = rung;
            }
        }
        return reached < (published ?? int.MaxValue) ? reached : null;
    }

    /// <summary>The next day on which a rung is reached; null where none is left. Pure.</summary>
    public static DateOnly? NextOn(Obligation obligation, DateOnly today, IReadOnlyList<int> ladder)
    {
        if (!Warns(obligation, today))
        {
            return null;
        }
        DateOnly? next = null;
        foreach (var rung in ladder)
        {
            if (rung < DaysLeft(obligation, today) && obligation.Target.AddDays(-rung) is var day && !(next <= day))
            {
                next = day;
            }
        }
        return next;
    }

    public static int DaysLeft(Obligation obligation, DateOnly today) => obligation.Target.DayNumber - today.DayNumber;

    private static bool Warns(Obligation obligation, DateOnly today) =>
        obligation is { State: ObligationState.Open, Binds: true } && today <= obligation.Target;

    /// <summary>The lowest rung published of each target of these cases.</summary>
    public static async Task<IReadOnlyDictionary<WarningKey, int>> Published(Transaction tx, List<string> keys)
    {
        var rows = await tx.Query<PublishedRow>(
            """
            select case_key, obligation, advice_id, occasion, obligor, target, min(days_before) as days_before
            from warnings where case_key in @keys
            group by case_key, obligation, advice_id, occasion, obligor, target
            """,
            new { keys }
        );
        return rows.ToDictionary(
            w => new WarningKey(w.CaseKey, new ObligationKey(w.Obligation, w.AdviceId, w.Occasion), w.Obligor, w.Target),
            w => w.DaysBefore
        );
    }

    private sealed class PublishedRow
    {
        public required string CaseKey { get; init; }
        public required string Obligation { get; init; }
        public required string AdviceId { get; init; }
        public required string Occasion { get; init; }
        public required string Obligor { get; init; }
        public required DateOnly Target { get; init; }
        public required int DaysBefore { get; init; }
    }
}

/// <summary>One ladder: of an obligation, of who owes it and of its target.</summary>
internal readonly record struct WarningKey(string CaseKey, ObligationKey Obligation, string Obligor, DateOnly Target)
{
    public static WarningKey Of(string caseKey, Obligation o) => new(caseKey, ObligationKey.Of(o), o.Obligor, o.Target);
}

/// <summary>A row of <c>warnings</c>.</summary>
internal sealed record NewWarning(
    string CaseKey,
    string Authority,
    string CaseId,
    string Obligation,
    string AdviceId,
    string Occasion,
    string Obligor,
    string Rule,
    DateOnly Target,
    DateOnly Due,
    int DaysBefore,
    int DaysLeft,
    DateTimeOffset PublishedAt
)
{
    public static NewWarning Of(ClaimedRow row, Obligation o, int rung, DateOnly today, DateTimeOffset now)
    {
        var key = ObligationKey.Of(o);
        return new NewWarning(
            row.CaseKey,
            row.Authority,
            row.CaseId,
            key.Code,
            key.AdviceId,
            key.Occasion,
            o.Obligor,
            o.Rule,
            o.Target,
            o.Due,
            rung,
            Warnings.DaysLeft(o, today),
            now
        );
    }

    public DeadlineApproaching ToMessage(Obligation o) =>
        new(Authority, CaseId, Obligation, o.AdviceId, o.Occasion, Obligor, Rule, o.RulePack, o.Start, Target, Due, DaysBefore, DaysLeft);
}
