namespace SendExchange.Statute;

/// <summary>How a limit is counted. Weekends, bank holidays and school holidays count in every one of them.</summary>
public enum LimitUnit
{
    /// <summary>"Within n weeks of" a day: weeks of seven days, the day itself not counted.</summary>
    Weeks = 1,

    /// <summary>"n days beginning with" a day: that day is the first.</summary>
    DaysBeginningWith,
}

/// <summary>The length of a limit.</summary>
/// <param name="Length">In units of <paramref name="Unit"/>.</param>
/// <param name="Unit">What is counted.</param>
public readonly record struct TimeLimit(int Length, LimitUnit Unit)
{
    /// <summary>The latest defensible last day, inclusive: a breach is published only after it.</summary>
    /// <remarks>
    /// Weeks: the day of the event is not counted (<i>Marren v Dawson Bentley</i>; <i>Zoan v Rouamba</i>), so D0 + 7n days.
    /// </remarks>
    /// <param name="start">D0, the day of the event that starts the limit, Europe/London.</param>
    public DateOnly Due(DateOnly start) => start.Plus(Unit == LimitUnit.Weeks ? 7 * Length : Length - 1);

    /// <summary>The earliest defensible last day, inclusive: warnings count to it.</summary>
    /// <remarks>
    /// Weeks: SEN2 guidance calls the day of receipt "Day 1", which ends the limit a day sooner. "Beginning with" leaves no
    /// such doubt.
    /// </remarks>
    /// <param name="start">D0, the day of the event that starts the limit, Europe/London.</param>
    public DateOnly Target(DateOnly start) => Unit == LimitUnit.Weeks ? Due(start).Plus(-1) : Due(start);
}

/// <summary>A provision that sets a limit. When it is amended it gets a second row with later in-force dates.</summary>
/// <param name="Obligation">The <see cref="ObligationCode"/> it imposes.</param>
/// <param name="Duty">What must be done, in a few words.</param>
/// <param name="Limit">How long there is.</param>
/// <param name="Citation">The provision as a lawyer would cite it.</param>
/// <param name="Url">Where to read it.</param>
/// <param name="InForceFrom">The first D0 it applies to.</param>
/// <param name="InForceTo">The last D0 it applies to, inclusive. Null: still in force.</param>
public sealed record Provision(
    string Obligation,
    string Duty,
    TimeLimit Limit,
    string Citation,
    string Url,
    DateOnly InForceFrom,
    DateOnly? InForceTo = null
)
{
    public bool InForceOn(DateOnly start) => start >= InForceFrom && !(start > InForceTo);
}

/// <summary>Every limit this library knows: the only place with statutory numbers.</summary>
public static class Provisions
{
    private const string Regulations = "https://www.legislation.gov.uk/uksi/2014/1530/regulation/";
    private static readonly DateOnly RegulationsInForce = new(2014, 9, 1);

    public static Provision DecideToAssess { get; } =
        new(
            ObligationCode.DecideToAssess,
            "notify the family whether an assessment will be secured",
            new TimeLimit(6, LimitUnit.Weeks),
            "SEND Regulations 2014, reg 5(1)",
            Regulations + "5",
            RegulationsInForce
        );

    /// <summary>Runs from the day the body received the request, not from the day it was sent.</summary>
    public static Provision GiveAdvice { get; } =
        new(
            ObligationCode.GiveAdvice,
            "give the advice asked for",
            new TimeLimit(6, LimitUnit.Weeks),
            "SEND Regulations 2014, reg 8(1)",
            Regulations + "8",
            RegulationsInForce
        );

    public static Provision NotifyNoPlan { get; } =
        new(
            ObligationCode.NotifyNoPlan,
            "notify the family that no plan will be issued, where that is the outcome",
            new TimeLimit(16, LimitUnit.Weeks),
            "SEND Regulations 2014, reg 10(1)",
            Regulations + "10",
            RegulationsInForce
        );

    /// <summary>A minimum that the authority must leave the family, so finalising within it is a fault and not lateness.</summary>
    public static Provision AllowRepresentations { get; } =
        new(
            ObligationCode.AllowRepresentations,
            "leave the family time to answer the draft plan",
            new TimeLimit(15, LimitUnit.DaysBeginningWith),
            "SEND Regulations 2014, reg 13(1)(a)",
            Regulations + "13",
            RegulationsInForce
        );

    public static Provision FinalisePlan { get; } =
        new(
            ObligationCode.FinalisePlan,
            "send the finalised plan",
            new TimeLimit(20, LimitUnit.Weeks),
            "SEND Regulations 2014, reg 13(2)",
            Regulations + "13",
            RegulationsInForce
        );

    /// <summary>The same limit for a person detained in relevant youth accommodation.</summary>
    public static Provision FinalisePlanDetained { get; } =
        new(
            ObligationCode.FinalisePlan,
            "send the finalised plan of a detained person",
            new TimeLimit(20, LimitUnit.Weeks),
            "SI 2015/62 reg 13(2)",
            "https://www.legislation.gov.uk/uksi/2015/62/regulation/13",
            new DateOnly(2015, 4, 1)
        );

    public static IReadOnlyList<Provision> All { get; } =
    [DecideToAssess, GiveAdvice, NotifyNoPlan, AllowRepresentations, FinalisePlan, FinalisePlanDetained];
}

/// <summary>A version of the law, in force between two days.</summary>
/// <param name="Id">Kept with every obligation, e.g. <c>2014</c>.</param>
/// <param name="Title">What it is.</param>
/// <param name="Citation">As a lawyer would cite it.</param>
/// <param name="Url">Where to read it.</param>
/// <param name="LimitsFallingFrom">It applies to limits whose last day is this one or later.</param>
/// <param name="LimitsFallingTo">It applies to limits whose last day is this one or earlier. Null: still in force.</param>
public sealed record RulePack(string Id, string Title, string Citation, string Url, DateOnly LimitsFallingFrom, DateOnly? LimitsFallingTo)
{
    public bool AppliesTo(DateOnly due) => due >= LimitsFallingFrom && !(due > LimitsFallingTo);
}

/// <summary>The versions of the law, each beside those it modifies.</summary>
public static class RulePacks
{
    public static RulePack Base2014 { get; } =
        new(
            "2014",
            "Children and Families Act 2014 Part 3 with the SEND Regulations 2014",
            "SI 2014/1530",
            "https://www.legislation.gov.uk/uksi/2014/1530",
            new DateOnly(2014, 9, 1),
            null
        );

    /// <summary>Adds a ground (<see cref="ExceptionGround.Coronavirus"/>) to limits that fell while it was in force.</summary>
    public static RulePack Coronavirus2020 { get; } =
        new(
            "2020-coronavirus",
            "SEND (Coronavirus) (Amendment) Regulations 2020",
            "SI 2020/471",
            "https://www.legislation.gov.uk/uksi/2020/471",
            new DateOnly(2020, 5, 1),
            new DateOnly(2020, 9, 25)
        );

    /// <summary>Oldest first.</summary>
    public static IReadOnlyList<RulePack> All { get; } = [Base2014, Coronavirus2020];

    /// <summary>The law of the day on which a limit falls.</summary>
    public static RulePack For(DateOnly due) => Coronavirus2020.AppliesTo(due) ? Coronavirus2020 : Base2014;
}

/// <summary>One cell of the table ground × provision: this ground disapplies that limit.</summary>
/// <param name="Provision">The limit it reaches.</param>
/// <param name="Ground">The ground.</param>
/// <param name="Paragraph">Where it is written.</param>
/// <param name="AtLeastDays">Closures and absences: how long they must have lasted. 0 where no length is required.</param>
/// <param name="Pack">The version of the law that the limit must fall under.</param>
public sealed record ExceptionRule(Provision Provision, ExceptionGround Ground, string Paragraph, int AtLeastDays, RulePack Pack);

/// <summary>Which ground reaches which limit. A pair that is not here is not an exception, however good the reason.</summary>
public static class ExceptionTable
{
    /// <summary>
    /// Closures: the advice must have been asked for no earlier than this many days before closing and no later than this
    /// many days before reopening, both days included.
    /// </summary>
    public const int ClosureWindowDays = 7;

    private const int FourWeeks = 28;

    public static IReadOnlyList<ExceptionRule> All { get; } =
    [
        Base(Provisions.DecideToAssess, ExceptionGround.SchoolClosure, "reg 5(4)(a)", FourWeeks),
        Base(Provisions.DecideToAssess, ExceptionGround.EarlyYearsClosure, "reg 5(4)(b)", FourWeeks),
        Base(Provisions.DecideToAssess, ExceptionGround.ExceptionalCircumstances, "reg 5(4)(c)"),
        Base(Provisions.DecideToAssess, ExceptionGround.AbsentFromArea, "reg 5(4)(d)", FourWeeks),
        Coronavirus(Provisions.DecideToAssess, "reg 5(4) as modified by SI 2020/471"),
        Base(Provisions.GiveAdvice, ExceptionGround.ExceptionalCircumstances, "reg 8(2)(a)"),
        Base(Provisions.GiveAdvice, ExceptionGround.AbsentFromArea, "reg 8(2)(b)", FourWeeks),
        Base(Provisions.GiveAdvice, ExceptionGround.MissedAppointment, "reg 8(2)(c)"),
        Coronavirus(Provisions.GiveAdvice, "reg 8(2) as modified by SI 2020/471"),
        Base(Provisions.NotifyNoPlan, ExceptionGround.SchoolClosure, "reg 10(4)(a)", FourWeeks),
        Base(Provisions.NotifyNoPlan, ExceptionGround.EarlyYearsClosure, "reg 10(4)(b)", FourWeeks),
        Base(Provisions.NotifyNoPlan, ExceptionGround.ExceptionalCircumstances, "reg 10(4)(c)"),
        Base(Provisions.NotifyNoPlan, ExceptionGround.AbsentFromArea, "reg 10(4)(d)", FourWeeks),
        Coronavirus(Provisions.NotifyNoPlan, "reg 10(4) as modified by SI 2020/471"),
        Base(Provisions.FinalisePlan, ExceptionGround.SchoolClosure, "reg 13(3) with reg 10(4)(a)", FourWeeks),
        Base(Provisions.FinalisePlan, ExceptionGround.EarlyYearsClosure, "reg 13(3) with reg 10(4)(b)", FourWeeks),
        Base(Provisions.FinalisePlan, ExceptionGround.ExceptionalCircumstances, "reg 13(3) with reg 10(4)(c)"),
        Base(Provisions.FinalisePlan, ExceptionGround.AbsentFromArea, "reg 13(3) with reg 10(4)(d)", FourWeeks),
        Coronavirus(Provisions.FinalisePlan, "reg 13(3) as modified by SI 2020/471"),
        // For detained persons the paragraph ends at (c): absence from the area is no ground.
        Base(Provisions.FinalisePlanDetained, ExceptionGround.SchoolClosure, "SI 2015/62 reg 10(4)(a)", FourWeeks),
        Base(Provisions.FinalisePlanDetained, ExceptionGround.EarlyYearsClosure, "SI 2015/62 reg 10(4)(b)", FourWeeks),
        Base(Provisions.FinalisePlanDetained, ExceptionGround.ExceptionalCircumstances, "SI 2015/62 reg 10(4)(c)"),
        Coronavirus(Provisions.FinalisePlanDetained, "SI 2015/62 reg 10(4) as modified by SI 2020/471"),
    ];

    /// <returns>Null when the ground cannot reach the limit.</returns>
    public static ExceptionRule? Find(Provision provision, ExceptionGround ground)
    {
        foreach (var rule in All)
        {
            if (rule.Ground == ground && ReferenceEquals(rule.Provision, provision))
            {
                return rule;
            }
        }
        return null;
    }

    private static ExceptionRule Base(Provision provision, ExceptionGround ground, string paragraph, int atLeastDays = 0) =>
        new(provision, ground, paragraph, atLeastDays, RulePacks.Base2014);

    private static ExceptionRule Coronavirus(Provision provision, string paragraph) =>
        new(provision, ExceptionGround.Coronavirus, paragraph, 0, RulePacks.Coronavirus2020);
}

internal static class DateArithmetic
{
    /// <summary>Adds days, stopping at the ends of the calendar: a fact may carry any date, and reading it must not fail.</summary>
    public static DateOnly Plus(this DateOnly day, int days) =>
        DateOnly.FromDayNumber(Math.Clamp(day.DayNumber + days, 0, DateOnly.MaxValue.DayNumber));
}
