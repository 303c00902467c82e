namespace SendExchange.Statute;

/// <summary>Which day of a limit decides whether a version of the law applies to it: its own transitional rule.</summary>
public enum Transition
{
    /// <summary>The last day of the limit.</summary>
    LimitFalls = 1,

    /// <summary>D0, the day it runs from.</summary>
    LimitStarts,
}

/// <summary>A version of the law.</summary>
/// <param name="Id">Kept with every obligation, e.g. <c>2014</c>.</param>
/// <param name="Title">What it is.</param>
/// <param name="Citation">As a lawyer would cite it.</param>
/// <param name="Url">Where to read it.</param>
/// <param name="By">The day of a limit that decides.</param>
/// <param name="From">The first such day it applies to.</param>
/// <param name="To">The last such day it applies to. Null: still in force.</param>
public sealed record RulePack(string Id, string Title, string Citation, string Url, Transition By, DateOnly From, DateOnly? To)
{
    /// <param name="start">D0 of the limit.</param>
    /// <param name="due">Its last day.</param>
    public bool AppliesTo(DateOnly start, DateOnly due)
    {
        var day = By == Transition.LimitFalls ? due : start;
        return day >= From && !(day > To);
    }
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
            Transition.LimitStarts,
            new DateOnly(2014, 9, 1),
            null
        );

    /// <summary>Conversion of statements of SEN to EHC plans.</summary>
    public static RulePack Statements2014 { get; } =
        new(
            "2014-statements",
            "Children and Families Act 2014 (Transitional and Saving Provisions) (No. 2) Order 2014",
            "SI 2014/2270",
            "https://www.legislation.gov.uk/uksi/2014/2270",
            Transition.LimitStarts,
            new DateOnly(2014, 9, 1),
            new DateOnly(2018, 3, 31)
        );

    /// <summary>Rewrote regs 44 and 45 for orders made, and appeals given up, from its first day.</summary>
    public static RulePack Appeals2015 { get; } =
        new(
            "2015-appeals",
            "SEND (Amendment) Regulations 2015",
            "SI 2015/359",
            "https://www.legislation.gov.uk/uksi/2015/359",
            Transition.LimitStarts,
            new DateOnly(2015, 3, 23),
            null
        );

    /// <summary>Adds a ground (<see cref="ExceptionGround.Coronavirus"/>) to limits that fell while it was in force.</summary>
    /// <remarks>The limit is disapplied only where a claim says that it was missed because of coronavirus.</remarks>
    public static RulePack Coronavirus2020 { get; } =
        new(
            "2020-coronavirus",
            "SEND (Coronavirus) (Amendment) Regulations 2020",
            "SI 2020/471",
            "https://www.legislation.gov.uk/uksi/2020/471",
            Transition.LimitFalls,
            new DateOnly(2020, 5, 1),
            new DateOnly(2020, 9, 25)
        );

    /// <summary>Oldest first.</summary>
    public static IReadOnlyList<RulePack> All { get; } = [Base2014, Statements2014, Appeals2015, Coronavirus2020];

    /// <summary>The version that a limit falls under: a temporary one that applies, otherwise that of its provision.</summary>
    public static RulePack For(Provision provision, DateOnly start, DateOnly due) =>
        Coronavirus2020.AppliesTo(start, due) ? Coronavirus2020 : provision.Pack;
}
