namespace SendExchange.Statute;

/// <summary>The limits that follow an order, an unopposed appeal or a mediation agreement: L12-L14, L16-L28.</summary>
/// <remarks>
/// Regs 44 and 45 are those that SI 2015/359 put in place on 23 March 2015; the text before it sets no limit here, and a
/// finding says so. A mediation agreement on what could be appealed is carried out as if it were an order, reg 42(2).
/// Paragraphs (d) to (h) of reg 44(2) and (5) to (6A) of reg 45 are cited from secondary sources.
/// </remarks>
public static class OrderProvisions
{
    private const string SeveralSteps =
        "where another date was agreed and the agreement has several steps, each is due on the later of that date and its limit";

    public static OrderLimits OfTribunal { get; } =
        new(
            notify: Order(ObligationCode.OrderNotify, "notify the family that it will assess, as ordered", 2, "44(2)(b)"),
            noPlan: Order(ObligationCode.OrderNoPlan, "notify the family that no plan will be issued after all", 10, "44(2)(b)(i)"),
            planAfterAssessing: Order(
                ObligationCode.OrderFinalisePlan,
                "send the finalised plan after the ordered assessment",
                14,
                "44(2)(b)(ii)"
            ),
            draft: Order(ObligationCode.OrderDraftPlan, "issue a draft of the plan it was ordered to make", 5, "44(2)(c)(i)"),
            plan: Order(ObligationCode.OrderFinalisePlan, "send the finalised plan it was ordered to make", 11, "44(2)(c)(ii)"),
            reconsider: Order(ObligationCode.OrderReconsider, "reconsider, as ordered", 2, "44(2)(d)"),
            amendContent: Order(ObligationCode.OrderAmendContent, "issue the plan with its content amended as ordered", 5, "44(2)(e)"),
            amendPlacement: Order(ObligationCode.OrderAmendPlacement, "issue the plan with the setting amended as ordered", 2, "44(2)(f)"),
            continueAndAmend: Order(ObligationCode.OrderAmendContent, "issue the plan that goes on, amended as ordered", 5, "44(2)(h)"),
            cease: new Provision(
                ObligationCode.OrderCease,
                "cease to maintain the plan",
                new TimeLimit(0, LimitUnit.Immediately),
                "SEND Regulations 2014, reg 44(2)(a)",
                Provisions.Regulations + "44",
                RulePacks.Appeals2015
            )
            {
                Reading = "\"immediately\" is read as by the end of the day after the order",
            }
        );

    public static OrderLimits OfUnopposedAppeal { get; } =
        new(
            notify: Unopposed(ObligationCode.OrderNotify, "notify the family that it must assess", 2, "45(3)"),
            noPlan: Unopposed(ObligationCode.OrderNoPlan, "notify the family that no plan will be issued after all", 10, "45(3A)(a)"),
            planAfterAssessing: Unopposed(
                ObligationCode.OrderFinalisePlan,
                "send the finalised plan after the assessment",
                14,
                "45(3A)(b)"
            ),
            draft: Unopposed(ObligationCode.OrderDraftPlan, "issue a draft of the plan", 5, "45(5)"),
            plan: Unopposed(ObligationCode.OrderFinalisePlan, "send the finalised plan", 11, "45(5)"),
            reconsider: null,
            amendContent: Unopposed(ObligationCode.OrderAmendContent, "issue the plan with its content amended", 5, "45(4)"),
            amendPlacement: Unopposed(ObligationCode.OrderAmendPlacement, "issue the plan with the setting amended", 2, "45(6)"),
            continueAndAmend: Unopposed(ObligationCode.OrderAmendContent, "issue the plan that goes on, amended", 5, "45(4) with (6A)"),
            cease: null
        );

    public static OrderLimits OfMediation { get; } =
        new(
            notify: Agreed(ObligationCode.OrderNotify, "notify the family that it will assess, as agreed", 2, "44(2)(b)", SeveralSteps),
            noPlan: Agreed(
                ObligationCode.OrderNoPlan,
                "notify the family that no plan will be issued after all",
                10,
                "44(2)(b)(i)",
                SeveralSteps
            ),
            planAfterAssessing: Agreed(
                ObligationCode.OrderFinalisePlan,
                "send the finalised plan after the agreed assessment",
                14,
                "44(2)(b)(ii)",
                SeveralSteps
            ),
            draft: Agreed(ObligationCode.OrderDraftPlan, "issue a draft of the agreed plan", 5, "44(2)(c)(i)", SeveralSteps),
            plan: Agreed(ObligationCode.OrderFinalisePlan, "send the finalised plan, as agreed", 11, "44(2)(c)(ii)", SeveralSteps),
            reconsider: null,
            amendContent: Agreed(ObligationCode.OrderAmendContent, "issue the plan with its content amended as agreed", 5, "44(2)(e)"),
            amendPlacement: Agreed(ObligationCode.OrderAmendPlacement, "issue the plan with the setting amended as agreed", 2, "44(2)(f)"),
            continueAndAmend: null,
            cease: null
        );

    public static Provision MediationAction { get; } =
        new(
            ObligationCode.MediationAction,
            "do what the mediation agreement says",
            new TimeLimit(2, LimitUnit.Weeks),
            "SEND Regulations 2014, reg 42(3)",
            Provisions.Regulations + "42",
            RulePacks.Base2014
        )
        {
            Reading = "another date agreed in writing takes the limit's place, reg 42(5)",
        };

    /// <summary>Where the authority was not party to the agreement.</summary>
    public static Provision MediationReport { get; } =
        new(
            ObligationCode.MediationReport,
            "tell the authority what was agreed",
            new TimeLimit(1, LimitUnit.Weeks),
            "SEND Regulations 2014, reg 42(4)",
            Provisions.Regulations + "42",
            RulePacks.Base2014
        );

    internal static IReadOnlyList<Provision> All { get; } =
    [MediationAction, MediationReport, .. OfMediation.All, .. OfTribunal.All, .. OfUnopposedAppeal.All];

    private static Provision Order(string code, string duty, int weeks, string paragraph) =>
        new(
            code,
            duty,
            new TimeLimit(weeks, LimitUnit.Weeks),
            $"SEND Regulations 2014, reg {paragraph}",
            Provisions.Regulations + "44",
            RulePacks.Appeals2015
        );

    private static Provision Unopposed(string code, string duty, int weeks, string paragraph) =>
        new(
            code,
            duty,
            new TimeLimit(weeks, LimitUnit.Weeks),
            $"SEND Regulations 2014, reg {paragraph}",
            Provisions.Regulations + "45",
            RulePacks.Appeals2015
        );

    private static Provision Agreed(string code, string duty, int weeks, string paragraph, string? reading = null) =>
        new(
            code,
            duty,
            new TimeLimit(weeks, LimitUnit.Weeks),
            $"SEND Regulations 2014, reg 42(2) with reg {paragraph}",
            Provisions.Regulations + "42",
            RulePacks.Appeals2015
        )
        {
            Reading = reading ?? "another date agreed in writing takes the limit's place, reg 42(5)",
        };
}

/// <summary>The limits of one way in which a dispute ends. Null: that way has no such limit.</summary>
public sealed class OrderLimits(
    Provision notify,
    Provision noPlan,
    Provision planAfterAssessing,
    Provision draft,
    Provision plan,
    Provision? reconsider,
    Provision amendContent,
    Provision amendPlacement,
    Provision? continueAndAmend,
    Provision? cease
)
{
    public Provision Notify => notify;

    public Provision NoPlan => noPlan;

    public Provision PlanAfterAssessing => planAfterAssessing;

    public Provision Draft => draft;

    public Provision Plan => plan;

    public Provision? Reconsider => reconsider;

    public Provision AmendContent => amendContent;

    public Provision AmendPlacement => amendPlacement;

    public Provision? ContinueAndAmend => continueAndAmend;

    public Provision? Cease => cease;

    public IReadOnlyList<Provision> All { get; } =
    [
        .. new[]
        {
            notify,
            noPlan,
            planAfterAssessing,
            draft,
            plan,
            reconsider,
            amendContent,
            amendPlacement,
            continueAndAmend,
            cease,
        }.OfType<Provision>(),
    ];
}
