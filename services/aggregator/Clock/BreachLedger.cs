using System.Globalization;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Clock;

/// <summary>How a recorded breach stands: its latest event.</summary>
/// <param name="Late">Whether there is a breach after all that is known.</param>
/// <param name="Due">The due day as now known.</param>
/// <param name="EndedOn">The day the duty was met or fell away; null while it is late.</param>
internal sealed record BreachStanding(bool Late, DateOnly Due, DateOnly? EndedOn);

/// <summary>What a new reading does to the record of breaches. Nothing is taken off it: each change is a further event.</summary>
internal abstract record BreachChange(BreachStanding After)
{
    public sealed record Recorded(BreachStanding After) : BreachChange(After);

    public sealed record Ended(BreachStanding After) : BreachChange(After);

    /// <param name="After">How the breach stands with it.</param>
    /// <param name="Reason">What is now known, in words.</param>
    public sealed record Corrected(BreachStanding After, string Reason) : BreachChange(After);
}

internal static class BreachLedger
{
    /// <summary>The events that follow when an obligation reads as it does now, given how its breach stood. Pure.</summary>
    /// <param name="before">Null: no breach has been recorded.</param>
    /// <param name="obligation">Null: the facts no longer call for it.</param>
    /// <param name="owedBy">Where they call for it from somebody else: who owes it, and who was recorded as late.</param>
    public static IReadOnlyList<BreachChange> Decide(
        BreachStanding? before,
        Obligation? obligation,
        (string Now, string Recorded)? owedBy = null
    )
    {
        var late = obligation?.State is ObligationState.Breached or ObligationState.MetLate;
        if (before is null)
        {
            if (!late)
            {
                return [];
            }
            var open = new BreachStanding(true, obligation!.Due, null);
            return EndOf(obligation) is { } ended
                ? [new BreachChange.Recorded(open), new BreachChange.Ended(open with { EndedOn = ended })]
                : [new BreachChange.Recorded(open)];
        }
        var now = late
            ? new BreachStanding(true, obligation!.Due, EndOf(obligation))
            : before with
            {
                Late = false,
                Due = obligation?.Due ?? before.Due,
                EndedOn = null,
            };
        if (now == before || (!late && !before.Late))
        {
            return [];
        }
        if (now.EndedOn is null || before.EndedOn is not null)
        {
            return [new BreachChange.Corrected(now, Reason(before, now, obligation, owedBy))];
        }
        // Whoever follows the messages hears of the end by itself, also where it became known together with a correction.
        var unended = now with
        {
            EndedOn = null,
        };
        var ending = new BreachChange.Ended(now);
        return unended == before ? [ending] : [new BreachChange.Corrected(unended, Reason(before, unended, obligation, owedBy)), ending];
    }

    private static DateOnly? EndOf(Obligation obligation) => obligation.DoneOn ?? obligation.EndedOn;

    private static string Reason(BreachStanding before, BreachStanding now, Obligation? obligation, (string Now, string Recorded)? owedBy)
    {
        if (obligation is null)
        {
            return owedBy is { } owed
                ? $"Owed by {owed.Now}, not by {owed.Recorded}."
                : "There is no such duty: facts it rested on were corrected or retracted.";
        }
        if (!now.Late)
        {
            return obligation.Ground is { } ground
                ? $"The limit does not bind: {ground}."
                : $"Not late: {obligation.State.ToWire()}, due {Day(obligation.Due)}{(obligation.DoneOn is { } done ? $", done {Day(done)}" : "")}.";
        }
        if (!before.Late)
        {
            return $"Late after all: due {Day(now.Due)}.";
        }
        if (now.Due != before.Due)
        {
            return $"Due {Day(now.Due)}, not {Day(before.Due)}.";
        }
        return now.EndedOn is { } ended ? $"Ended {Day(ended)}, not {Day(before.EndedOn!.Value)}." : "Not ended.";
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
