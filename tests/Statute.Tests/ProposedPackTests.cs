using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class ProposedPackTests
{
    private const string Reform =
        """{"id":"2027-reform","title":"Eighteen weeks","citation":"Bill, clause 3","amend":[{"obligation":"finalise_plan","amends":"SEND Regulations 2014, reg 13(2)","weeks":18,"from":"2027-09-01","to":null}]}""";

    private static Obligation Plan(Law law, string requested, params Fact[] more) =>
        CaseReading.Of([Requested(requested), .. more], Bolton, Case, Day("2029-01-01"), law).Plan();

    private static Law With(Law law, string document)
    {
        var pack = ProposedPack.Read(document, law, out var faults);
        Assert.Empty(faults);
        return law.With(pack!);
    }

    private static string Amending(string id, string change) =>
        $$"""{"id":"{{id}}","title":"t","citation":"Bill {{id}}","amend":[{{change}}]}""";

    private static string Excepting(string id, string change) =>
        $$"""{"id":"{{id}}","title":"t","citation":"c","exceptions":[{"obligation":"finalise_plan","amends":"SEND Regulations 2014, reg 13(2)",{{change}} }]}""";

    [Theory]
    [InlineData("2027-08-31", "2028-01-18", "SEND Regulations 2014, reg 13(2)", "2014")]
    [InlineData("2027-09-01", "2028-01-05", "Bill, clause 3", "2027-reform")]
    public void A_limit_is_another_for_what_begins_to_run_from_its_day(string requested, string due, string rule, string pack)
    {
        var law = With(Law.Current, Reform);
        var plan = Plan(law, requested);

        Assert.Equal((Day(due), rule, pack), (plan.Due, plan.Rule, plan.RulePack));
        Assert.Equal(["2027-reform"], law.Applied.Select(p => p.Id));
        Assert.Empty(Law.Current.Applied);
    }

    [Fact]
    public void Of_two_packs_for_the_same_days_the_one_applied_later_counts()
    {
        var law = With(With(Law.Current, Reform), Reform.Replace("2027-reform", "second-thoughts").Replace("18", "16"));

        Assert.Equal((Day("2027-12-22"), "second-thoughts"), (Plan(law, "2027-09-01").Due, Plan(law, "2027-09-01").RulePack));
    }

    /// <summary>The same length in each way of counting it.</summary>
    [Theory]
    [InlineData("finalise_plan", "SEND Regulations 2014, reg 13(2)", "\"days\":100", "2024-01-08", "2024-04-17")]
    [InlineData("finalise_plan", "SEND Regulations 2014, reg 13(2)", "\"daysBeginningWith\":100", "2024-01-08", "2024-04-16")]
    [InlineData("finalise_plan", "SEND Regulations 2014, reg 13(2)", "\"monthsBeginningWith\":3", "2024-01-08", "2024-04-08")]
    [InlineData("finalise_plan", "SEND Regulations 2014, reg 13(2)", "\"workingDaysBeginningWith\":3", "2024-01-08", "2024-01-10")]
    public void A_length_is_counted_as_its_name_says(string obligation, string amends, string length, string requested, string due)
    {
        var law = With(
            Law.Current,
            Amending("p", $$"""{"obligation":"{{obligation}}","amends":"{{amends}}",{{length}},"from":"2024-01-01"}""")
        );

        Assert.Equal(Day(due), Plan(law, requested).Due);
    }

    [Fact]
    public void An_exception_is_taken_away_from_its_day_and_can_be_given_back_from_another()
    {
        var claim = Claimed("2028-12-01", new(ExceptionGround.ExceptionalCircumstances, ReasonGiven: true));
        var without = With(
            Law.Current,
            Excepting("away", """ "change":"remove","ground":"EXCEPTIONAL_CIRCUMSTANCES","from":"2027-09-01" """)
        );
        var again = With(
            without,
            Excepting(
                "back",
                """ "change":"add","ground":"EXCEPTIONAL_CIRCUMSTANCES","paragraph":"reg 13(4)","from":"2028-01-01","to":"2028-02-01" """
            )
        );

        Assert.Equal(
            [ObligationState.Disapplied, ObligationState.Breached, ObligationState.Breached],
            new[] { "2027-08-31", "2027-09-01", "2028-01-01" }.Select(day => Plan(without, day, claim).State)
        );
        Assert.Equal(
            [null, "EXCEPTIONAL_CIRCUMSTANCES, reg 13(4)", "EXCEPTIONAL_CIRCUMSTANCES, reg 13(4)", null],
            new[] { "2027-12-31", "2028-01-01", "2028-02-01", "2028-02-02" }.Select(day => Plan(again, day, claim).Ground)
        );
    }

    [Fact]
    public void Two_documents_that_say_the_same_are_written_the_same_and_what_is_written_reads_the_same()
    {
        var pack = ProposedPack.Read(Reform, Law.Current, out _)!;
        const string Same = """
            { "citation": "Bill, clause 3", "exceptions": [], "title": "Eighteen\u0020weeks", "id": "2027-reform",
              "amend": [{ "from": "2027-09-01", "weeks": 18, "amends": "SEND Regulations 2014, reg 13(2)", "obligation": "finalise_plan" }] }
            """;
        var other = ProposedPack.Read(Same, Law.Current, out var faults);

        Assert.Empty(faults);
        Assert.Equal(pack.Document, other!.Document);
        Assert.Equal(pack.Document, ProposedPack.Read(pack.Document, Law.Current, out _)!.Document);
        Assert.NotEqual(pack.Document, ProposedPack.Read(Reform.Replace("18", "17"), Law.Current, out _)!.Document);
    }

    [Fact]
    public void Every_limit_of_the_law_is_told_from_the_others_by_its_obligation_and_citation() =>
        Assert.Empty(
            Provisions
                .All.Where(p => p.Amends is null)
                .GroupBy(p => (p.Obligation, p.Citation))
                .Where(g => g.Count() > 1)
                .Select(g => g.Key)
        );

    /// <summary>A document, and what is said of it.</summary>
    [Theory]
    [InlineData("18 weeks", ": is not JSON at line 1, byte 3; an object is expected")]
    [InlineData("[]", ": is a list of 0; an object is expected")]
    [InlineData("""{"id":"p","title":"t","citation":"c"}""", ": changes nothing; something in amend or exceptions is expected")]
    [InlineData(
        """{"id":"a b","title":"","amend":{},"url":"x","weeks":1,"id":"q"}""",
        "weeks: is unknown; known are id, title, citation, url, amend, exceptions",
        "id: is given twice; once is expected",
        "title: is ''; 1 to 300 characters on one line are expected",
        "citation: is missing; a text is expected",
        "url: is 'x'; an address such as https://www.legislation.gov.uk/… is expected",
        "amend: is an object; a list of up to 200 changes is expected"
    )]
    public void A_document_of_another_form_is_refused_with_every_fault(string document, params string[] faults) =>
        Assert.Equal(faults, Faults(document, Law.Current));

    [Theory]
    [InlineData("2014", "is '2014', which is a version of the law already; one of its own is expected")]
    [InlineData("2027-reform", "is '2027-reform', which has been applied; a further change needs an id of its own")]
    [InlineData("new one", "is 'new one'; up to 64 letters, digits, '-', '.' and '_' are expected, e.g. 2027-reform")]
    public void An_id_is_a_packs_own(string id, string problem) =>
        Assert.Equal([$"id: {problem}"], Faults(Reform.Replace("2027-reform", id), With(Law.Current, Reform)));

    /// <summary>A change in the place of the reform's, and what is said of it.</summary>
    [Theory]
    [InlineData(
        """ "obligation":"finish","amends":"reg 13(2)","weeks":1,"from":"2027-09-01" """,
        "amend[0].obligation: is 'finish'; a code of an obligation is expected, e.g. finalise_plan"
    )]
    [InlineData(
        """ "obligation":"finalise_plan","amends":"reg 13","weeks":1,"from":"2027-09-01" """,
        "amend[0].amends: is 'reg 13'; of finalise_plan one of 'SEND Regulations 2014, reg 13(2)', 'SI 2015/62 reg 13(2)' is expected"
    )]
    [InlineData(
        """ "obligation":"allow_representations","amends":"SEND Regulations 2014, reg 13(1)(a)","days":20,"from":"2027-09-01" """,
        "amend[0].obligation: is allow_representations, a time that is left to the family and no limit; it cannot be amended by a pack"
    )]
    [InlineData(
        """ "obligation":"finalise_plan","amends":"SEND Regulations 2014, reg 13(2)","weeks":0,"from":"2027-02-30","to":7 """,
        "amend[0].weeks: is '0'; a whole number from 1 to 2000 is expected",
        "amend[0].from: is '2027-02-30'; a day up to 2100 is expected, e.g. 2027-09-01",
        "amend[0].to: is '7'; a day up to 2100 is expected, e.g. 2027-09-01"
    )]
    [InlineData(
        """ "obligation":"finalise_plan","amends":"SEND Regulations 2014, reg 13(2)","weeks":18,"from":"2014-08-31","to":"2014-08-30" """,
        "amend[0].from: is 2014-08-31; SEND Regulations 2014, reg 13(2) applies from 2014-09-01",
        "amend[0].to: is 2014-08-30; a day from 2014-08-31 on is expected"
    )]
    [InlineData(
        """ "obligation":"finalise_plan","amends":"SEND Regulations 2014, reg 13(2)","weeks":18,"days":126 """,
        "amend[0]: gives weeks and days; one of weeks, days, daysBeginningWith, monthsBeginningWith, workingDaysBeginningWith, monthsBefore, beforeDayOfYear is expected",
        "amend[0].from: is missing; a day up to 2100 is expected, e.g. 2027-09-01"
    )]
    [InlineData(
        """ "obligation":"phase_transfer","amends":"SEND Regulations 2014, reg 18(1)(b)","weeks":18,"from":"2027-09-01" """,
        "amend[0].weeks: is counted onwards; SEND Regulations 2014, reg 18(1)(b) is counted back from a day"
    )]
    [InlineData(
        """ "obligation":"phase_transfer","amends":"SEND Regulations 2014, reg 18(1)(b)","beforeDayOfYear":"02-29","from":"2027-09-01" """,
        "amend[0].beforeDayOfYear: is '02-29'; a day of every year is expected, e.g. \"02-15\""
    )]
    [InlineData(
        """ "obligation":"finalise_plan","amends":"SEND Regulations 2014, reg 13(2)","weeks":18,"from":"2027-09-01"},{"obligation":"finalise_plan","amends":"SEND Regulations 2014, reg 13(2)","weeks":17,"from":"2028-09-01" """,
        "amend[1]: amends what amend[0] amends, for some of the same days; one limit a day is expected"
    )]
    public void An_amendment_that_cannot_be_is_refused_with_every_fault(string change, params string[] faults) =>
        Assert.Equal(faults, Faults(Amending("p", $"{{{change}}}"), Law.Current));

    [Theory]
    [InlineData(
        """ "change":"drop","ground":"SNOW","from":"2027-09-01" """,
        "exceptions[0].change: is 'drop'; add or remove is expected",
        "exceptions[0].ground: is 'SNOW'; one of SCHOOL_CLOSURE, EARLY_YEARS_CLOSURE, EXCEPTIONAL_CIRCUMSTANCES, ABSENT_FROM_AREA, MISSED_APPOINTMENT is expected"
    )]
    [InlineData(
        """ "change":"add","ground":"SCHOOL_CLOSURE","paragraph":"p","from":"2027-09-01" """,
        "exceptions[0]: adds SCHOOL_CLOSURE, which reaches SEND Regulations 2014, reg 13(2) in those days by reg 13(3) with reg 10(4)(a); remove that first"
    )]
    [InlineData(
        """ "change":"remove","ground":"MISSED_APPOINTMENT","from":"2027-09-01","to":"2028-01-01" """,
        "exceptions[0].to: is given; an exception that is removed has none",
        "exceptions[0]: removes MISSED_APPOINTMENT, which does not reach SEND Regulations 2014, reg 13(2) from 2027-09-01 on"
    )]
    [InlineData(
        """ "change":"add","ground":"MISSED_APPOINTMENT","atLeastDays":-1,"from":"2027-09-01" """,
        "exceptions[0].paragraph: is missing; a text is expected",
        "exceptions[0].atLeastDays: is '-1'; a whole number from 0 to 2000 is expected"
    )]
    public void A_change_of_exceptions_that_cannot_be_is_refused_with_every_fault(string change, params string[] faults) =>
        Assert.Equal(faults, Faults(Excepting("p", change), Law.Current));

    private static IEnumerable<string> Faults(string document, Law law)
    {
        Assert.Null(ProposedPack.Read(document, law, out var faults));
        return faults.Select(f => $"{f.Where}: {f.Problem}");
    }
}
