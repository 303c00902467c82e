using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class StandingFactsTests
{
    private static readonly Fact Request = That(new FactBody.RequestReceived(RequestSource.School), "2024-01-08", "F1");
    private static readonly Fact Correction = That(new FactBody.RequestReceived(RequestSource.School), "2024-01-10", "F2", corrects: "F1");

    private static DateOnly? StartOf(params Fact[] facts) => Read("2024-02-01", facts).Outline.StartOn;

    [Fact]
    public void A_correction_takes_the_place_of_what_it_corrects()
    {
        var reading = Read("2024-02-01", Request, Correction);

        Assert.Equal(Day("2024-01-10"), reading.Decision().Start);
        Assert.Equal(["F2"], reading.Decision().Basis);
        Assert.Empty(reading.Findings);
    }

    [Fact]
    public void A_retracted_fact_does_not_count()
    {
        Assert.Empty(Read("2024-02-01", Request, Retracted("F1", "2024-01-20")).Obligations);
    }

    [Fact]
    public void A_retraction_takes_effect_whatever_its_date()
    {
        Assert.Null(StartOf(Request, Retracted("F1", "2024-03-01")));
        Assert.Null(StartOf(Request, Retracted("F1", "2020-03-01")));
    }

    [Fact]
    public void Retracting_a_correction_revives_what_it_corrected()
    {
        Assert.Equal(Day("2024-01-08"), StartOf(Request, Correction, Retracted("F2", "2024-01-20")));
    }

    [Fact]
    public void Retracting_a_retraction_revives_what_it_withdrew()
    {
        var first = Retracted("F1", "2024-01-20", "R1");
        var second = Retracted("R1", "2024-01-21", "R2");

        Assert.Equal(Day("2024-01-08"), StartOf(Request, first, second));
        Assert.Null(StartOf(Request, first, second, Retracted("R2", "2024-01-22", "R3")));
    }

    [Fact]
    public void A_chain_of_corrections_leaves_the_last()
    {
        var third = That(new FactBody.RequestReceived(RequestSource.School), "2024-01-12", "F3", corrects: "F2");

        Assert.Equal(Day("2024-01-12"), StartOf(Request, Correction, third));
        Assert.Equal(Day("2024-01-12"), StartOf(third, Correction, Request));
        Assert.Equal(Day("2024-01-10"), StartOf(Request, Correction, third, Retracted("F3", "2024-01-20")));
        Assert.Equal(Day("2024-01-12"), StartOf(Request, Correction, third, Retracted("F2", "2024-01-20")));
    }

    [Fact]
    public void A_retraction_may_be_corrected_to_withdraw_something_else()
    {
        var wrong = Retracted("F1", "2024-01-20", "R1");
        var decision = ToldToAssess("2024-01-15");
        var right = That(new FactBody.Retracted(decision.FactId), "2024-01-20", "R2", corrects: "R1");

        var outline = Read("2024-02-01", Request, decision, wrong, right).Outline;

        Assert.Equal((Day("2024-01-08"), (DateOnly?)null), (outline.StartOn, outline.DecisionOn));
    }

    [Fact]
    public void Only_its_own_sender_can_replace_a_fact()
    {
        var reading = Read("2024-02-01", Request, Retracted("F1", "2024-01-20", by: Board));

        Assert.Equal(Day("2024-01-08"), reading.Outline.StartOn);
        Assert.Equal([FindingCode.ReplacesUnknownFact], reading.Codes());
    }

    [Fact]
    public void Facts_of_two_senders_may_share_an_id()
    {
        var theirs = That(new FactBody.AdviceGiven("A1"), "2024-02-01", "F1", Board);

        var reading = Read("2024-06-01", Request, Asked("2024-01-10"), theirs);

        Assert.Equal((Day("2024-01-08"), Day("2024-02-01")), (reading.Decision().Start, reading.Advice().DoneOn));
        Assert.Empty(reading.Findings);
    }

    [Fact]
    public void Two_corrections_of_one_fact_both_count_and_are_reported()
    {
        var other = That(new FactBody.RequestReceived(RequestSource.School), "2024-01-09", "F3", corrects: "F1");

        var reading = Read("2024-02-01", Request, Correction, other);

        Assert.Equal(Day("2024-01-09"), reading.Outline.StartOn);
        Assert.Equal([FindingCode.DoubleCorrection, FindingCode.SecondStart], reading.Codes());
        Assert.Equal(["F2", "F3"], reading.Findings[0].Facts);
    }

    [Fact]
    public void A_retracted_second_correction_is_not_reported()
    {
        var other = That(new FactBody.RequestReceived(RequestSource.School), "2024-01-09", "F3", corrects: "F1");

        Assert.Empty(Read("2024-02-01", Request, Correction, other, Retracted("F3", "2024-01-20")).Findings);
    }

    [Fact]
    public void What_replaces_an_unknown_fact_is_reported_and_counts()
    {
        var reading = Read("2024-02-01", Correction, Retracted("F9", "2024-01-20"));

        Assert.Equal(Day("2024-01-10"), reading.Outline.StartOn);
        Assert.Equal(
            ["corrects F1, which is not known in this case", "retracts F9, which is not known in this case"],
            reading.Findings.Select(f => f.Detail)
        );
    }

    [Fact]
    public void Facts_that_correct_each_other_in_a_circle_all_count_and_are_reported()
    {
        var first = Request with { Corrects = "F3" };
        var third = That(new FactBody.DecisionNotified(AssessmentDecision.Assess), "2024-01-20", "F3", corrects: "F2");

        var reading = Read("2024-02-01", first, Correction, third);

        Assert.Equal((Day("2024-01-08"), Day("2024-01-20")), (reading.Outline.StartOn, reading.Outline.DecisionOn));
        var circle = Assert.Single(reading.Findings, f => f.Code == FindingCode.ReplacementCycle);
        Assert.Equal(["F1", "F2", "F3"], circle.Facts);
    }

    [Fact]
    public void A_fact_that_corrects_itself_counts_and_is_reported()
    {
        var reading = Read("2024-02-01", Request with { Corrects = "F1" });

        Assert.Equal(Day("2024-01-08"), reading.Outline.StartOn);
        Assert.Equal([FindingCode.ReplacementCycle], reading.Codes());
    }

    [Fact]
    public void A_retraction_from_outside_breaks_into_a_circle()
    {
        var first = Request with { Corrects = "F2" };

        var reading = Read("2024-02-01", first, Correction, Retracted("F1", "2024-01-20"));

        Assert.Equal(Day("2024-01-10"), reading.Outline.StartOn);
    }

    [Fact]
    public void A_circle_replaces_what_lies_behind_it()
    {
        // F2 and R2 form a circle and count; R2 also retracts the decision, by what it corrects.
        var decision = That(new FactBody.DecisionNotified(AssessmentDecision.Assess), "2024-01-15", "D1");
        var circled = Correction with { Corrects = "R2" };
        var retraction = That(new FactBody.Retracted("F2"), "2024-01-20", "R2", corrects: "D1");

        var outline = Read("2024-02-01", decision, circled, retraction).Outline;

        Assert.Equal((Day("2024-01-10"), (DateOnly?)null), (outline.StartOn, outline.DecisionOn));
    }

    [Fact]
    public void A_fact_moved_to_another_case_by_a_correction_leaves_this_one()
    {
        var moved = Request with { FactId = "F2", CaseId = "C2", Corrects = "F1" };

        Assert.Empty(Read("2024-02-01", Request, moved).Obligations);
        Assert.Equal(Day("2024-01-08"), CaseReading.Of([Request, moved], Bolton, "C2", Day("2024-02-01")).Outline.StartOn);
    }

    [Fact]
    public void Facts_of_other_cases_have_no_other_effect()
    {
        var elsewhere = ToldToAssess("2024-01-20") with { CaseId = "C2" };
        var otherAuthority = ToldToAssess("2024-01-20") with { Authority = "la:351", FactId = "X" };

        Assert.Equal(Read("2024-02-01", Request), Read("2024-02-01", Request, elsewhere, otherAuthority));
    }

    [Fact]
    public void The_same_fact_twice_counts_once()
    {
        Assert.Equal(
            Read("2024-03-01", Request, ToldToAssess("2024-02-01")),
            Read("2024-03-01", Request, Request, ToldToAssess("2024-02-01"), Request with { })
        );
    }

    [Fact]
    public void One_id_for_two_different_facts_is_reported_and_read_the_same_in_any_order()
    {
        var other = Request with { On = Day("2024-01-06") };

        var reading = Read("2024-02-01", Request, other);

        Assert.Equal(Day("2024-01-06"), reading.Outline.StartOn);
        Assert.Equal([FindingCode.ConflictingDuplicate], reading.Codes());
        Assert.Equal(reading, Read("2024-02-01", other, Request));
    }

    [Fact]
    public void A_chain_of_a_hundred_thousand_corrections_is_read_at_once()
    {
        var chain = Enumerable
            .Range(0, 100_000)
            .Select(i => Request with { FactId = $"F{i}", Corrects = i == 0 ? null : $"F{i - 1}" })
            .ToList();
        var circle = chain.Select(f => f with { Corrects = f.Corrects ?? "F99999" }).ToList();

        Assert.Equal(["F99999"], CaseReading.Of(chain, Bolton, Case, Day("2024-02-01")).Decision().Basis);
        Assert.Equal(FindingCode.ReplacementCycle, Assert.Single(CaseReading.Of(circle, Bolton, Case, Day("2024-02-01")).Findings).Code);
    }

    private static readonly Fact Order = Ordered("2024-10-14", AppealIssue.AmendContent);

    private static string[] Occasions(params Fact[] facts) =>
        [.. Read("2025-01-01", facts).All(ObligationCode.OrderAmendContent).Select(o => o.Occasion!).Order(StringComparer.Ordinal)];

    private static Fact Corrected(Fact fact, string id) => fact with { FactId = id, Corrects = fact.FactId, On = fact.On.AddDays(1) };

    [Fact]
    public void A_place_is_the_first_of_a_chain_of_corrections()
    {
        var (second, third) = (Corrected(Order, "O2"), Corrected(Corrected(Order, "O2"), "O3"));

        Assert.Equal([Order.FactId], Occasions(Order));
        Assert.Equal([Order.FactId], Occasions(third, second, Order));
        Assert.Equal([Order.FactId], Occasions(Order, second, third, Retracted("O3", "2024-12-01")));
    }

    [Fact]
    public void A_correction_that_arrives_before_what_it_corrects_has_its_place_already()
    {
        Assert.Equal([Order.FactId], Occasions(Corrected(Order, "O2")));
    }

    [Fact]
    public void Of_two_corrections_of_one_fact_the_first_by_id_keeps_the_place()
    {
        Assert.Equal(["O3", Order.FactId], Occasions(Order, Corrected(Order, "O3"), Corrected(Order, "O2")));
        Assert.Equal(["O3", Order.FactId], Occasions(Corrected(Order, "O3"), Corrected(Order, "O2"))); // Not arrived.
    }

    [Fact]
    public void Places_of_two_senders_differ_though_their_ids_do_not()
    {
        var byBoard = Order with { Organisation = Board };
        var likeIt = Order with { FactId = $"{Board}/{Order.FactId}" };

        Assert.Equal(
            [Order.FactId, $"{Board}/{Order.FactId}", $"{Bolton}/{Board}/{Order.FactId}"],
            Occasions(Order, byBoard, likeIt).OrderBy(o => o.Length)
        );
    }
}
