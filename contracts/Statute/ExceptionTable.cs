namespace SendExchange.Statute;

/// <summary>One cell of the table ground × provision: this ground disapplies that limit.</summary>
/// <param name="Provision">The limit it reaches.</param>
/// <param name="Ground">The ground.</param>
/// <param name="Paragraph">Where it is written.</param>
/// <param name="AtLeastDays">Closures and absences: how long they must have lasted. 0 where no length is required.</param>
/// <param name="Pack">The version of the law that the limit must fall under.</param>
public sealed record ExceptionRule(Provision Provision, ExceptionGround Ground, string Paragraph, int AtLeastDays, RulePack Pack);

/// <summary>Which ground reaches which limit. A pair that is not here is not an exception, however good the reason.</summary>
/// <remarks>
/// Readings: reg 44(1) is "subject to paragraph (3)", so that paragraph reaches every limit of reg 44(2) that is a number of
/// weeks, with the closures by way of reg 13(3); reg 45(7) and reg 42(2) carry the same to unopposed appeals and mediation.
/// SI 2020/471 reaches regs 5, 8, 10, 13, 15, 18 and s.44(1) (by reg 18A), 20, 21, 25, 27, 42, 44 and 45, not 22 and 28.
/// </remarks>
public static class ExceptionTable
{
    /// <summary>
    /// Closures: the advice must have been asked for no earlier than this many days before closing and no later than this
    /// many days before reopening, both days included.
    /// </summary>
    public const int ClosureWindowDays = 7;

    private const int FourWeeks = 28;
    private const int TwoWeeks = 14;

    public static IReadOnlyList<ExceptionRule> All { get; } =
    [
        Base(Provisions.DecideToAssess, ExceptionGround.SchoolClosure, "reg 5(4)(a)", FourWeeks),
        Base(Provisions.DecideToAssess, ExceptionGround.EarlyYearsClosure, "reg 5(4)(b)", FourWeeks),
        Base(Provisions.DecideToAssess, ExceptionGround.ExceptionalCircumstances, "reg 5(4)(c)"),
        Base(Provisions.DecideToAssess, ExceptionGround.AbsentFromArea, "reg 5(4)(d)", FourWeeks),
        Coronavirus(Provisions.DecideToAssess, "reg 5(4)"),
        Base(Provisions.GiveAdvice, ExceptionGround.ExceptionalCircumstances, "reg 8(2)(a)"),
        Base(Provisions.GiveAdvice, ExceptionGround.AbsentFromArea, "reg 8(2)(b)", FourWeeks),
        Base(Provisions.GiveAdvice, ExceptionGround.MissedAppointment, "reg 8(2)(c)"),
        Coronavirus(Provisions.GiveAdvice, "reg 8(2)"),
        Base(Provisions.NotifyNoPlan, ExceptionGround.SchoolClosure, "reg 10(4)(a)", FourWeeks),
        Base(Provisions.NotifyNoPlan, ExceptionGround.EarlyYearsClosure, "reg 10(4)(b)", FourWeeks),
        Base(Provisions.NotifyNoPlan, ExceptionGround.ExceptionalCircumstances, "reg 10(4)(c)"),
        Base(Provisions.NotifyNoPlan, ExceptionGround.AbsentFromArea, "reg 10(4)(d)", FourWeeks),
        Coronavirus(Provisions.NotifyNoPlan, "reg 10(4)"),
        Base(Provisions.FinalisePlan, ExceptionGround.SchoolClosure, "reg 13(3) with reg 10(4)(a)", FourWeeks),
        Base(Provisions.FinalisePlan, ExceptionGround.EarlyYearsClosure, "reg 13(3) with reg 10(4)(b)", FourWeeks),
        Base(Provisions.FinalisePlan, ExceptionGround.ExceptionalCircumstances, "reg 13(3) with reg 10(4)(c)"),
        Base(Provisions.FinalisePlan, ExceptionGround.AbsentFromArea, "reg 13(3) with reg 10(4)(d)", FourWeeks),
        Coronavirus(Provisions.FinalisePlan, "reg 13(3)"),
        // For detained persons the paragraph ends at (c): absence from the area is no ground.
        Base(Provisions.FinalisePlanDetained, ExceptionGround.SchoolClosure, "SI 2015/62 reg 10(4)(a)", FourWeeks),
        Base(Provisions.FinalisePlanDetained, ExceptionGround.EarlyYearsClosure, "SI 2015/62 reg 10(4)(b)", FourWeeks),
        Base(Provisions.FinalisePlanDetained, ExceptionGround.ExceptionalCircumstances, "SI 2015/62 reg 10(4)(c)"),
        Coronavirus(Provisions.FinalisePlanDetained, "SI 2015/62 reg 10(4)"),
        Base(PlanProvisions.FinaliseReassessedPlan, ExceptionGround.SchoolClosure, "reg 27(3)(a)", FourWeeks),
        Base(PlanProvisions.FinaliseReassessedPlan, ExceptionGround.EarlyYearsClosure, "reg 27(3)(b)", FourWeeks),
        Base(PlanProvisions.FinaliseReassessedPlan, ExceptionGround.ExceptionalCircumstances, "reg 27(3)(c)"),
        Base(PlanProvisions.FinaliseReassessedPlan, ExceptionGround.AbsentFromArea, "reg 27(3)(d)", FourWeeks),
        Coronavirus(PlanProvisions.FinaliseReassessedPlan, "reg 27(3)"),
        Inserted(PlanProvisions.TransferPlan, "reg 2A"),
        Inserted(PlanProvisions.TransferInformFamily, "reg 2A"),
        Inserted(PlanProvisions.TransferReview, "reg 2A"),
        Inserted(PlanProvisions.TransferReviewAfterMove, "reg 2A"),
        Inserted(PlanProvisions.AnnualReview, "reg 18A"),
        Inserted(PlanProvisions.ReviewDecision, "reg 2A"),
        Inserted(PlanProvisions.PhaseTransfer, "reg 18A"),
        Inserted(PlanProvisions.PhaseTransferToPost16, "reg 18A"),
        Inserted(PlanProvisions.PhaseTransferBetweenPost16, "reg 18A"),
        Inserted(PlanProvisions.DecideToReassess, "reg 2A"),
        Inserted(OrderProvisions.MediationAction, "reg 2A"),
        Inserted(OrderProvisions.MediationReport, "reg 2A"),
        .. OrderProvisions.OfTribunal.All.SelectMany(p => Order(p, "reg 44(3)")),
        .. OrderProvisions.OfUnopposedAppeal.All.SelectMany(p => Order(p, "reg 45(7)")),
        .. OrderProvisions.OfMediation.All.SelectMany(p => Order(p, "reg 42(2) with reg 44(3)")),
    ];

    private static IEnumerable<ExceptionRule> Order(Provision provision, string paragraph)
    {
        if (provision.Limit.Unit == LimitUnit.Weeks)
        {
            yield return Base(provision, ExceptionGround.SchoolClosure, $"{paragraph} with reg 13(3) and reg 10(4)(a)", FourWeeks);
            yield return Base(provision, ExceptionGround.EarlyYearsClosure, $"{paragraph} with reg 13(3) and reg 10(4)(b)", FourWeeks);
            yield return Base(provision, ExceptionGround.ExceptionalCircumstances, paragraph);
            yield return Base(provision, ExceptionGround.AbsentFromArea, paragraph, TwoWeeks);
        }
        yield return Coronavirus(provision, paragraph);
    }

    private static ExceptionRule Base(Provision provision, ExceptionGround ground, string paragraph, int atLeastDays = 0) =>
        new(provision, ground, paragraph, atLeastDays, RulePacks.Base2014);

    private static ExceptionRule Coronavirus(Provision provision, string paragraph) =>
        new(provision, ExceptionGround.Coronavirus, $"{paragraph} as modified by SI 2020/471", 0, RulePacks.Coronavirus2020);

    private static ExceptionRule Inserted(Provision provision, string regulation) =>
        new(provision, ExceptionGround.Coronavirus, $"{regulation} as inserted by SI 2020/471", 0, RulePacks.Coronavirus2020);
}
