using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class ReassessmentClockTests
{
    private static readonly Fact Plan = Planned("2023-03-01");
    private static readonly Fact Asked = That(new FactBody.ReassessmentRequested(), "2024-03-01");
    private static readonly Fact Told = Reassessing("2024-03-10");

    private static Fact NotReassessing(string on) =>
        That(new FactBody.ReassessmentDecided(ReassessmentDecision.DoNotReassess), on, $"Not-{on}");

    [Theory]
    [InlineData("2024-03-16", ObligationState.Met, 0)]
    [InlineData("2024-03-17", ObligationState.MetLate, 1)]
    public void The_decision_follows_the_request_within_fifteen_days(string decided, ObligationState state, int daysLate)
    {
        var decision = Read("2024-12-01", Plan, Asked, NotReassessing(decided)).The(ObligationCode.DecideToReassess);

        decision.Stands(state, decided, daysLate);
        Assert.Equal((Day("2024-03-15"), Day("2024-03-16")), (decision.Target, decision.Due));
    }

    [Theory]
    [InlineData("2024-06-16", ObligationState.Met, 0)]
    [InlineData("2024-06-17", ObligationState.MetLate, 1)]
    public void The_plan_follows_the_decision_within_fourteen_weeks(string planned, ObligationState state, int daysLate) =>
        Read("2024-12-01", Plan, Asked, Told, Reassessed(planned))
            .The(ObligationCode.FinaliseReassessedPlan)
            .Stands(state, planned, daysLate);

    [Fact]
    public void The_authority_may_reassess_of_itself()
    {
        var reading = Read("2024-12-01", Plan, Told);

        Assert.Equal(ObligationState.Breached, reading.The(ObligationCode.FinaliseReassessedPlan).State);
        Assert.Empty(reading.All(ObligationCode.DecideToReassess));
    }

    [Fact]
    public void Each_reassessment_is_an_obligation_of_its_own()
    {
        var again = That(new FactBody.ReassessmentRequested(), "2025-03-01");

        var reading = Read("2025-04-01", Plan, Asked, Told, Reassessed("2024-06-01"), again);

        Assert.Equal([ObligationState.Met, ObligationState.Breached], reading.All(ObligationCode.DecideToReassess).Select(o => o.State));
    }

    [Fact]
    public void A_later_refusal_makes_the_plan_moot() =>
        Read("2024-12-01", Plan, Asked, Told, NotReassessing("2024-04-01"))
            .The(ObligationCode.FinaliseReassessedPlan)
            .Stands(ObligationState.NotApplicable);

    [Fact]
    public void An_order_supersedes_and_a_decision_after_it_runs_no_clock_of_its_own()
    {
        var reading = Read("2024-03-12", Plan, Asked, Ordered("2024-03-10", AppealIssue.Reassess), Reassessing("2024-03-11"));

        reading.The(ObligationCode.DecideToReassess).Stands(ObligationState.Superseded);
        Assert.Empty(reading.All(ObligationCode.FinaliseReassessedPlan));
        Assert.Equal(Day("2024-06-16"), reading.The(ObligationCode.OrderFinalisePlan).Due);
    }

    [Fact]
    public void A_request_after_an_order_starts_afresh()
    {
        var reading = Read(
            "2025-12-01",
            Plan,
            Ordered("2024-03-10", AppealIssue.Reassess),
            Reassessed("2024-06-01"),
            That(new FactBody.ReassessmentRequested(), "2025-03-01"),
            Reassessing("2025-03-10")
        );

        Assert.Equal(Day("2025-06-16"), reading.The(ObligationCode.FinaliseReassessedPlan).Due);
    }

    [Theory]
    [InlineData(ExceptionGround.SchoolClosure, "reg 27(3)(a)")]
    [InlineData(ExceptionGround.ExceptionalCircumstances, "reg 27(3)(c)")]
    public void The_exceptions_of_reg_27_3_excuse_the_plan_and_not_the_decision(ExceptionGround ground, string paragraph)
    {
        var claim = Claimed(
            "2024-06-20",
            new(
                ground,
                AdviceRequestedOn: Day("2024-04-01"),
                ClosedFrom: Day("2024-03-28"),
                ReopensOn: Day("2024-04-30"),
                ReasonGiven: true
            )
        );

        var reading = Read("2024-12-01", Plan, Asked, Reassessing("2024-03-18"), claim);

        Assert.Equal($"{ground.ToWire()}, {paragraph}", reading.The(ObligationCode.FinaliseReassessedPlan).Ground);
        Assert.Equal(ObligationState.MetLate, reading.The(ObligationCode.DecideToReassess).State);
    }

    [Fact]
    public void A_plan_that_ceased_cannot_be_reassessed()
    {
        var reading = Read("2024-12-01", Plan, Ceased("2024-02-01"), Asked);

        Assert.Empty(reading.All(ObligationCode.DecideToReassess));
        Assert.Contains(FindingCode.PlanHadEnded, reading.Codes());
    }

    [Fact]
    public void A_reassessed_plan_that_nobody_decided_on_is_reported() =>
        Assert.Contains(FindingCode.OutcomeWithoutDecision, Read("2024-12-01", Plan, Reassessed("2024-06-01")).Codes());
}
