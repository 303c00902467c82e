using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class SchoolConsultationsTests
{
    private const string School = "105154";
    private static readonly Fact Consulted = That(new FactBody.SchoolConsulted(School), "2024-05-01");

    private static Fact Replied(string on, string? urn = School, string by = Bolton) =>
        That(new FactBody.SchoolReplied(urn), on, $"Replied-{on}", by);

    [Theory]
    [InlineData("2024-05-16", false)]
    [InlineData("2024-05-17", true)]
    public void A_reply_within_fifteen_days_is_guidance_and_never_a_breach(string replied, bool overdue)
    {
        var reading = Read("2024-12-01", Consulted, Replied(replied));

        var reply = reading.The(ObligationCode.SchoolReply);
        reply.Stands(ObligationState.Met, replied);
        Assert.Equal(("school:105154", true, Day("2024-05-16")), (reply.Obligor, reply.Guidance, reply.Due));
        Assert.Equal(overdue, reading.Codes().Contains(FindingCode.GuidanceOverdue));
    }

    [Theory]
    [InlineData("2024-05-16", false)]
    [InlineData("2024-05-17", true)]
    [InlineData("2025-05-17", true)]
    public void Without_a_reply_it_stays_open_and_is_reported(string asOf, bool overdue)
    {
        var reading = Read(asOf, Consulted);

        reading.The(ObligationCode.SchoolReply).Stands(ObligationState.Open);
        Assert.Equal(overdue, reading.Codes().Contains(FindingCode.GuidanceOverdue));
        Assert.Equal(overdue ? null : Day("2024-05-17"), reading.ChangesOn);
    }

    [Fact]
    public void Each_school_answers_for_itself()
    {
        var other = That(new FactBody.SchoolConsulted("105155"), "2024-05-02");

        var replies = Read("2024-05-10", Consulted, other, Replied("2024-05-09", "105155")).All(ObligationCode.SchoolReply);

        Assert.Equal([ObligationState.Open, ObligationState.Met], replies.Select(r => r.State));
    }

    [Fact]
    public void A_schools_own_word_needs_no_URN() =>
        Read("2024-05-10", Consulted, Replied("2024-05-09", urn: null, by: "school:105154"))
            .The(ObligationCode.SchoolReply)
            .Stands(ObligationState.Met, "2024-05-09");

    [Fact]
    public void A_reply_that_nobody_asked_for_is_reported()
    {
        Assert.Equal([FindingCode.UnknownConsultation], Read("2024-05-10", Replied("2024-05-09")).Codes());
        Assert.Equal([FindingCode.UnknownConsultation], Read("2024-05-10", Consulted, Replied("2024-04-30")).Codes());
    }

    [Fact]
    public void A_consultation_that_does_not_name_the_school_is_counted_against_nobody()
    {
        var reading = Read("2024-12-01", That(new FactBody.SchoolConsulted(), "2024-05-01"));

        Assert.Empty(reading.Obligations);
        Assert.Equal([FindingCode.ObligorUnknown], reading.Codes());
    }

    [Fact]
    public void A_plan_makes_the_reply_moot_and_a_withdrawal_ends_it()
    {
        Read("2024-12-01", Consulted, Planned("2024-05-10")).The(ObligationCode.SchoolReply).Stands(ObligationState.NotApplicable);
        Read("2024-12-01", NoPlan("2024-01-01"), Consulted, NoPlan("2024-05-10"))
            .The(ObligationCode.SchoolReply)
            .Stands(ObligationState.NotApplicable);
        Read("2024-12-01", Consulted, Withdrawn("2024-05-10")).The(ObligationCode.SchoolReply).Stands(ObligationState.Withdrawn);
    }
}
