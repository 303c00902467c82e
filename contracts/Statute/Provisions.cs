namespace SendExchange.Statute;

/// <summary>
/// The limits of an assessment. With <see cref="OrderProvisions"/> and <see cref="PlanProvisions"/> every limit this library
/// knows: together with <see cref="ExceptionTable"/> the only places with statutory numbers.
/// </summary>
/// <remarks>A provision that is amended keeps its row; the new text gets one that <see cref="Provision.Amends"/> it.</remarks>
public static class Provisions
{
    internal const string Regulations = "https://www.legislation.gov.uk/uksi/2014/1530/regulation/";

    public static Provision DecideToAssess { get; } =
        new(
            ObligationCode.DecideToAssess,
            "notify the family whether an assessment will be secured",
            new TimeLimit(6, LimitUnit.Weeks),
            "SEND Regulations 2014, reg 5(1)",
            Regulations + "5",
            RulePacks.Base2014
        );

    public static Provision GiveAdvice { get; } =
        new(
            ObligationCode.GiveAdvice,
            "give the advice asked for",
            new TimeLimit(6, LimitUnit.Weeks),
            "SEND Regulations 2014, reg 8(1)",
            Regulations + "8",
            RulePacks.Base2014
        )
        {
            Reading = "the limit runs from the day the body received the request, not from the day it was sent",
        };

    public static Provision NotifyNoPlan { get; } =
        new(
            ObligationCode.NotifyNoPlan,
            "notify the family that no plan will be issued, where that is the outcome",
            new TimeLimit(16, LimitUnit.Weeks),
            "SEND Regulations 2014, reg 10(1)",
            Regulations + "10",
            RulePacks.Base2014
        )
        {
            Reading = "it binds only where the outcome is that no plan will be issued",
        };

    /// <summary>A minimum that the authority must leave the family, so finalising within it is a fault and not lateness.</summary>
    public static Provision AllowRepresentations { get; } =
        new(
            ObligationCode.AllowRepresentations,
            "leave the family time to answer the draft plan",
            new TimeLimit(15, LimitUnit.DaysBeginningWith),
            "SEND Regulations 2014, reg 13(1)(a)",
            Regulations + "13",
            RulePacks.Base2014
        );

    public static Provision SchoolReply { get; } =
        new(
            ObligationCode.SchoolReply,
            "reply to the consultation",
            new TimeLimit(15, LimitUnit.Days),
            "SEND Code of Practice 2015, 9.83",
            "https://www.gov.uk/government/publications/send-code-of-practice-0-to-25",
            RulePacks.Base2014
        )
        {
            Guidance = true,
            Reading = "guidance, not law: a reply may be overdue, but is never a breach",
        };

    public static Provision FinalisePlan { get; } =
        new(
            ObligationCode.FinalisePlan,
            "send the finalised plan",
            new TimeLimit(20, LimitUnit.Weeks),
            "SEND Regulations 2014, reg 13(2)",
            Regulations + "13",
            RulePacks.Base2014
        );

    /// <summary>The same limit for a person detained in relevant youth accommodation.</summary>
    public static Provision FinalisePlanDetained { get; } =
        new(
            ObligationCode.FinalisePlan,
            "send the finalised plan of a detained person",
            new TimeLimit(20, LimitUnit.Weeks),
            "SI 2015/62 reg 13(2)",
            "https://www.legislation.gov.uk/uksi/2015/62/regulation/13",
            RulePacks.Base2014
        )
        {
            InForceFrom = new DateOnly(2015, 4, 1),
        };

    /// <summary>Every limit of every table.</summary>
    public static IReadOnlyList<Provision> All { get; } =
    [
        DecideToAssess,
        GiveAdvice,
        NotifyNoPlan,
        AllowRepresentations,
        SchoolReply,
        FinalisePlan,
        FinalisePlanDetained,
        .. OrderProvisions.All,
        .. PlanProvisions.All,
    ];
}
