using System.Globalization;
using SendExchange.Aggregator.V1;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Reports;

public sealed partial class Reporting
{
    private const int AllDays = 1;
    private const int DaysPerCase = 2;
    private const int FirstHolder = 3;

    private static readonly FigureTable _days = new(
        "Days from request to outcome",
        [
            "cases",
            "days",
            "days_per_case",
            "days_deciding",
            "days_advice_health",
            "days_advice_social_care",
            "days_advice_other",
            "days_drafting",
            "days_family",
            "days_school",
            "days_closure",
            "days_dispute",
        ],
        (column, counts) =>
            column == DaysPerCase
                ? Math.Round((decimal)counts[AllDays] / Math.Max(1, counts[0]), 1, MidpointRounding.AwayFromZero)
                    .ToString("0.#", CultureInfo.InvariantCulture)
                : FigureTables.Number(counts[column])
    );

    /// <summary>
    /// Of the days from request to outcome, who held the cases: those whose outcome lies in the year, and, where
    /// <paramref name="day"/> does, those still open on it, up to it. The holders' days add up to <c>days</c>.
    /// </summary>
    /// <remarks>Read from the facts each time: an open case is a day older every day, which nobody writes down.</remarks>
    private async Task<GetFiguresResponse> Days(int year, Scope scope, DateOnly day, CancellationToken cancellationToken)
    {
        var counts = scope.Organisations.ToDictionary(o => o, _ => (Counts?)null, StringComparer.Ordinal);
        var unreadable = 0;
        await foreach (var known in CasesKnown.On(database, inForce, day, scope.Clause, scope.Organisations, logger, cancellationToken))
        {
            if (known.Facts is null)
            {
                unreadable++;
            }
            else if (known.Account() is { } ledger && ledger.To.Year == year)
            {
                var count = counts.GetValueOrDefault(known.Authority) ?? (counts[known.Authority] = new Counts(_days.Columns.Count));
                count.Add(0);
                count.Add(AllDays, ledger.Days);
                foreach (var entry in ledger.Entries)
                {
                    count.Add(ColumnOf(entry), entry.Days);
                }
            }
        }
        return Figured(_days, year, scope, counts, unreadable);
    }

    private static int ColumnOf(Statute.DaysHeld held) =>
        FirstHolder
        + held.Holder switch
        {
            Holder.Deciding => 0,
            Holder.Advice => OrganisationId.TryParse(held.Organisation ?? "", out var body, out _)
                ? body.Kind switch
                {
                    OrganisationKind.IntegratedCareBoard or OrganisationKind.ClinicalCommissioningGroup or OrganisationKind.Trust => 1,
                    OrganisationKind.SocialCare => 2,
                    _ => 3,
                }
                : 3,
            Holder.Drafting => 4,
            Holder.Family => 5,
            Holder.School => 6,
            Holder.Closure => 7,
            Holder.Dispute => 8,
            _ => throw new ArgumentOutOfRangeException(nameof(held), held.Holder, "Not a holder of a case."),
        };
}
