using System.Globalization;
using SendExchange.Statute;
using Wire = SendExchange.Aggregator.V1;

namespace SendExchange.Aggregator.Reports;

/// <summary>A ledger of days fresh from the law, as it travels and as <c>sendx explain</c> prints it.</summary>
public static class DaysOnTheWire
{
    public static Wire.DaysLedger Of(DaysLedger ledger)
    {
        var days = new Wire.DaysLedger
        {
            From = Text(ledger.From),
            To = Text(ledger.To),
            Days = ledger.Days,
        };
        days.Held.AddRange(
            ledger.Entries.Select(e => new Wire.DaysHeld
            {
                Holder = e.Holder.ToString().ToUpperInvariant(),
                Organisation = e.Organisation ?? "",
                AdviceId = e.AdviceId ?? "",
                Days = e.Days,
            })
        );
        return days;
    }

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
