namespace SendExchange.Statute;

/// <summary>The limits of a plan once made: transfers L29-L31, reviews L33-L39 and L45, phases L40-L42, reassessment L43-L44.</summary>
public static class PlanProvisions
{
    /// <summary>On the old authority. The later of this and the day of the move is the last day.</summary>
    public static Provision TransferPlan { get; } =
        new(
            ObligationCode.TransferPlan,
            "transfer the plan to the new authority",
            new TimeLimit(15, LimitUnit.WorkingDaysBeginningWith),
            "SEND Regulations 2014, reg 15(2)",
            Provisions.Regulations + "15",
            RulePacks.Base2014
        )
        {
            Reading =
                "due on the later of the day of the move and fifteen working days beginning with the day the old authority knew; where that day was not said, with the move",
        };

    public static Provision TransferInformFamily { get; } =
        new(
            ObligationCode.TransferInformFamily,
            "tell the family of the transfer, whether it will reassess, and when it will review",
            new TimeLimit(6, LimitUnit.Weeks),
            "SEND Regulations 2014, reg 15(4)",
            Provisions.Regulations + "15",
            RulePacks.Base2014
        )
        {
            Reading =
                "the limit runs from the later of the move and the day the plan was transferred; where that was not said, from the move",
        };

    /// <summary>Counted from the day the plan was made or last reviewed. The later of this and the next row binds.</summary>
    public static Provision TransferReview { get; } =
        new(
            ObligationCode.TransferReview,
            "review the transferred plan",
            new TimeLimit(12, LimitUnit.MonthsBeginningWith),
            "SEND Regulations 2014, reg 15(5)(a)",
            Provisions.Regulations + "15",
            RulePacks.Base2014
        )
        {
            Reading = "the later of twelve months from the plan or its last review and three months from the move",
        };

    /// <summary>Counted from the day of the transfer.</summary>
    public static Provision TransferReviewAfterMove { get; } =
        new(
            ObligationCode.TransferReview,
            "review the transferred plan",
            new TimeLimit(3, LimitUnit.MonthsBeginningWith),
            "SEND Regulations 2014, reg 15(5)(b)",
            Provisions.Regulations + "15",
            RulePacks.Base2014
        )
        {
            Reading = "the later of twelve months from the plan or its last review and three months from the move",
        };

    public static Provision AnnualReview { get; } =
        new(
            ObligationCode.AnnualReview,
            "complete a review of the plan, by notifying what follows from it",
            new TimeLimit(12, LimitUnit.MonthsBeginningWith),
            "Children and Families Act 2014, s.44(1)",
            "https://www.legislation.gov.uk/ukpga/2014/6/section/44",
            RulePacks.Base2014
        )
        {
            Reading = "a review is complete when the authority notifies its decision; a breach is counted only after the anniversary",
        };

    public static Provision ReviewDecision { get; } =
        new(
            ObligationCode.ReviewDecision,
            "notify whether the plan is kept, amended or ceased, with the amendments proposed",
            new TimeLimit(4, LimitUnit.Weeks),
            "SEND Regulations 2014, reg 20(10)",
            Provisions.Regulations + "20",
            RulePacks.Base2014
        )
        {
            Reading = "the proposed amendments are part of it: R (L, M and P) v Devon County Council [2022] EWHC 493 (Admin)",
        };

    public static Provision AmendedPlan { get; } =
        new(
            ObligationCode.AmendedPlan,
            "send the amended plan, or notify that it will not be amended",
            new TimeLimit(8, LimitUnit.Weeks),
            "SEND Regulations 2014, reg 22(3), (4)",
            Provisions.Regulations + "22",
            RulePacks.Base2014
        )
        {
            Reading = "the earlier of eight weeks from the amendment notice and twelve weeks from the meeting",
        };

    /// <summary>Four weeks for the decision and eight for the plan: a late notice does not put off the end.</summary>
    public static Provision AmendedPlanAfterMeeting { get; } =
        new(
            ObligationCode.AmendedPlan,
            "send the amended plan, or notify that it will not be amended",
            new TimeLimit(12, LimitUnit.Weeks),
            "R (L, M and P) v Devon County Council [2022] EWHC 493 (Admin), on SEND Regulations 2014, regs 20(10) and 22(3)",
            Provisions.Regulations + "22",
            RulePacks.Base2014
        )
        {
            Reading = "the earlier of eight weeks from the amendment notice and twelve weeks from the meeting",
        };

    public static Provision AmendedPlanWithoutReview { get; } =
        new(
            ObligationCode.AmendedPlan,
            "send the amended plan, or notify that it will not be amended",
            new TimeLimit(8, LimitUnit.Weeks),
            "SEND Regulations 2014, reg 28 with reg 22(3), (4)",
            Provisions.Regulations + "28",
            RulePacks.Base2014
        );

    /// <summary>A minimum, as <see cref="Provisions.AllowRepresentations"/> is for a draft.</summary>
    public static Provision AllowRepresentationsOnAmendments { get; } =
        new(
            ObligationCode.AllowRepresentations,
            "leave the family time to answer the proposed amendments",
            new TimeLimit(15, LimitUnit.DaysBeginningWith),
            "SEND Regulations 2014, reg 22(2)(c)",
            Provisions.Regulations + "22",
            RulePacks.Base2014
        );

    public static Provision PhaseTransfer { get; } =
        new(
            ObligationCode.PhaseTransfer,
            "finalise the amended plan that names the new setting",
            new TimeLimit(215, LimitUnit.BeforeDayOfYear),
            "SEND Regulations 2014, reg 18(1)(b)",
            Provisions.Regulations + "18",
            RulePacks.Base2014
        )
        {
            InForceFrom = new DateOnly(2015, 1, 1), // The first transfer whose last day came after the Regulations.
            Reading = "before 15 February of the year of transfer; the Code of Practice says by it, so a breach is counted only after it",
        };

    public static Provision PhaseTransferToPost16 { get; } =
        new(
            ObligationCode.PhaseTransfer,
            "finalise the amended plan that names the post-16 setting",
            new TimeLimit(331, LimitUnit.BeforeDayOfYear),
            "SEND Regulations 2014, reg 18(1)(a)",
            Provisions.Regulations + "18",
            RulePacks.Base2014
        )
        {
            InForceFrom = new DateOnly(2015, 1, 1), // The first transfer whose last day came after the Regulations.
            Reading = "before 31 March of the year of transfer; the Code of Practice says by it, so a breach is counted only after it",
        };

    /// <summary>The first year of the Regulations had a later day.</summary>
    public static Provision PhaseTransferToPost16In2015 { get; } =
        new(
            ObligationCode.PhaseTransfer,
            "finalise the amended plan that names the post-16 setting",
            new TimeLimit(531, LimitUnit.BeforeDayOfYear),
            "SEND Regulations 2014, reg 18(3)",
            Provisions.Regulations + "18",
            RulePacks.Base2014
        )
        {
            Amends = PhaseTransferToPost16,
            InForceFrom = new DateOnly(2015, 1, 1),
            InForceTo = new DateOnly(2015, 12, 31),
            Reading = "before 31 May 2015; a breach is counted only after it",
        };

    public static Provision PhaseTransferBetweenPost16 { get; } =
        new(
            ObligationCode.PhaseTransfer,
            "finalise the amended plan that names the next post-16 setting",
            new TimeLimit(5, LimitUnit.MonthsBefore),
            "SEND Regulations 2014, reg 18(2)",
            Provisions.Regulations + "18",
            RulePacks.Base2014
        )
        {
            InForceFrom = new DateOnly(2015, 2, 1), // The first transfer whose last day came after the Regulations.
            Reading = "at least five months before the transfer, on the corresponding day or the last of a shorter month",
        };

    /// <summary>A plan that names a setting names it for a transfer at most this many months ahead. Our reading, not law.</summary>
    public const int PhaseNamedAheadMonths = 18;

    public static Provision DecideToReassess { get; } =
        new(
            ObligationCode.DecideToReassess,
            "notify the family whether it will reassess",
            new TimeLimit(15, LimitUnit.Days),
            "SEND Regulations 2014, reg 25(1)",
            Provisions.Regulations + "25",
            RulePacks.Base2014
        );

    public static Provision FinaliseReassessedPlan { get; } =
        new(
            ObligationCode.FinaliseReassessedPlan,
            "send the finalised plan after the reassessment",
            new TimeLimit(14, LimitUnit.Weeks),
            "SEND Regulations 2014, reg 27(2)",
            Provisions.Regulations + "27",
            RulePacks.Base2014
        );

    internal static IReadOnlyList<Provision> All { get; } =
    [
        TransferPlan,
        TransferInformFamily,
        TransferReview,
        TransferReviewAfterMove,
        AnnualReview,
        ReviewDecision,
        AmendedPlan,
        AmendedPlanAfterMeeting,
        AmendedPlanWithoutReview,
        AllowRepresentationsOnAmendments,
        PhaseTransfer,
        PhaseTransferToPost16,
        PhaseTransferToPost16In2015,
        PhaseTransferBetweenPost16,
        DecideToReassess,
        FinaliseReassessedPlan,
    ];
}
