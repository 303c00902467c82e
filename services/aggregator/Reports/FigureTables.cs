using System.Globalization;
using SendExchange.Aggregator.V1;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Reports;

/// <summary>The running counts of one area, one number a column of its table.</summary>
internal sealed class Counts(int columns)
{
    private readonly int[] _numbers = new int[columns];

    /// <summary>Decisions in the denominator of a percentage that no printed count holds.</summary>
    public int Untimed { get; set; }

    public int this[int column] => _numbers[column];

    public void Add(int column, bool when = true) => _numbers[column] += when ? 1 : 0;

    public void Add(int column, int number) => _numbers[column] += number;

    public void Add(Counts other)
    {
        for (var i = 0; i < _numbers.Length; i++)
        {
            _numbers[i] += other[i];
        }
        Untimed += other.Untimed;
    }
}

/// <summary>A table: its columns after the area's.</summary>
/// <param name="Topic">breakdown_topic and breakdown.</param>
/// <param name="Columns">Their names.</param>
/// <param name="Cell">A column's cell: its count, or a percentage of others.</param>
internal record FigureTable(string Topic, IReadOnlyList<string> Columns, Func<int, Counts, string> Cell);

/// <summary>A table of DfE's, with its names, misspellings included.</summary>
/// <param name="Count">Counts one case of one year.</param>
internal sealed record DfeTable(
    string Topic,
    IReadOnlyList<string> Columns,
    Action<CaseOutline, int, Counts> Count,
    Func<int, Counts, string> Cell
) : FigureTable(Topic, Columns, Cell);

/// <summary>How each figure of DfE's "Education, health and care plans" tables is counted. The README's table says it in words.</summary>
internal static class FigureTables
{
    public static IReadOnlyList<string> AreaColumns { get; } =
    [
        "time_period",
        "time_identifier",
        "geographic_level",
        "country_code",
        "country_name",
        "region_code",
        "region_name",
        "new_la_code",
        "old_la_code",
        "la_name",
        "breakdown_topic",
        "breakdown",
    ];

    /// <summary>
    /// Plans finalised in the year, by days from D0. Plans that followed a tribunal order or mediation agreement ran
    /// another clock and are left out. A plan without a recorded start is in the denominator and in no band. The _ex
    /// columns leave out cases with an exception.
    /// </summary>
    public static DfeTable Timeliness { get; } =
        new(
            "All EHC plans issued",
            [
                "plans_issued_den",
                "plans_issued_den_ex",
                "plans_issued_within_20_weeks",
                "plans_issued_20_weeks_ex",
                "pc_plans_issued_within_20_weeks",
                "PC_plans_issued_20_weeks_ex",
                "plans_issued_gt20weeks_ltYear",
                "plans_issued_gt20weeks_ltYear_ex",
                "pc_plans_issued_gt20weeks_ltYear",
                "PC_plans_issued_gt20weeks_ltYear_ex",
                "plans_issued_gt_1_year",
                "plans_issued_gt_1_year_ex",
                "pc_plans_issued_gt_1_year",
                "PC_plans_issued_gt_1_year_ex",
            ],
            (o, year, counts) =>
            {
                if (o.PlanFinalisedOn is not { } plan || plan.Year != year || o.PlanFollowedOrder)
                {
                    return;
                }
                int? band = Days(o.StartOn, plan) switch
                {
                    null => null,
                    <= Sen2.TwentyWeeks => 2,
                    <= Sen2.OneYear => 6,
                    _ => 10,
                };
                counts.Add(0);
                counts.Add(1, when: !o.ExceptionOnPlan);
                if (band is { } column)
                {
                    counts.Add(column);
                    counts.Add(column + 1, when: !o.ExceptionOnPlan);
                }
            },
            (column, counts) =>
                column switch
                {
                    4 or 5 or 8 or 9 or 12 or 13 => Percent(counts[column - 2], counts[column % 2]),
                    _ => Number(counts[column]),
                }
        );

    /// <summary>
    /// Requests received in the year with their outcome as at SEN2's census day; decisions notified in the year by days from
    /// D0, whenever the request came. A decision whose start is not recorded counts in the percentages' denominator only.
    /// </summary>
    public static DfeTable Requests { get; } =
        new(
            "All requests for EHC needs assessments",
            [
                "requests_received_in_year",
                "requests_rya",
                "requests_decided_to_assess",
                "requests_decided_not_to_assess",
                "requests_decision_not_made",
                "requests_withdrawn",
                "request_assess_pc",
                "request_not_assess_pc",
                "request_outstanding_pc",
                "request_withdrawn_pc",
                "request_outcome_six_weeks",
                "request_outcome_over_6_weeks",
                "request_outcome_six_weeks_pc",
                "request_outcome_over_6_weeks_pc",
                "mediation_related_request",
                "tribunal_related_request",
                "tribunal_after_mediation_request",
            ],
            (o, year, counts) =>
            {
                if (o.RequestReceivedOn?.Year == year)
                {
                    var census = Sen2.CensusDay(year);
                    counts.Add(0);
                    counts.Add(1, when: o.Detained);
                    counts.Add(
                        o.DecisionOn <= census ? (o.DecisionOutcome == AssessmentDecision.Assess ? 2 : 3)
                        : o.WithdrawnOn <= census ? 5
                        : 4
                    );
                }
                if (o.DecisionOn is { } decision && decision.Year == year)
                {
                    switch (Days(o.StartOn, decision))
                    {
                        case null:
                            counts.Untimed++;
                            break;
                        case <= Sen2.SixWeeks:
                            counts.Add(10);
                            break;
                        default:
                            counts.Add(11);
                            break;
                    }
                }
                CountDisputes(counts, 14, year, o.AssessMediation, o.AssessTribunal);
            },
            (column, counts) =>
                column switch
                {
                    >= 6 and <= 9 => Percent(counts[column - 4], counts[0]),
                    12 or 13 => Percent(counts[column - 2], counts[10] + counts[11] + counts.Untimed),
                    _ => Number(counts[column]),
                }
        );

    /// <summary>
    /// Assessments that ended in the year: plan finalised, family told of no plan, withdrawn; and "not made": advice was
    /// complete in the year, yet by census day there is no draft, plan, notice or withdrawal.
    /// </summary>
    public static DfeTable Assessments { get; } =
        new(
            "All EHC needs assessments",
            [
                "assess_in_year",
                "assess_issued",
                "assess_issued_pc",
                "assess_not_issued",
                "assess_not_issued_pc",
                "assess_not_made",
                "assess_not_made_pc",
                "assess_withdrawn",
                "assess_withdrawn_pc",
                "outcome_decision_within_time",
                "outcome_decision_over_time",
                "outcome_decision_within_time_pc",
                "outcome_decision_over_time_pc",
                "number_assess_mediation",
                "number_assess_tribunal",
                "number_asssess_mediation_tribunal",
                "number_other_mediation",
                "number_other_tribunal",
                "number_other_mediation_tribunal",
            ],
            (o, year, counts) =>
            {
                if (AssessmentEnd(o, year) is { } column)
                {
                    counts.Add(0);
                    counts.Add(column);
                    if (column == 3 && Days(o.StartOn, o.NoPlanOn!.Value) is { } days)
                    {
                        counts.Add(days <= Sen2.SixteenWeeks ? 9 : 10);
                    }
                }
                CountDisputes(counts, 13, year, o.PlanMediation, o.PlanTribunal);
                CountDisputes(counts, 16, year, o.OtherMediation, o.OtherTribunal);
            },
            (column, counts) =>
                column switch
                {
                    2 or 4 or 6 or 8 => Percent(counts[column - 1], counts[0]),
                    11 or 12 => Percent(counts[column - 2], counts[9] + counts[10]),
                    _ => Number(counts[column]),
                }
        );

    /// <summary>England, regions, then authorities by number.</summary>
    /// <param name="counts">By organisation (la:350); null where nothing is known of an authority.</param>
    public static IEnumerable<FiguresRow> Rows(FigureTable table, int year, IReadOnlyDictionary<string, Counts?> counts, bool withTotals)
    {
        var authorities = counts
            .Select(c => (Authority: LocalAuthorities.Find(OrganisationId.LocalAuthorityNumber(c.Key) ?? ""), Counts: c.Value))
            .Where(c => c.Authority is not null)
            .OrderBy(c => c.Authority!.Number, StringComparer.Ordinal)
            .ToList();
        if (withTotals && authorities.Count > 0)
        {
            yield return Row(["National", .. England, "", "", "", "", ""], Sum(authorities.Select(a => a.Counts)));
            foreach (var region in authorities.GroupBy(a => a.Authority!.Region).OrderBy(r => r.Key.Code, StringComparer.Ordinal))
            {
                yield return Row(["Regional", .. England, region.Key.Code, region.Key.Name, "", "", ""], Sum(region.Select(a => a.Counts)));
            }
        }
        foreach (var (authority, count) in authorities)
        {
            var (code, name) = authority!.Region;
            yield return Row(["Local authority", .. England, code, name, authority.Gss, authority.Number, authority.Name], count);
        }

        Counts Sum(IEnumerable<Counts?> parts)
        {
            var sum = new Counts(table.Columns.Count);
            foreach (var part in parts)
            {
                sum.Add(part!);
            }
            return sum;
        }

        FiguresRow Row(IEnumerable<string> area, Counts? count)
        {
            var row = new FiguresRow();
            row.Cells.Add(year.ToString(CultureInfo.InvariantCulture));
            row.Cells.Add("Calendar year");
            row.Cells.AddRange(area);
            row.Cells.Add(table.Topic);
            row.Cells.Add(table.Topic);
            row.Cells.AddRange(table.Columns.Select((_, column) => count is null ? NotAvailable : table.Cell(column, count)));
            return row;
        }
    }

    private const string NotAvailable = "x";
    private static IReadOnlyList<string> England { get; } = ["E92000001", "England"];

    private static int? AssessmentEnd(CaseOutline o, int year)
    {
        var census = Sen2.CensusDay(year);
        if (o.PlanFinalisedOn?.Year == year)
        {
            return 1;
        }
        if (o.NoPlanOn?.Year == year)
        {
            return 3;
        }
        if (o.DecisionOutcome != AssessmentDecision.Assess || o.PlanFinalisedOn <= census || o.NoPlanOn <= census)
        {
            return null;
        }
        if (o.WithdrawnOn is { } withdrawn && withdrawn <= census)
        {
            return withdrawn.Year == year && o.DecisionOn <= withdrawn ? 7 : null;
        }
        return o.AdviceCompleteOn?.Year == year && !(o.DraftPlanOn <= census) ? 5 : null;
    }

    /// <summary>Mediation, tribunal, and both, each dated in the year; who is in "both" is in each.</summary>
    private static void CountDisputes(
        Counts counts,
        int column,
        int year,
        IReadOnlyList<DateOnly> mediation,
        IReadOnlyList<DateOnly> tribunal
    )
    {
        var mediated = mediation.Any(day => day.Year == year);
        var appealed = tribunal.Any(day => day.Year == year);
        counts.Add(column, when: mediated);
        counts.Add(column + 1, when: appealed);
        counts.Add(column + 2, when: mediated && appealed);
    }

    private static int? Days(DateOnly? start, DateOnly end) => start is { } s ? end.DayNumber - s.DayNumber : null;

    internal static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);

    /// <summary>One decimal, half up, without trailing zeros, as DfE prints it; 'x' where there is nothing to divide by.</summary>
    private static string Percent(int part, int whole) =>
        whole == 0
            ? NotAvailable
            : Math.Round(100m * part / whole, 1, MidpointRounding.AwayFromZero).ToString("0.#", CultureInfo.InvariantCulture);
}
