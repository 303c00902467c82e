using System.Globalization;
using System.Text;

namespace SendExchange.Sendx;

/// <summary>One authority's calendar year as DfE publishes it: the counts that a year of facts has to add up to.</summary>
/// <remarks>
/// Percentages and totals follow from the counts, with one exception: DfE's two six-week percentages are over all decisions of
/// the year, and in some rows more decisions were in that number than the two counts show (see <see cref="DecidedWithoutStart"/>).
/// How each column is counted from facts is told in <c>SimulateYear</c>.
/// </remarks>
internal sealed record AuthorityFigures
{
    public required int Year { get; init; }

    /// <summary>DfE number.</summary>
    public required string Authority { get; init; }

    // Requests received in the year, by what had become of them on census day.
    public required int Detained { get; init; }
    public required int DecidedToAssess { get; init; }
    public required int Refused { get; init; }
    public required int Undecided { get; init; }
    public required int Withdrawn { get; init; }

    // Decisions notified in the year.
    public required int WithinSixWeeks { get; init; }
    public required int OverSixWeeks { get; init; }

    /// <summary>Decisions of the year whose start is not recorded: the fewest that explain the published percentages.</summary>
    public required int DecidedWithoutStart { get; init; }

    public required Appeals AboutAssessing { get; init; }

    // Assessments that came to something in the year.
    public required int PlansIssued { get; init; }
    public required int PlansRefused { get; init; }
    public required int NotMade { get; init; }
    public required int WithdrawnInAssessment { get; init; }
    public required int NoPlanInTime { get; init; }
    public required int NoPlanLate { get; init; }
    public required Appeals AboutMakingAPlan { get; init; }
    public required Appeals AboutOther { get; init; }

    // Plans in the 20-week measure.
    public required int Measured { get; init; }
    public required int MeasuredWithoutExceptions { get; init; }
    public required Band WithinTwentyWeeks { get; init; }
    public required Band WithinYear { get; init; }
    public required Band OverYear { get; init; }

    public int Received => DecidedToAssess + Refused + Undecided + Withdrawn;
    public int NoPlanWithoutStart => PlansRefused - NoPlanInTime - NoPlanLate;
    public int PlansAfterOrder => PlansIssued - Measured;
    public int MeasuredWithoutStart => Measured - WithinTwentyWeeks.All - WithinYear.All - OverYear.All;
    public int MeasuredWithoutStartOrException =>
        MeasuredWithoutExceptions - WithinTwentyWeeks.WithoutExceptions - WithinYear.WithoutExceptions - OverYear.WithoutExceptions;

    /// <summary>Mediation agreements, tribunal orders, and cases with both, each case once in each.</summary>
    public readonly record struct Appeals(int Mediation, int Tribunal, int Both)
    {
        public int Cases => Mediation + Tribunal - Both;
    }

    /// <summary>Plans of one length of time, all and without those with an exception.</summary>
    public readonly record struct Band(int All, int WithoutExceptions);
}

/// <summary>DfE's published figures by authority and year, from DfE's own files or from the table kept beside this file.</summary>
internal sealed class PublishedFigures
{
    // Our name, DfE's name. DfE's files are told apart by the first column of each group; the order is that of figures.csv.
    private static readonly (string Name, string Dfe)[] _requestColumns =
    [
        ("received", "requests_received_in_year"),
        ("detained", "requests_rya"),
        ("assess", "requests_decided_to_assess"),
        ("refuse", "requests_decided_not_to_assess"),
        ("undecided", "requests_decision_not_made"),
        ("withdrawn", "requests_withdrawn"),
        ("six_weeks", "request_outcome_six_weeks"),
        ("over_six_weeks", "request_outcome_over_6_weeks"),
        ("assess_mediation", "mediation_related_request"),
        ("assess_tribunal", "tribunal_related_request"),
        ("assess_both", "tribunal_after_mediation_request"),
    ];
    private static readonly (string Name, string Dfe)[] _assessmentColumns =
    [
        ("assessments", "assess_in_year"),
        ("plans", "assess_issued"),
        ("no_plans", "assess_not_issued"),
        ("not_made", "assess_not_made"),
        ("dropped", "assess_withdrawn"),
        ("no_plan_in_time", "outcome_decision_within_time"),
        ("no_plan_late", "outcome_decision_over_time"),
        ("plan_mediation", "number_assess_mediation"),
        ("plan_tribunal", "number_assess_tribunal"),
        ("plan_both", "number_asssess_mediation_tribunal"),
        ("other_mediation", "number_other_mediation"),
        ("other_tribunal", "number_other_tribunal"),
        ("other_both", "number_other_mediation_tribunal"),
    ];
    private static readonly (string Name, string Dfe)[] _timelinessColumns =
    [
        ("measured", "plans_issued_den"),
        ("measured_ex", "plans_issued_den_ex"),
        ("weeks20", "plans_issued_within_20_weeks"),
        ("weeks20_ex", "plans_issued_20_weeks_ex"),
        ("to_year", "plans_issued_gt20weeks_ltYear"),
        ("to_year_ex", "plans_issued_gt20weeks_ltYear_ex"),
        ("over_year", "plans_issued_gt_1_year"),
        ("over_year_ex", "plans_issued_gt_1_year_ex"),
    ];

    // DfE's percentage, and the counts it is of. The six-week percentages have a denominator of their own.
    private static readonly (string Percentage, string Part, string Whole)[] _percentages =
    [
        ("request_assess_pc", "requests_decided_to_assess", "requests_received_in_year"),
        ("request_not_assess_pc", "requests_decided_not_to_assess", "requests_received_in_year"),
        ("request_outstanding_pc", "requests_decision_not_made", "requests_received_in_year"),
        ("request_withdrawn_pc", "requests_withdrawn", "requests_received_in_year"),
        ("assess_issued_pc", "assess_issued", "assess_in_year"),
        ("assess_not_issued_pc", "assess_not_issued", "assess_in_year"),
        ("assess_not_made_pc", "assess_not_made", "assess_in_year"),
        ("assess_withdrawn_pc", "assess_withdrawn", "assess_in_year"),
        ("pc_plans_issued_within_20_weeks", "plans_issued_within_20_weeks", "plans_issued_den"),
        ("PC_plans_issued_20_weeks_ex", "plans_issued_20_weeks_ex", "plans_issued_den_ex"),
        ("pc_plans_issued_gt20weeks_ltYear", "plans_issued_gt20weeks_ltYear", "plans_issued_den"),
        ("PC_plans_issued_gt20weeks_ltYear_ex", "plans_issued_gt20weeks_ltYear_ex", "plans_issued_den_ex"),
        ("pc_plans_issued_gt_1_year", "plans_issued_gt_1_year", "plans_issued_den"),
        ("PC_plans_issued_gt_1_year_ex", "plans_issued_gt_1_year_ex", "plans_issued_den_ex"),
    ];
    private const string SixWeeksPercentage = "request_outcome_six_weeks_pc";
    private const string OverSixWeeksPercentage = "request_outcome_over_6_weeks_pc";
    private const string NoPlanInTimePercentage = "outcome_decision_within_time_pc";
    private const string NoPlanLatePercentage = "outcome_decision_over_time_pc";

    /// <summary>More unexplained decisions than this in one authority and we stop looking.</summary>
    private const int MostDecisionsWithoutStart = 1_000;

    private readonly Dictionary<(int Year, string Authority), Dictionary<string, string>> _rows = [];
    private readonly HashSet<string> _files = [];

    private PublishedFigures() { }

    /// <summary>The table kept beside this file.</summary>
    public static PublishedFigures Embedded()
    {
        var figures = new PublishedFigures();
        using var stream = typeof(PublishedFigures).Assembly.GetManifestResourceStream("figures.csv")!;
        using var reader = new StreamReader(stream);
        figures.Read(
            reader,
            [
                .. _requestColumns,
                .. _assessmentColumns,
                .. _timelinessColumns,
                ("six_weeks_pc", SixWeeksPercentage),
                ("over_six_weeks_pc", OverSixWeeksPercentage),
            ]
        );
        return figures;
    }

    /// <summary>DfE's timeliness, requests and assessments files, in any order, told apart by their headers.</summary>
    /// <exception cref="InvalidDataException">A file is none of the three, or one of the three is missing. The message is for the user.</exception>
    public static PublishedFigures FromDfe(IEnumerable<string> paths)
    {
        var figures = new PublishedFigures();
        foreach (var path in paths)
        {
            using var reader = new StreamReader(path);
            figures.ReadDfe(reader, Path.GetFileName(path));
        }
        if (new[] { "timeliness", "requests", "assessments" }.Except(figures._files).ToList() is { Count: > 0 } missing)
        {
            throw new InvalidDataException($"--figures needs DfE's three files; missing: {string.Join(", ", missing)}.");
        }
        return figures;
    }

    /// <summary>DfE numbers that have a row for the year, in order.</summary>
    public IReadOnlyList<string> Authorities(int year) =>
        [.. _rows.Keys.Where(key => key.Year == year).Select(key => key.Authority).Order(StringComparer.Ordinal)];

    public IReadOnlyList<int> Years => [.. _rows.Keys.Select(key => key.Year).Distinct().Order()];

    /// <summary>The row as counts, if it is whole and free of contradictions.</summary>
    /// <param name="problem">Why not, for the user.</param>
    public AuthorityFigures? Find(int year, string authority, out string? problem)
    {
        if (!_rows.TryGetValue((year, authority), out var cells))
        {
            problem = $"no figures for authority {authority} in {year}";
            return null;
        }
        var counts = new Dictionary<string, int>();
        var unknown = new List<string>();
        foreach (var (_, dfe) in _requestColumns.Concat(_assessmentColumns).Concat(_timelinessColumns))
        {
            var cell = cells.GetValueOrDefault(dfe, "no row");
            if (int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                counts[dfe] = count;
            }
            else
            {
                unknown.Add($"{dfe} is '{cell}'");
            }
        }
        if (unknown.Count > 0)
        {
            var others = unknown.Count > 1 ? $" and {unknown.Count - 1} more like it" : "";
            problem = $"the published row of {authority} in {year} is not whole: {unknown[0]}{others}";
            return null;
        }
        var contradictions = Contradictions(cells, counts, out var withoutStart);
        if (contradictions.Count > 0)
        {
            problem = $"the published row of {authority} in {year} contradicts itself: {string.Join("; ", contradictions)}";
            return null;
        }
        problem = null;
        return new AuthorityFigures
        {
            Year = year,
            Authority = authority,
            Detained = counts["requests_rya"],
            DecidedToAssess = counts["requests_decided_to_assess"],
            Refused = counts["requests_decided_not_to_assess"],
            Undecided = counts["requests_decision_not_made"],
            Withdrawn = counts["requests_withdrawn"],
            WithinSixWeeks = counts["request_outcome_six_weeks"],
            OverSixWeeks = counts["request_outcome_over_6_weeks"],
            DecidedWithoutStart = withoutStart,
            AboutAssessing = Appeals("mediation_related_request", "tribunal_related_request", "tribunal_after_mediation_request"),
            PlansIssued = counts["assess_issued"],
            PlansRefused = counts["assess_not_issued"],
            NotMade = counts["assess_not_made"],
            WithdrawnInAssessment = counts["assess_withdrawn"],
            NoPlanInTime = counts["outcome_decision_within_time"],
            NoPlanLate = counts["outcome_decision_over_time"],
            AboutMakingAPlan = Appeals("number_assess_mediation", "number_assess_tribunal", "number_asssess_mediation_tribunal"),
            AboutOther = Appeals("number_other_mediation", "number_other_tribunal", "number_other_mediation_tribunal"),
            Measured = counts["plans_issued_den"],
            MeasuredWithoutExceptions = counts["plans_issued_den_ex"],
            WithinTwentyWeeks = Band("plans_issued_within_20_weeks", "plans_issued_20_weeks_ex"),
            WithinYear = Band("plans_issued_gt20weeks_ltYear", "plans_issued_gt20weeks_ltYear_ex"),
            OverYear = Band("plans_issued_gt_1_year", "plans_issued_gt_1_year_ex"),
        };

        AuthorityFigures.Appeals Appeals(string mediation, string tribunal, string both) =>
            new(counts[mediation], counts[tribunal], counts[both]);
        AuthorityFigures.Band Band(string all, string withoutExceptions) => new(counts[all], counts[withoutExceptions]);
    }

    /// <summary>As DfE prints a percentage: one decimal, half up, no trailing zero; x of nothing.</summary>
    internal static string Percentage(int part, int whole)
    {
        if (whole == 0)
        {
            return "x";
        }
        var tenths = (2000L * part + whole) / (2L * whole);
        return tenths % 10 == 0
            ? (tenths / 10).ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{tenths / 10}.{tenths % 10}");
    }

    /// <summary>What no set of cases could add up to.</summary>
    private static List<string> Contradictions(Dictionary<string, string> cells, Dictionary<string, int> counts, out int withoutStart)
    {
        var found = new List<string>();
        Sum("requests_received_in_year", _requestColumns[2..6]);
        Sum("assess_in_year", _assessmentColumns[1..5]);
        AtMost("requests_rya", "requests_received_in_year");
        AtMost("plans_issued_den", "assess_issued");
        foreach (var (_, dfe) in _timelinessColumns.Where(column => column.Name.EndsWith("_ex", StringComparison.Ordinal)))
        {
            AtMost(dfe, _timelinessColumns.Single(column => dfe == Excepted(column.Dfe)).Dfe);
        }
        string[] bands = ["plans_issued_within_20_weeks", "plans_issued_gt20weeks_ltYear", "plans_issued_gt_1_year"];
        var outside = counts["plans_issued_den"] - bands.Sum(band => counts[band]);
        var outsideEx = counts["plans_issued_den_ex"] - bands.Sum(band => counts[Excepted(band)]);
        if (outside < 0 || outsideEx < 0 || outsideEx > outside)
        {
            found.Add($"its bands leave {outside} plans without a start, {outsideEx} of them without an exception");
        }
        var (inTime, late) = (counts["outcome_decision_within_time"], counts["outcome_decision_over_time"]);
        if (inTime + late > counts["assess_not_issued"])
        {
            found.Add("more no-plan notices in and out of time than there were");
        }
        foreach (var columns in new[] { _requestColumns[8..11], _assessmentColumns[7..10], _assessmentColumns[10..13] })
        {
            AtMost(columns[2].Dfe, columns[0].Dfe);
            AtMost(columns[2].Dfe, columns[1].Dfe);
        }
        foreach (var (percentage, part, whole) in _percentages)
        {
            if (cells.TryGetValue(percentage, out var published) && published != Percentage(counts[part], counts[whole]))
            {
                found.Add(
                    $"{percentage} is {published}, but {counts[part]} of {counts[whole]} is {Percentage(counts[part], counts[whole])}"
                );
            }
        }
        foreach (var (percentage, part) in new[] { (NoPlanInTimePercentage, inTime), (NoPlanLatePercentage, late) })
        {
            if (cells.TryGetValue(percentage, out var published) && published != Percentage(part, inTime + late))
            {
                found.Add($"{percentage} is {published}, but {part} of {inTime + late} is {Percentage(part, inTime + late)}");
            }
        }
        withoutStart = DecisionsWithoutStart(cells, counts);
        if (withoutStart < 0)
        {
            found.Add(
                $"no number of decisions makes {SixWeeksPercentage} {cells[SixWeeksPercentage]} and the other {cells[OverSixWeeksPercentage]}"
            );
        }
        return found;

        void Sum(string whole, (string Name, string Dfe)[] parts)
        {
            var sum = parts.Sum(part => counts[part.Dfe]);
            if (sum != counts[whole])
            {
                found.Add($"{whole} is {counts[whole]}, but its parts add up to {sum}");
            }
        }
        void AtMost(string part, string whole)
        {
            if (counts[part] > counts[whole])
            {
                found.Add($"{part} is {counts[part]}, more than {whole} {counts[whole]}");
            }
        }
    }

    /// <summary>The smallest number of decisions besides the two counts that gives both published percentages; -1 when none does.</summary>
    private static int DecisionsWithoutStart(Dictionary<string, string> cells, Dictionary<string, int> counts)
    {
        var (within, over) = (counts["request_outcome_six_weeks"], counts["request_outcome_over_6_weeks"]);
        var withinPercentage = cells.GetValueOrDefault(SixWeeksPercentage, "");
        var overPercentage = cells.GetValueOrDefault(OverSixWeeksPercentage, "");
        if (withinPercentage.Length == 0)
        {
            return 0;
        }
        for (var more = 0; more <= MostDecisionsWithoutStart; more++)
        {
            var all = within + over + more;
            if (Percentage(within, all) == withinPercentage && Percentage(over, all) == overPercentage)
            {
                return more;
            }
        }
        return -1;
    }

    private static string Excepted(string column) => column == "plans_issued_within_20_weeks" ? "plans_issued_20_weeks_ex" : $"{column}_ex";

    internal void ReadDfe(TextReader reader, string name)
    {
        var header = reader.ReadLine() is { } first ? Cells(first) : throw new InvalidDataException($"{name} is empty.");
        var (kind, columns) =
            header.Contains("plans_issued_den") ? ("timeliness", _timelinessColumns)
            : header.Contains("requests_received_in_year") ? ("requests", _requestColumns)
            : header.Contains("assess_in_year") ? ("assessments", _assessmentColumns)
            : throw new InvalidDataException(
                $"{name} is none of DfE's timeliness, requests and assessments files: its header has none of their columns."
            );
        _files.Add(kind);
        string[] counts = [.. columns.Select(column => column.Dfe)];
        if (counts.Concat(["time_period", "geographic_level", "old_la_code"]).Except(header).ToList() is { Count: > 0 } missing)
        {
            throw new InvalidDataException($"{name}, read as DfE's {kind} file, lacks {string.Join(", ", missing)}.");
        }
        string[] percentages =
        [
            .. _percentages.Select(x => x.Percentage),
            SixWeeksPercentage,
            OverSixWeeksPercentage,
            NoPlanInTimePercentage,
            NoPlanLatePercentage,
        ];
        var taken = counts.Concat(percentages.Intersect(header)).Select(column => (column, header.IndexOf(column))).ToList();
        var (year, level, code) = (header.IndexOf("time_period"), header.IndexOf("geographic_level"), header.IndexOf("old_la_code"));
        for (var line = 2; reader.ReadLine() is { } text; line++)
        {
            var cells = Cells(text);
            if (cells.Count != header.Count)
            {
                throw new InvalidDataException($"{name}:{line}: {cells.Count} cells under a header of {header.Count}.");
            }
            if (cells[level] == "Local authority" && cells[code].Length > 0)
            {
                var row = Row(cells[year], cells[code]);
                foreach (var (column, index) in taken)
                {
                    row[column] = cells[index];
                }
            }
        }
    }

    private void Read(TextReader reader, (string Name, string Dfe)[] columns)
    {
        List<string>? header = null;
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                continue;
            }
            var cells = Cells(line);
            if (header is null)
            {
                header = cells;
                continue;
            }
            var row = Row(cells[header.IndexOf("year")], cells[header.IndexOf("authority")]);
            foreach (var (name, dfe) in columns)
            {
                if (cells[header.IndexOf(name)] is { Length: > 0 } cell)
                {
                    row[dfe] = cell;
                }
            }
        }
    }

    /// <summary>The cells of a line of CSV; a quoted cell may hold commas and doubled quotes. A byte order mark is dropped.</summary>
    private static List<string> Cells(string line)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        for (var i = line.StartsWith('\uFEFF') ? 1 : 0; i < line.Length; i++)
        {
            if (line[i] == '"')
            {
                if (quoted && i + 1 < line.Length && line[i + 1] == '"')
                {
                    cell.Append(line[++i]);
                }
                else
                {
                    quoted = !quoted;
                }
            }
            else if (line[i] == ',' && !quoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else
            {
                cell.Append(line[i]);
            }
        }
        cells.Add(cell.ToString());
        return cells;
    }

    private Dictionary<string, string> Row(string year, string authority)
    {
        var key = (int.Parse(year, NumberStyles.None, CultureInfo.InvariantCulture), authority);
        if (!_rows.TryGetValue(key, out var row))
        {
            _rows.Add(key, row = []);
        }
        return row;
    }
}
