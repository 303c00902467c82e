using SendExchange.Statute;

namespace SendExchange.Aggregator.Clock;

/// <summary>What tells an obligation from the others of its case. Together with who owes it, it tells one breach from another.</summary>
/// <param name="Code">Wire code.</param>
/// <param name="AdviceId">Empty for a duty that rests on no request for advice.</param>
/// <param name="Occasion">Empty for a duty that arises once in a case.</param>
internal readonly record struct ObligationKey(string Code, string AdviceId, string Occasion)
{
    public static ObligationKey Of(Obligation o) => new(o.Code, o.AdviceId ?? "", o.Occasion ?? "");
}
