using SendExchange.Education.V1;

namespace SendExchange.Sendx;

/// <summary>The days of one simulated case, before they become facts. What is null did not happen.</summary>
/// <remarks>Days are <see cref="DateOnly.DayNumber"/>, so that they can be added and compared without ceremony.</remarks>
internal sealed class SimulatedCase
{
    public int? Received { get; init; }
    public bool Detained { get; set; }
    public int? Decided { get; init; }

    /// <summary>What was decided first; an order or agreement about assessing turns a refusal round.</summary>
    public bool Assess { get; init; }
    public List<SimulatedOrder> Orders { get; } = [];

    /// <summary>The decision to assess after an order or agreement.</summary>
    public int? DecidedAgain { get; set; }

    /// <summary>False: who was asked for what, years ago, is not on record.</summary>
    public bool AdviceKnown { get; init; } = true;

    /// <summary>The last day on which advice comes in.</summary>
    public int AdviceBy { get; set; } = SimulatedFacts.Open;

    /// <summary>The last advice comes in on this day or later, or not at all.</summary>
    public int? AdviceNotCompleteBefore { get; set; }
    public int? NoPlan { get; set; }
    public int? Draft { get; set; }
    public int? Plan { get; set; }
    public int? Withdrawn { get; init; }

    /// <summary>The plan comes with an exception that holds.</summary>
    public bool Excepted { get; init; }

    /// <summary>What an order or agreement about an existing plan asks for was done.</summary>
    public int? Amended { get; set; }

    public int FirstDay => Received ?? Decided ?? 0;
}

/// <summary>An order, unopposed appeal or mediation agreement: exactly one of the two issues is set.</summary>
internal sealed record SimulatedOrder(int Day, MediationIssue Mediation, AppealIssue Tribunal, bool Unopposed = false)
{
    public static SimulatedOrder Agreed(int day, MediationIssue issue) => new(day, issue, AppealIssue.Unspecified);

    public static SimulatedOrder Ordered(int day, AppealIssue issue, bool unopposed) =>
        new(day, MediationIssue.Unspecified, issue, unopposed);
}
