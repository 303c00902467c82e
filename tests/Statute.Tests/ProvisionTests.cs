using System.Text.RegularExpressions;
using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

/// <summary>The tables against the law page.</summary>
public class ProvisionTests
{
    public static TheoryData<string, string, int, LimitUnit, string> Limits =>
        new()
        {
            { "decide_to_assess", "reg 5(1)", 6, LimitUnit.Weeks, "2014-09-01" },
            { "give_advice", "reg 8(1)", 6, LimitUnit.Weeks, "2014-09-01" },
            { "notify_no_plan", "reg 10(1)", 16, LimitUnit.Weeks, "2014-09-01" },
            { "allow_representations", "reg 13(1)(a)", 15, LimitUnit.DaysBeginningWith, "2014-09-01" },
            { "school_reply", "SEND Code of Practice 2015, 9.83", 15, LimitUnit.Days, "2014-09-01" },
            { "finalise_plan", "reg 13(2)", 20, LimitUnit.Weeks, "2014-09-01" },
            { "finalise_plan", "SI 2015/62 reg 13(2)", 20, LimitUnit.Weeks, "2015-04-01" },
            { "mediation_action", "reg 42(3)", 2, LimitUnit.Weeks, "2014-09-01" },
            { "mediation_report", "reg 42(4)", 1, LimitUnit.Weeks, "2014-09-01" },
            { "order_notify", "reg 42(2) with reg 44(2)(b)", 2, LimitUnit.Weeks, "2015-03-23" },
            { "order_no_plan", "reg 42(2) with reg 44(2)(b)(i)", 10, LimitUnit.Weeks, "2015-03-23" },
            { "order_finalise_plan", "reg 42(2) with reg 44(2)(b)(ii)", 14, LimitUnit.Weeks, "2015-03-23" },
            { "order_draft_plan", "reg 42(2) with reg 44(2)(c)(i)", 5, LimitUnit.Weeks, "2015-03-23" },
            { "order_finalise_plan", "reg 42(2) with reg 44(2)(c)(ii)", 11, LimitUnit.Weeks, "2015-03-23" },
            { "order_amend_content", "reg 42(2) with reg 44(2)(e)", 5, LimitUnit.Weeks, "2015-03-23" },
            { "order_amend_placement", "reg 42(2) with reg 44(2)(f)", 2, LimitUnit.Weeks, "2015-03-23" },
            { "order_cease", "reg 44(2)(a)", 0, LimitUnit.Immediately, "2015-03-23" },
            { "order_notify", "reg 44(2)(b)", 2, LimitUnit.Weeks, "2015-03-23" },
            { "order_no_plan", "reg 44(2)(b)(i)", 10, LimitUnit.Weeks, "2015-03-23" },
            { "order_finalise_plan", "reg 44(2)(b)(ii)", 14, LimitUnit.Weeks, "2015-03-23" },
            { "order_draft_plan", "reg 44(2)(c)(i)", 5, LimitUnit.Weeks, "2015-03-23" },
            { "order_finalise_plan", "reg 44(2)(c)(ii)", 11, LimitUnit.Weeks, "2015-03-23" },
            { "order_reconsider", "reg 44(2)(d)", 2, LimitUnit.Weeks, "2015-03-23" },
            { "order_amend_content", "reg 44(2)(e)", 5, LimitUnit.Weeks, "2015-03-23" },
            { "order_amend_placement", "reg 44(2)(f)", 2, LimitUnit.Weeks, "2015-03-23" },
            { "order_amend_content", "reg 44(2)(h)", 5, LimitUnit.Weeks, "2015-03-23" },
            { "order_notify", "reg 45(3)", 2, LimitUnit.Weeks, "2015-03-23" },
            { "order_no_plan", "reg 45(3A)(a)", 10, LimitUnit.Weeks, "2015-03-23" },
            { "order_finalise_plan", "reg 45(3A)(b)", 14, LimitUnit.Weeks, "2015-03-23" },
            { "order_draft_plan", "reg 45(5)", 5, LimitUnit.Weeks, "2015-03-23" },
            { "order_finalise_plan", "reg 45(5)", 11, LimitUnit.Weeks, "2015-03-23" },
            { "order_amend_content", "reg 45(4)", 5, LimitUnit.Weeks, "2015-03-23" },
            { "order_amend_placement", "reg 45(6)", 2, LimitUnit.Weeks, "2015-03-23" },
            { "order_amend_content", "reg 45(4) with (6A)", 5, LimitUnit.Weeks, "2015-03-23" },
            { "transfer_plan", "reg 15(2)", 15, LimitUnit.WorkingDaysBeginningWith, "2014-09-01" },
            { "transfer_inform_family", "reg 15(4)", 6, LimitUnit.Weeks, "2014-09-01" },
            { "transfer_review", "reg 15(5)(a)", 12, LimitUnit.MonthsBeginningWith, "2014-09-01" },
            { "transfer_review", "reg 15(5)(b)", 3, LimitUnit.MonthsBeginningWith, "2014-09-01" },
            { "annual_review", "Children and Families Act 2014, s.44(1)", 12, LimitUnit.MonthsBeginningWith, "2014-09-01" },
            { "review_decision", "reg 20(10)", 4, LimitUnit.Weeks, "2014-09-01" },
            { "amended_plan", "reg 22(3), (4)", 8, LimitUnit.Weeks, "2014-09-01" },
            {
                "amended_plan",
                "R (L, M and P) v Devon County Council [2022] EWHC 493 (Admin), on SEND Regulations 2014, regs 20(10) and 22(3)",
                12,
                LimitUnit.Weeks,
                "2014-09-01"
            },
            { "amended_plan", "reg 28 with reg 22(3), (4)", 8, LimitUnit.Weeks, "2014-09-01" },
            { "allow_representations", "reg 22(2)(c)", 15, LimitUnit.DaysBeginningWith, "2014-09-01" },
            { "phase_transfer", "reg 18(1)(b)", 215, LimitUnit.BeforeDayOfYear, "2015-01-01" },
            { "phase_transfer", "reg 18(1)(a)", 331, LimitUnit.BeforeDayOfYear, "2015-01-01" },
            { "phase_transfer", "reg 18(3)", 531, LimitUnit.BeforeDayOfYear, "2015-01-01" },
            { "phase_transfer", "reg 18(2)", 5, LimitUnit.MonthsBefore, "2015-02-01" },
            { "decide_to_reassess", "reg 25(1)", 15, LimitUnit.Days, "2014-09-01" },
            { "finalise_reassessed_plan", "reg 27(2)", 14, LimitUnit.Weeks, "2014-09-01" },
        };

    [Theory]
    [MemberData(nameof(Limits))]
    public void Each_limit_is_what_the_Regulations_say(string obligation, string citation, int length, LimitUnit unit, string inForce)
    {
        var whole = citation.StartsWith("reg ", StringComparison.Ordinal) ? $"SEND Regulations 2014, {citation}" : citation;
        var provision = Assert.Single(Provisions.All, p => p.Citation == whole && p.Obligation == obligation);

        Assert.Equal((new TimeLimit(length, unit), Day(inForce)), (provision.Limit, provision.InForceFrom));
        Assert.StartsWith("https://www.", provision.Url, StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_no_other_limits() => Assert.Equal(Limits.Count, Provisions.All.Count);

    [Fact]
    public void Every_wire_code_has_a_limit() =>
        Assert.Equal(
            ObligationCode.All.Order(StringComparer.Ordinal),
            Provisions.All.Select(p => p.Obligation).Distinct().Order(StringComparer.Ordinal)
        );

    [Fact]
    public void Guidance_is_marked_as_such() => Assert.Equal([Provisions.SchoolReply], Provisions.All.Where(p => p.Guidance));

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

        var paragraphs = provisions.Select(p => Law.Current.Exception(p, ground)?.Paragraph ?? "-");

        Assert.Equal([decision, advice, noPlan, plan, detained], paragraphs);
    }

    // Regs 44(3), 45(7) and 42(2): every limit in weeks, with closures by reg 13(3) and an absence of two weeks.
    [Fact]
    public void Orders_have_the_exceptions_of_reg_44_3()
    {
        ExceptionGround[] grounds =
        [
            ExceptionGround.SchoolClosure,
            ExceptionGround.EarlyYearsClosure,
            ExceptionGround.ExceptionalCircumstances,
            ExceptionGround.AbsentFromArea,
            ExceptionGround.Coronavirus,
        ];
        OrderLimits[] all = [OrderProvisions.OfTribunal, OrderProvisions.OfUnopposedAppeal, OrderProvisions.OfMediation];

        Assert.All(
            all.SelectMany(o => o.All),
            p => Assert.Equal(p.Limit.Unit == LimitUnit.Weeks ? grounds : [ExceptionGround.Coronavirus], GroundsOf(p))
        );
        Assert.All(
            ExceptionTable.All,
            r =>
                Assert.Equal(
                    r.Ground == ExceptionGround.AbsentFromArea && r.Provision.Obligation.StartsWith("order_", StringComparison.Ordinal),
                    r.AtLeastDays == 14
                )
        );
    }

    [Fact]
    public void A_reassessed_plan_has_the_exceptions_of_reg_27_3() =>
        Assert.Equal(GroundsOf(Provisions.FinalisePlan), GroundsOf(PlanProvisions.FinaliseReassessedPlan));

    [Fact]
    public void Nothing_excuses_amendments_after_a_review_or_guidance()
    {
        var without = Provisions.All.Where(p => p.Amends is null && GroundsOf(p).Count == 0).Select(p => p.Obligation).Distinct();

        Assert.Equal([ObligationCode.AllowRepresentations, ObligationCode.SchoolReply, ObligationCode.AmendedPlan], without);
    }

    private static List<ExceptionGround> GroundsOf(Provision provision) =>
        [.. Enum.GetValues<ExceptionGround>().Where(g => Law.Current.Exception(provision, g) is not null)];

    [Fact]
    public void Closures_and_absences_must_last_four_weeks_and_nothing_else_has_a_length()
    {
        ExceptionGround[] withLength = [ExceptionGround.SchoolClosure, ExceptionGround.EarlyYearsClosure, ExceptionGround.AbsentFromArea];

        Assert.All(
            ExceptionTable.All.Where(r => r.AtLeastDays != 14),
            r => Assert.Equal(withLength.Contains(r.Ground) ? 28 : 0, r.AtLeastDays)
        );
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
        Assert.Equal(pack, RulePacks.For(Provisions.FinalisePlan, Day("2014-09-01"), Day(due)).Id);
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
        string[] tables =
        [
            "Provisions.cs",
            "OrderProvisions.cs",
            "PlanProvisions.cs",
            "ExceptionTable.cs",
            "RulePacks.cs",
            "StatementTransfers.cs",
            "WorkingDays.cs",
            "TimeLimit.cs",
            "Sen2.cs",
        ];
        string[] withoutLaw = ["London.cs", "OrganisationId.cs", "LocalAuthorities.cs", "Facts.cs", "ProposedPack.cs"];
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
