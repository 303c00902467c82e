using System.Globalization;
using SendExchange.Aggregator.Clock;
using SendExchange.Statute;
using Wire = SendExchange.Aggregator.V1;

namespace SendExchange.Aggregator.Reports;

/// <summary>An obligation fresh from the law, as it travels and as <c>sendx explain</c> prints it.</summary>
public static class ObligationOnTheWire
{
    public static Wire.Obligation Of(Obligation o)
    {
        var obligation = new Wire.Obligation
        {
            Authority = o.Authority,
            CaseId = o.CaseId,
            Obligation_ = o.Code,
            AdviceId = o.AdviceId ?? "",
            Obligor = o.Obligor,
            Rule = o.Rule,
            RulePack = o.RulePack,
            Start = Text(o.Start),
            Target = Text(o.Target),
            Due = Text(o.Due),
            BreachAt = o.BreachAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            State = o.State.ToWire(),
            DoneOn = o.DoneOn is { } done ? Text(done) : "",
            DaysLate = o.DaysLate,
            Ground = o.Ground ?? "",
            GroundRejected = o.GroundRejected ?? "",
            Occasion = ObligationKey.Of(o).Occasion,
        };
        obligation.Basis.AddRange(o.Basis);
        return obligation;
    }

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
