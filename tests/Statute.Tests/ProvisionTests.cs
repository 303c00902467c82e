using System.Text.RegularExpressions;
using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

/// <summary>The tables against the law page.</summary>
public class ProvisionTests
{
    public static TheoryData<string, string, int, LimitUnit, string> Limits =>
        new()
        {
            { "decide_to_assess", "SEND Regulations 2014, reg 5(1)", 6, LimitUnit.Weeks, "2014-09-01" },
            { "give_advice", "SEND Regulations 2014, reg 8(1)", 6, LimitUnit.Weeks, "2014-09-01" },
            { "notify_no_plan", "SEND Regulations 2014, reg 10(1)", 16, LimitUnit.Weeks, "2014-09-01" },
            { "allow_representations", "SEND Regulations 2014, reg 13(1)(a)", 15, LimitUnit.DaysBeginningWith, "2014-09-01" },
            { "finalise_plan", "SEND Regulations 2014, reg 13(2)", 20, LimitUnit.Weeks, "2014-09-01" },
            { "finalise_plan", "SI 2015/62 reg 13(2)", 20, LimitUnit.Weeks, "2015-04-01" },
        };

    [Theory]
    [MemberData(nameof(Limits))]
    public void Each_limit_is_what_the_Regulations_say(string obligation, string citation, int length, LimitUnit unit, string inForce)
    {
        var provision = Assert.Single(Provisions.All, p => p.Citation == citation);

        Assert.Equal(
            (obligation, new TimeLimit(length, unit), Day(inForce)),
            (provision.Obligation, provision.Limit, provision.InForceFrom)
        );
        Assert.StartsWith("https://www.legislation.gov.uk/uksi/201", provision.Url, StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_no_other_limits() => Assert.Equal(Limits.Count, Provisions.All.Count);

    // Rows: grounds A to F. Columns: reg 5(4), 8(2), 10(4), 13(3), SI 2015/62. "-": the ground does not reach the limit.
    [Theory]
    [InlineData(
        ExceptionGround.SchoolClosure,
        "reg 5(4)(a)",
        "-",
        "reg 10(4)(a)",
        "reg 13(3) with reg 10(4)(a)",
        "SI 2015/62 reg 10(4)(a)"
    )]
    [InlineData(
        ExceptionGround.EarlyYearsClosure,
        "reg 5(4)(b)",
        "-",
        "reg 10(4)(b)",
        "reg 13(3) with reg 10(4)(b)",
        "SI 2015/62 reg 10(4)(b)"
    )]
    [InlineData(
        ExceptionGround.ExceptionalCircumstances,
        "reg 5(4)(c)",
        "reg 8(2)(a)",
        "reg 10(4)(c)",
        "reg 13(3) with reg 10(4)(c)",
        "SI 2015/62 reg 10(4)(c)"
    )]
    [InlineData(ExceptionGround.AbsentFromArea, "reg 5(4)(d)", "reg 8(2)(b)", "reg 10(4)(d)", "reg 13(3) with reg 10(4)(d)", "-")]
    [InlineData(ExceptionGround.MissedAppointment, "-", "reg 8(2)(c)", "-", "-", "-")]
    [InlineData(
        ExceptionGround.Coronavirus,
        "reg 5(4) as modified by SI 2020/471",
        "reg 8(2) as modified by SI 2020/471",
        "reg 10(4) as modified by SI 2020/471",
        "reg 13(3) as modified by SI 2020/471",
        "SI 2015/62 reg 10(4) as modified by SI 2020/471"
    )]
    public void Each_ground_reaches_the_limits_that_its_paragraphs_name(
        ExceptionGround ground,
        string decision,
        string advice,
        string noPlan,
        string plan,
        string detained
    )
    {
        Provision[] provisions =
        [
            Provisions.DecideToAssess,
            Provisions.GiveAdvice,
            Provisions.NotifyNoPlan,
            Provisions.FinalisePlan,
            Provisions.FinalisePlanDetained,
        ];

        var paragraphs = provisions.Select(p => ExceptionTable.Find(p, ground)?.Paragraph ?? "-");

        Assert.Equal([decision, advice, noPlan, plan, detained], paragraphs);
    }

    [Fact]
    public void The_table_of_exceptions_holds_nothing_else() => Assert.Equal(23, ExceptionTable.All.Count);

    [Fact]
    public void Closures_and_absences_must_last_four_weeks_and_nothing_else_has_a_length()
    {
        ExceptionGround[] withLength = [ExceptionGround.SchoolClosure, ExceptionGround.EarlyYearsClosure, ExceptionGround.AbsentFromArea];

        Assert.All(ExceptionTable.All, r => Assert.Equal(withLength.Contains(r.Ground) ? 28 : 0, r.AtLeastDays));
        Assert.Equal(7, ExceptionTable.ClosureWindowDays);
    }

    [Fact]
    public void Coronavirus_alone_belongs_to_the_pack_of_2020()
    {
        Assert.All(
            ExceptionTable.All,
            r => Assert.Equal(r.Ground == ExceptionGround.Coronavirus ? RulePacks.Coronavirus2020 : RulePacks.Base2014, r.Pack)
        );
    }

    [Theory]
    [InlineData("2014-09-01", "2014")]
    [InlineData("2020-04-30", "2014")]
    [InlineData("2020-05-01", "2020-coronavirus")]
    [InlineData("2020-09-25", "2020-coronavirus")]
    [InlineData("2020-09-26", "2014")]
    [InlineData("2026-11-21", "2014")]
    public void The_law_of_the_day_on_which_a_limit_falls_applies(string due, string pack)
    {
        Assert.Equal(pack, RulePacks.For(Day(due)).Id);
    }

    [Fact]
    public void A_window_of_days_beginning_with_a_day_includes_it_and_has_one_reading()
    {
        var window = Provisions.AllowRepresentations.Limit;

        Assert.Equal((Day("2024-05-15"), Day("2024-05-15")), (window.Due(Day("2024-05-01")), window.Target(Day("2024-05-01"))));
    }

    /// <summary>The numbers of the law stand in its tables; the code that applies them counts with 0, 1 and 2 alone.</summary>
    [Fact]
    public void No_statutory_number_stands_outside_the_tables()
    {
        string[] tables = ["Provisions.cs", "Sen2.cs"];
        string[] withoutLaw = ["London.cs", "OrganisationId.cs", "LocalAuthorities.cs", "Facts.cs"];
        var texts = new Regex("\"[^\"]*\"|//.*", RegexOptions.NonBacktracking);
        var numbers = new Regex(@"\b\d+\b", RegexOptions.NonBacktracking);

        var strays =
            from file in Directory.GetFiles(Path.Combine(RepositoryRoot(), "contracts", "Statute"), "*.cs")
            where !tables.Contains(Path.GetFileName(file)) && !withoutLaw.Contains(Path.GetFileName(file))
            from line in File.ReadLines(file)
            where numbers.Matches(texts.Replace(line, "")).Any(m => m.Value is not ("0" or "1" or "2"))
            select $"{Path.GetFileName(file)}: {line.Trim()}";

        Assert.Empty(strays);
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException("No Directory.Packages.props above the tests.");
    }
}
