using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SendExchange.Aggregator;
using SendExchange.Aggregator.Clock;
using SendExchange.Aggregator.V1;
using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Education.V1;
using SendExchange.Statute;
using SendExchange.Testing;
using Breach = SendExchange.Aggregator.V1.Breach;
using Obligation = SendExchange.Aggregator.V1.Obligation;

namespace SendExchange.Services.Tests;

/// <summary>From what Education tells to obligations, breaches and reports: the aggregator by itself, its bus and its clock.</summary>
public sealed class AggregatorTests(AggregatorTests.Exchanges exchanges) : IClassFixture<AggregatorTests.Exchanges>
{
    /// <summary>Received on 8 January 2024: the decision is due on 19 February, the plan on 27 May.</summary>
    private const string Request = """{"factId":"r1","caseId":"C1","on":"2024-01-08","requestReceived":{"source":"SCHOOL"}}""";
    private static int _authorities = -1;

    /// <summary>So that no test sees another's cases.</summary>
    private readonly LocalAuthority authority = LocalAuthorities.All[Interlocked.Increment(ref _authorities)];

    public static TheoryData<Engine> Engines => [.. Enum.GetValues<Engine>()];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Engines))]
    public async Task Facts_in_any_order_and_told_twice_give_the_same_obligations_and_breaches(Engine engine)
    {
        var exchange = await exchanges.On(engine);
        string[] story =
        [
            """{"factId":"r1","on":"2024-01-08","requestReceived":{"source":"SCHOOL"}}""",
            """{"factId":"r2","on":"2024-01-15","corrects":"r1","requestReceived":{"source":"SCHOOL"}}""",
            """{"factId":"d1","on":"2024-03-04","decisionNotified":{"outcome":"ASSESS"}}""",
            """{"factId":"s1","on":"2024-03-05","adviceSought":{"adviceId":"A1","kind":"MEDICAL","from":"icb:QJ2","receivedByBodyOn":"2024-03-06"}}""",
            """{"factId":"g1","on":"2024-04-10","organisation":"icb:QJ2","adviceGiven":{"adviceId":"A1"}}""",
            """{"factId":"g2","on":"2024-05-01","organisation":"icb:QJ2","corrects":"g1","adviceGiven":{"adviceId":"A1"}}""",
            """{"factId":"w1","on":"2024-03-20","requestWithdrawn":{}}""",
            """{"factId":"w2","on":"2024-03-21","retracted":{"factId":"w1"}}""",
        ];
        var shuffle = new Random(20240108);
        var cases = Enumerable.Range(0, 24).Select(number => story.Select(json => Own(Fact(json), $"C{number}")).ToArray()).ToList();
        var orders = cases.ConvertAll(facts => cases[0] == facts ? facts : [.. facts.OrderBy(_ => shuffle.Next())]);

        for (var step = 0; step < story.Length; step++)
        {
            await exchange.Tell(orders.Select(order => order[step]));
        }

        var obligations = await Distinct();
        Assert.Equal(
            [
                "decide_to_assess  due 2024-02-26 MET_LATE 2024-03-04 +7 by d1 r2",
                "finalise_plan  due 2024-06-03 BREACHED  +28 by r2",
                "give_advice A1 due 2024-04-17 MET_LATE 2024-05-01 +14 by g2 s1",
                "notify_no_plan  due 2024-05-06 OPEN  +0 by d1 r2",
            ],
            obligations
        );
        var late = await Late();
        Assert.Equal(["decide_to_assess 2024-03-04 +7", "finalise_plan  +28", "give_advice 2024-05-01 +14"], late);
        var events = await exchange.Count("breach_events");

        await exchange.Tell(orders.SelectMany(order => order.Concat(order)));

        Assert.Equal(obligations, await Distinct());
        Assert.Equal(late, await Late());
        Assert.Equal(events, await exchange.Count("breach_events"));

        // What is said of the obligations of each case; more than one line each where the cases differ.
        async Task<IReadOnlyList<string>> Distinct() =>
            [
                .. (await exchange.Obligations(authority))
                    .Select(o =>
                        $"{o.Obligation_} {o.AdviceId} due {o.Due} {o.State} {o.DoneOn} +{o.DaysLate} by "
                        + string.Join(' ', o.Basis.Select(id => id.Split('/')[1]))
                    )
                    .CountBy(line => line)
                    .Select(line => line.Value == cases.Count ? line.Key : $"{line.Key} in {line.Value} cases")
                    .Order(StringComparer.Ordinal),
            ];

        async Task<IReadOnlyList<string>> Late() =>
            [
                .. (await exchange.Breaches(authority))
                    .Where(b => b.DaysLate > 0)
                    .Select(b => $"{b.Obligation} {b.EndedOn} +{b.DaysLate}")
                    .CountBy(line => line)
                    .Select(line => line.Value == cases.Count ? line.Key : $"{line.Key} in {line.Value} cases")
                    .Order(StringComparer.Ordinal),
            ];
    }

    /// <summary>Of a request on the first day the decision is due on the second, and late from the instant.</summary>
    public static TheoryData<Engine, string, string, string> Midnights =>
        new(
            Enum.GetValues<Engine>()
                .SelectMany(
                    _ =>
                        new[]
                        {
                            ("2024-01-08", "2024-02-19", "2024-02-20T00:00:00Z"),
                            ("2024-03-04", "2024-04-15", "2024-04-15T23:00:00Z"),
                        },
                    (engine, day) => (engine, day.Item1, day.Item2, day.Item3)
                )
        );

    [Theory, MemberData(nameof(Midnights))]
    public async Task What_nobody_tells_is_found_late_at_midnight_in_London_and_not_before(
        Engine engine,
        string requested,
        string due,
        string lateAt
    )
    {
        var midnight = DateTimeOffset.Parse(lateAt);
        await using var exchange = await Exchange.Start(engine, new StoppedClock(midnight.AddHours(-12)));
        await exchange.Tell(Fact(Request.Replace("2024-01-08", requested)));

        exchange.Clock.AdvanceTo(midnight.AddMicroseconds(-1));
        Assert.Equal(0, await exchange.ReadDue());
        Assert.Empty(exchange.Heard);
        exchange.Clock.AdvanceTo(midnight);
        await exchange.Settled();

        var breach = Assert.Single(await exchange.Breaches(authority));
        Assert.Equal((due, lateAt, lateAt), (breach.Due, breach.BreachAt, breach.DetectedAt));
        Assert.Equal((1, "", ""), (breach.DaysLate, breach.EndedOn, breach.Correction));
        Assert.Equal(
            new BreachRecorded(
                Guid.Parse(breach.BreachId),
                authority.Organisation,
                "C1",
                "decide_to_assess",
                AdviceId: null,
                Obligor: authority.Organisation,
                Rule: "SEND Regulations 2014, reg 5(1)",
                breach.RulePack,
                DateOnly.Parse(requested),
                DateOnly.Parse(due),
                BreachAt: midnight,
                DetectedAt: midnight,
                Occasion: null
            ),
            Assert.Single(exchange.Heard)
        );
        Assert.Equal("BREACHED", Assert.Single(await exchange.Obligations(authority), o => o.Obligation_ == "decide_to_assess").State);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_breach_during_thirty_days_of_downtime_keeps_its_day_and_says_when_it_was_noticed(Engine engine)
    {
        await using var before = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 2, 12)));
        await before.Tell(Fact(Request));
        await before.Host.Stop();
        before.Clock.Advance(TimeSpan.FromDays(30));

        await using var after = await Exchange.Start(engine, before.Clock, before);
        await after.Settled();

        var recorded = Assert.IsType<BreachRecorded>(Assert.Single(after.Heard));
        Assert.Equal((new DateOnly(2024, 2, 19), before.Clock.GetUtcNow()), (recorded.Due, recorded.DetectedAt));
        Assert.Equal(DateTimeOffset.Parse("2024-02-20T00:00:00Z"), recorded.BreachAt);
        Assert.Equal(23, Assert.Single(await after.Breaches(authority)).DaysLate);
    }

    [Fact]
    public async Task Of_two_aggregators_on_one_database_one_publishes_each_breach()
    {
        const int cases = 450; // More than two claims.
        await using var one = await Exchange.Start(Engine.Postgres, new StoppedClock(new DateOnly(2024, 2, 12)));
        await using var other = await Exchange.Start(Engine.Postgres, one.Clock, one);
        await one.Tell(Enumerable.Range(0, cases).Select(number => Own(Fact(Request), $"C{number}")));

        one.Clock.AdvanceTo(new DateOnly(2024, 3, 1));
        await one.Settled();

        var breaches = one.Heard.Concat(other.Heard).Cast<BreachRecorded>().ToList();
        Assert.Equal(cases, breaches.Count);
        Assert.Equal(cases, breaches.DistinctBy(b => b.BreachId).Count());
        Assert.Equal(cases, breaches.DistinctBy(b => b.CaseId).Count());
        Assert.Equal((cases, cases), (await one.Count("breaches"), await one.Count("breach_events")));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_late_fact_ends_the_breach_and_takes_nothing_off_the_record(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 3, 4)));
        await exchange.Tell(Fact(Request));
        var open = Assert.Single(await exchange.Breaches(authority));

        await exchange.Tell(Fact("""{"factId":"d1","caseId":"C1","on":"2024-02-29","decisionNotified":{"outcome":"DO_NOT_ASSESS"}}"""));

        Assert.Equal(
            new BreachEnded(
                Guid.Parse(open.BreachId),
                authority.Organisation,
                "C1",
                "decide_to_assess",
                new DateOnly(2024, 2, 29),
                DaysLate: 10
            ),
            exchange.Heard.Last()
        );
        Assert.Equal(2, exchange.Heard.Count);
        var ended = open.Clone();
        (ended.EndedOn, ended.DaysLate) = ("2024-02-29", 10);
        Assert.Equal(14, open.DaysLate);
        Assert.Equal(ended, Assert.Single(await exchange.Breaches(authority)));
    }

    /// <summary>A fact that shows the breach to be none, and what is then said of it.</summary>
    public static TheoryData<Engine, string, string> Corrections =>
        new(
            Enum.GetValues<Engine>()
                .SelectMany(
                    _ =>
                        new[]
                        {
                            (
                                """{"factId":"r2","caseId":"C1","on":"2024-02-01","corrects":"r1","requestReceived":{"source":"SCHOOL"}}""",
                                "Not late: OPEN, due 2024-03-14."
                            ),
                            (
                                """{"factId":"x1","caseId":"C1","on":"2024-02-15","exceptionClaimed":{"ground":"EXCEPTIONAL_CIRCUMSTANCES","reason":"given"}}""",
                                "The limit does not bind: EXCEPTIONAL_CIRCUMSTANCES, reg 5(4)(c)."
                            ),
                            (
                                """{"factId":"x1","caseId":"C1","on":"2024-03-04","retracted":{"factId":"r1"}}""",
                                "There is no such duty: facts it rested on were corrected or retracted."
                            ),
                        },
                    (engine, correction) => (engine, correction.Item1, correction.Item2)
                )
        );

    [Theory, MemberData(nameof(Corrections))]
    public async Task A_breach_that_was_none_stays_on_the_record_with_its_correction(Engine engine, string correction, string reason)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 3, 4)));
        await exchange.Tell(Fact(Request));
        var recorded = Assert.Single(await exchange.Breaches(authority));
        exchange.Clock.Advance(TimeSpan.FromHours(1));

        await exchange.Tell(Fact(correction));

        Assert.Equal(
            new BreachCorrected(
                Guid.Parse(recorded.BreachId),
                authority.Organisation,
                "C1",
                "decide_to_assess",
                reason,
                exchange.Clock.GetUtcNow()
            ),
            exchange.Heard.Last()
        );
        var corrected = recorded.Clone();
        (corrected.Correction, corrected.DaysLate) = (reason, 0);
        Assert.Equal(corrected, Assert.Single(await exchange.Breaches(authority)));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_correction_that_stands_in_another_case_takes_effect_in_both_whichever_comes_first(Engine engine)
    {
        var exchange = await exchanges.On(engine);
        foreach (var first in new[] { "wrong", "right" })
        {
            var wrong = Fact(Request.Replace("C1", $"wrong, {first} first").Replace("r1", $"r1 {first}"));
            var right = Fact(Request.Replace("C1", $"right, {first} first").Replace("r1", $"r2 {first}"));
            right.Corrects = wrong.FactId;

            await exchange.Tell(first == "wrong" ? wrong : right);
            await exchange.Tell(first == "wrong" ? right : wrong);

            Assert.Equal([right.CaseId], await CasesThatOweADecision());

            await exchange.Tell(Retraction("r3", right));

            Assert.Equal([wrong.CaseId], await CasesThatOweADecision());

            await exchange.Tell(Retraction("r4", wrong));

            Assert.Empty(await CasesThatOweADecision());
        }

        AssessmentFact Retraction(string id, AssessmentFact of)
        {
            var retraction = Fact("""{"factId":"","caseId":"third","on":"2024-03-01","retracted":{}}""");
            retraction.FactId = $"{id} of {of.FactId}";
            retraction.Retracted.FactId = of.FactId;
            return retraction;
        }

        async Task<IReadOnlyList<string>> CasesThatOweADecision() =>
            [.. (await exchange.Obligations(authority)).Where(o => o.Obligation_ == "decide_to_assess").Select(o => o.CaseId)];
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_report_as_known_on_a_day_gives_what_had_been_told_by_its_end_in_London(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 2, 21)));
        await exchange.Tell(Fact(Request));
        exchange.Clock.AdvanceTo(new DateOnly(2024, 3, 1));
        await exchange.Tell(Fact("""{"factId":"d1","caseId":"C1","on":"2024-02-29","decisionNotified":{"outcome":"ASSESS"}}"""));
        exchange.Clock.AdvanceTo(DateTimeOffset.Parse("2024-04-20T23:30:00Z")); // Half past midnight of the 21st in London.
        await exchange.Tell(
            Fact("""{"factId":"r2","caseId":"C1","on":"2024-01-18","corrects":"r1","requestReceived":{"source":"SCHOOL"}}""")
        );

        string[] known =
        [
            .. await Known("2024-02-20"),
            .. await Known("2024-02-21"),
            .. await Known("2024-03-01"),
            .. await Known("2024-04-20"),
            .. await Known("2024-04-21"),
            .. await Known(""),
        ];

        Assert.Equal(
            [
                "2024-02-20: requests x, within six weeks x, over x",
                "2024-02-21: BREACHED +2, breach  +2 ''",
                "2024-02-21: requests 1, within six weeks 0, over 0",
                "2024-03-01: MET_LATE +10, breach 2024-02-29 +10 ''",
                "2024-03-01: requests 1, within six weeks 0, over 1",
                "2024-04-20: MET_LATE +10, breach 2024-02-29 +10 ''",
                "2024-04-20: requests 1, within six weeks 0, over 1",
                "2024-04-21: MET +0, breach  +0 'Not late: MET, due 2024-02-29, done 2024-02-29.'",
                "2024-04-21: requests 1, within six weeks 1, over 0",
                ": MET +0, breach  +0 'Not late: MET, due 2024-02-29, done 2024-02-29.'",
                ": requests 1, within six weeks 1, over 0",
            ],
            known
        );

        async Task<IEnumerable<string>> Known(string day)
        {
            var breaches = await exchange.Breaches(authority, day);
            var decisions = (await exchange.Obligations(authority, day)).Where(o => o.Obligation_ == "decide_to_assess");
            var figures = await exchange.Figures(Figures.Requests, authority, day);
            string Cell(string column) => figures.Rows[0].Cells[figures.Columns.IndexOf(column)];
            return
            [
                .. decisions.Zip(breaches, (o, b) => $"{day}: {o.State} +{o.DaysLate}, breach {b.EndedOn} +{b.DaysLate} '{b.Correction}'"),
                $"{day}: requests {Cell("requests_received_in_year")}, within six weeks {Cell("request_outcome_six_weeks")}, "
                    + $"over {Cell("request_outcome_over_6_weeks")}",
            ];
        }
    }

    private const string AreaColumns =
        "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,new_la_code,old_la_code,"
        + "la_name,breakdown_topic,breakdown,";

    /// <summary>The header rows of the files that DfE publishes.</summary>
    public static TheoryData<Engine, Figures, string> Headers =>
        new(
            Enum.GetValues<Engine>()
                .SelectMany(
                    _ =>
                        new[]
                        {
                            (
                                Figures.Timeliness,
                                AreaColumns
                                    + "plans_issued_den,plans_issued_den_ex,plans_issued_within_20_weeks,plans_issued_20_weeks_ex,"
                                    + "pc_plans_issued_within_20_weeks,PC_plans_issued_20_weeks_ex,plans_issued_gt20weeks_ltYear,"
                                    + "plans_issued_gt20weeks_ltYear_ex,pc_plans_issued_gt20weeks_ltYear,"
                                    + "PC_plans_issued_gt20weeks_ltYear_ex,plans_issued_gt_1_year,plans_issued_gt_1_year_ex,"
                                    + "pc_plans_issued_gt_1_year,PC_plans_issued_gt_1_year_ex"
                            ),
                            (
                                Figures.Requests,
                                AreaColumns
                                    + "requests_received_in_year,requests_rya,requests_decided_to_assess,requests_decided_not_to_assess,"
                                    + "requests_decision_not_made,requests_withdrawn,request_assess_pc,request_not_assess_pc,"
                                    + "request_outstanding_pc,request_withdrawn_pc,request_outcome_six_weeks,"
                                    + "request_outcome_over_6_weeks,request_outcome_six_weeks_pc,request_outcome_over_6_weeks_pc,"
                                    + "mediation_related_request,tribunal_related_request,tribunal_after_mediation_request"
                            ),
                            (
                                Figures.Assessments,
                                AreaColumns
                                    + "assess_in_year,assess_issued,assess_issued_pc,assess_not_issued,assess_not_issued_pc,"
                                    + "assess_not_made,assess_not_made_pc,assess_withdrawn,assess_withdrawn_pc,"
                                    + "outcome_decision_within_time,outcome_decision_over_time,outcome_decision_within_time_pc,"
                                    + "outcome_decision_over_time_pc,number_assess_mediation,number_assess_tribunal,"
                                    + "number_asssess_mediation_tribunal,number_other_mediation,number_other_tribunal,"
                                    + "number_other_mediation_tribunal"
                            ),
                        },
                    (engine, report) => (engine, report.Item1, report.Item2)
                )
        );

    [Theory, MemberData(nameof(Headers))]
    public async Task A_report_has_DfEs_columns_and_an_x_where_nothing_is_known_of_an_authority(
        Engine engine,
        Figures report,
        string header
    )
    {
        var exchange = await exchanges.On(engine);

        var figures = await exchange.Figures(report, authority);

        Assert.Equal(header, string.Join(',', figures.Columns));
        var cells = Assert.Single(figures.Rows).Cells;
        Assert.Equal(figures.Columns.Count, cells.Count);
        Assert.Equal(
            [
                "2024",
                "Calendar year",
                "Local authority",
                "E92000001",
                "England",
                authority.Region.Code,
                authority.Region.Name,
                authority.Gss,
                authority.Number,
                authority.Name,
            ],
            cells.Take(10)
        );
        Assert.All(cells.Skip(12), cell => Assert.Equal("x", cell));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task An_authority_sees_its_own_only_an_inspector_all_and_nobody_else_any(Engine engine)
    {
        var exchange = await exchanges.On(engine);
        var other = LocalAuthorities.All[^1];
        await exchange.Tell(Fact(Request));
        await exchange.Tell(Fact(Request, by: other));

        foreach (var seen in Seen(exchange, exchange.Reports(authority.Organisation, "sender")))
        {
            Assert.Equal([authority.Organisation], (await seen([])).Distinct());
            Assert.Equal([authority.Organisation], (await seen([authority.Number])).Distinct());
            await Refused(StatusCode.PermissionDenied, () => seen([other.Number]));
            await Refused(StatusCode.PermissionDenied, () => seen([authority.Number, other.Number]));
            await Refused(StatusCode.InvalidArgument, () => seen(["12"]));
        }
        foreach (var seen in Seen(exchange, exchange.Reports("inspectorate:ofsted", "inspector")))
        {
            var all = await seen([]);
            Assert.Contains(authority.Organisation, all);
            Assert.Contains(other.Organisation, all);
            Assert.Equal([other.Organisation], (await seen([other.Number])).Distinct());
        }
        foreach (
            var client in new[]
            {
                exchange.Reports(authority.Organisation, "adviser"),
                exchange.Reports("icb:QJ2", "sender"),
                exchange.Reports("icb:QJ2", "adviser"),
            }
        )
        {
            foreach (var seen in Seen(exchange, client))
            {
                await Refused(StatusCode.PermissionDenied, () => seen([]));
            }
        }
        foreach (var seen in Seen(exchange, exchange.Reports(null)))
        {
            await Refused(StatusCode.Unauthenticated, () => seen([]));
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task What_is_odd_in_the_facts_is_listed_with_the_facts_it_is_about(Engine engine)
    {
        var exchange = await exchanges.On(engine);
        await exchange.Tell(
            Fact(Request),
            Fact("""{"factId":"d1","caseId":"C1","on":"2024-01-05","decisionNotified":{"outcome":"ASSESS"}}"""),
            Fact("""{"factId":"g1","caseId":"C2","on":"2024-01-05","adviceReceived":{"adviceId":"A9"}}""")
        );

        var findings = await exchange.Findings(authority);

        Assert.Equal(
            [(authority.Organisation, "C1", "done_before_start", "d1"), (authority.Organisation, "C2", "unknown_advice", "g1")],
            findings
                .Where(f => f.Code is not "no_start")
                .Select(f => (f.Authority, f.CaseId, f.Code, string.Join(' ', f.Facts.Where(id => id != "r1"))))
        );
        Assert.All(findings, finding => Assert.NotEmpty(finding.Detail));

        await exchange.Tell(
            Fact("""{"factId":"d2","caseId":"C1","on":"2024-02-05","corrects":"d1","decisionNotified":{"outcome":"ASSESS"}}""")
        );

        Assert.DoesNotContain(await exchange.Findings(authority), f => f.CaseId == "C1");
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_stored_fact_that_cannot_be_read_holds_up_no_other_case(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 3, 4)));
        exchange.Host.ExpectsErrors = true;
        await exchange.Tell(Own(Fact(Request), "broken"));
        await exchange
            .Host.Database(Aggregator.Aggregator.Name)
            .Transact(
                tx =>
                    tx.Execute(
                        """
                        insert into facts (organisation, fact_id, position, case_key, replaces, fact, recorded_at)
                        select organisation, 'broken fact', 1000, case_key, null, 'no JSON', recorded_at from facts
                        """
                    ),
                Stop
            );

        await exchange.Tell(
            Own(Fact("""{"factId":"d1","on":"2024-03-01","decisionNotified":{"outcome":"ASSESS"}}"""), "broken"),
            Own(Fact(Request), "whole")
        );

        Assert.Equal(["broken", "whole"], (await exchange.Breaches(authority)).Select(b => b.CaseId).Order(StringComparer.Ordinal));
        Assert.Equal(
            "BREACHED", // As last read.
            Assert.Single(await exchange.Obligations(authority), o => (o.CaseId, o.Obligation_) == ("broken", "decide_to_assess")).State
        );
        Assert.Contains($"{authority.Organisation}/broken", Assert.Single(exchange.Host.Errors));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_report_leaves_out_a_case_that_cannot_be_read_and_says_so(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 3, 4)));
        exchange.Host.ExpectsErrors = true;
        await exchange.Tell(Own(Fact(Request), "broken"), Own(Fact(Request), "whole"));
        await exchange
            .Host.Database(Aggregator.Aggregator.Name)
            .Transact(
                async tx =>
                {
                    await tx.Execute(
                        """
                        insert into facts (organisation, fact_id, position, case_key, replaces, fact, recorded_at)
                        select organisation, 'broken fact', 1000, case_key, null, '{"on":"Anna Smith"}', recorded_at from facts
                        where fact_id = 'broken/r1'
                        """
                    );
                    await tx.Execute("update cases set look_at = @now", new { now = exchange.Clock.GetUtcNow() });
                },
                Stop
            );
        await exchange.Settled();
        string[] days = ["", "2024-03-04"];
        var logged = exchange.Host.Errors.Count;

        Assert.Equal((1, "2 of 2"), await Figures("")); // As last read.
        Assert.Equal((1, "1 of 1"), await Figures("2024-03-04"));
        Assert.Equal((1, "broken whole"), await Obligations(""));
        Assert.Equal((1, "whole"), await Obligations("2024-03-04"));
        foreach (var day in days)
        {
            var breaches = exchange.Inspector.ListBreaches(
                new()
                {
                    Year = 2024,
                    Authorities = { authority.Number },
                    AsKnownOn = day,
                },
                cancellationToken: Stop
            );
            Assert.Equal(2, (await breaches.ResponseStream.ReadAllAsync(Stop).ToListAsync(Stop)).Count);
            Assert.Equal("1", breaches.GetTrailers().GetValue("unreadable-cases"));
        }
        var finding = Assert.Single(await exchange.Findings(authority), f => f.Code == "unreadable_fact");
        Assert.Equal(("broken", "broken fact"), (finding.CaseId, Assert.Single(finding.Facts)));
        Assert.Equal(1, logged);
        Assert.Equal(2, exchange.Host.Errors.Count - logged); // Once a report.
        Assert.DoesNotContain(exchange.Host.Errors, line => line.Contains("Anna"));

        await exchange
            .Host.Database(Aggregator.Aggregator.Name)
            .Transact(tx => tx.Execute("delete from facts where fact_id = 'broken fact'"), Stop);
        exchange.Clock.Advance(TimeSpan.FromHours(1));
        await exchange.Settled();

        Assert.Equal((0, "2 of 2"), await Figures(""));
        Assert.DoesNotContain(await exchange.Findings(authority), f => f.Code == "unreadable_fact");

        async Task<(int, string)> Figures(string day)
        {
            var figures = await exchange.Figures(SendExchange.Aggregator.V1.Figures.Requests, authority, day);
            var requests = figures.Rows[0].Cells[figures.Columns.IndexOf("requests_received_in_year")];
            var cases = figures.Rows[0].Cells[figures.Columns.IndexOf("requests_decision_not_made")];
            return (figures.UnreadableCases, $"{cases} of {requests}");
        }

        async Task<(int, string)> Obligations(string day)
        {
            var call = exchange.Inspector.ListObligations(
                new()
                {
                    Year = 2024,
                    Authorities = { authority.Number },
                    AsKnownOn = day,
                },
                cancellationToken: Stop
            );
            var cases = await call.ResponseStream.ReadAllAsync(Stop).Select(r => r.Obligation.CaseId).Distinct().ToListAsync(Stop);
            return (int.Parse(call.GetTrailers().GetValue("unreadable-cases") ?? "0"), string.Join(' ', cases.Order()));
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task What_will_be_known_tomorrow_nobody_is_told(Engine engine)
    {
        // Half past midnight of 1 July in London, 30 June in Greenwich.
        await using var exchange = await Exchange.Start(
            engine,
            new StoppedClock(new DateTimeOffset(2024, 6, 30, 23, 30, 0, TimeSpan.Zero))
        );
        foreach (var ask in Asks())
        {
            await ask("2024-07-01");
            await Refused(StatusCode.InvalidArgument, () => ask("2024-07-02"));
            var refused = await Assert.ThrowsAsync<RpcException>(() => ask("9434765919"));
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
            Assert.DoesNotContain("9434765919", refused.Status.Detail);
        }
        var named = await Assert.ThrowsAsync<RpcException>(async () =>
            await Exchange.All(exchange.Inspector.ListFindings(new() { Authorities = { "9434765919" } }, cancellationToken: Stop))
        );
        Assert.DoesNotContain("9434765919", named.Status.Detail);

        IEnumerable<Func<string, Task<int>>> Asks() =>
            [
                async day => (await exchange.Breaches(authority, day)).Count,
                async day => (await exchange.Obligations(authority, day)).Count,
                async day => (await exchange.Figures(Figures.Requests, authority, day)).Rows.Count,
            ];
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task An_authority_named_twice_counts_once(Engine engine)
    {
        var exchange = await exchanges.On(engine);
        await exchange.Tell(Fact(Request), Fact("""{"factId":"g1","caseId":"C2","on":"2024-01-05","adviceReceived":{"adviceId":"A9"}}"""));
        string[] once = [authority.Number];
        string[] twice = [authority.Number, authority.Number];

        foreach (var seen in Seen(exchange, exchange.Inspector))
        {
            Assert.Equal(await seen(once), await seen(twice));
        }
        Assert.Equal(
            (await Exchange.All(exchange.Inspector.ListFindings(new() { Authorities = { once } }, cancellationToken: Stop))).Count,
            (await Exchange.All(exchange.Inspector.ListFindings(new() { Authorities = { twice } }, cancellationToken: Stop))).Count
        );
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_breach_recorded_against_the_wrong_body_is_corrected_there_and_recorded_against_the_right_one(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 4, 22)));
        const string asked =
            """{"factId":"s1","caseId":"C1","on":"2024-03-04","adviceSought":{"adviceId":"A1","kind":"MEDICAL","from":"icb:QJ2"}}""";
        await exchange.Tell(Fact(Request), Fact(asked));

        await exchange.Tell(Fact(asked.Replace("s1\"", "s2\",\"corrects\":\"s1\"").Replace("icb:QJ2", "trust:RX4")));

        Assert.Equal(["icb:QJ2 2024-04-15 +0 'Owed by trust:RX4, not by icb:QJ2.'", "trust:RX4 2024-04-15 +7 ''"], await Late());
        var ids = (await exchange.Breaches(authority))
            .Where(b => b.Obligation == "give_advice")
            .ToDictionary(b => b.Obligor, b => b.BreachId);
        Assert.Equal(ids["icb:QJ2"], Assert.Single(exchange.Heard.OfType<BreachCorrected>()).BreachId.ToString());
        Assert.Equal(
            ["icb:QJ2", "trust:RX4"],
            exchange.Heard.OfType<BreachRecorded>().Where(b => b.Obligation == "give_advice").Select(b => b.Obligor)
        );

        await exchange.Tell(Fact("""{"factId":"x1","caseId":"C1","on":"2024-04-22","retracted":{"factId":"s2"}}"""));

        Assert.Equal(
            ["icb:QJ2 2024-04-15 +7 'Late after all: due 2024-04-15.'", "trust:RX4 2024-04-15 +0 'Owed by icb:QJ2, not by trust:RX4.'"],
            await Late()
        );

        await exchange.Tell(Fact("""{"factId":"x2","caseId":"C1","on":"2024-04-22","retracted":{"factId":"s1"}}"""));

        Assert.Equal(
            [
                "icb:QJ2 2024-04-15 +0 'There is no such duty: facts it rested on were corrected or retracted.'",
                "trust:RX4 2024-04-15 +0 'Owed by icb:QJ2, not by trust:RX4.'",
            ],
            await Late()
        );

        async Task<IReadOnlyList<string>> Late() =>
            [
                .. (await exchange.Breaches(authority))
                    .Where(b => b.Obligation == "give_advice")
                    .Select(b => $"{b.Obligor} {b.Due} +{b.DaysLate} '{b.Correction}'")
                    .Order(StringComparer.Ordinal),
            ];
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task What_was_recorded_before_breaches_told_their_obligors_apart_stays_on_the_record(Engine engine)
    {
        await using var before = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 3, 4)));
        await before.Tell(Fact(Request));
        var recorded = Assert.Single(await before.Breaches(authority));
        await before.Tell(Fact("""{"factId":"d1","caseId":"C1","on":"2024-02-29","decisionNotified":{"outcome":"ASSESS"}}"""));
        var now = await Report(before);
        await before.Host.Stop();
        await before
            .Host.Database(Aggregator.Aggregator.Name)
            .Transact(
                async tx =>
                {
                    // As the first version left it.
                    await tx.Execute(
                        """
                        create table kept_breaches as select * from breaches;
                        create table kept_events as select * from breach_events;
                        create table kept_obligations as select * from obligations;
                        drop table breach_events; drop table breaches; drop table obligations; drop table replacements;
                        drop table warnings; drop table sweep;
                        delete from schema_migrations
                        where name in ('002_occasions.sql', '003_replacements.sql', '004_warnings_sweep.sql');
                        """
                    );
                    var first = Repository.Read("services/aggregator/migrations/001_facts_cases_breaches.sql");
                    foreach (var table in new[] { "obligations", "breaches", "breach_events" })
                    {
                        var start = first.IndexOf($"create table {table} (", StringComparison.Ordinal);
                        await tx.Execute(first[start..(first.IndexOf("\n);", start, StringComparison.Ordinal) + 3)]);
                    }
                    await tx.Execute(
                        """
                        insert into obligations select case_key, authority, case_id, obligation, advice_id, obligor, rule, rule_pack,
                            start_on, target, due, breach_at, state, done_on, ended_on, ground, ground_rejected, basis
                        from kept_obligations;
                        insert into breaches select breach_id, case_key, authority, case_id, obligation, advice_id, obligor, rule,
                            rule_pack, start_on, due, breach_at, detected_at
                        from kept_breaches;
                        insert into breach_events select * from kept_events;
                        drop table kept_obligations; drop table kept_breaches; drop table kept_events;
                        create index obligations_due on obligations (authority, due);
                        create index breaches_due on breaches (authority, due);
                        """
                    );
                },
                Stop
            );

        await using var after = await Exchange.Start(engine, before.Clock, before);

        Assert.Equal(now, await Report(after));
        await after.Publish([before.Message(Fact("""{"factId":"x1","caseId":"C1","on":"2024-03-04","retracted":{"factId":"d1"}}"""))]);
        await after.Settled();
        var breach = Assert.Single(await after.Breaches(authority));
        Assert.Equal((recorded.BreachId, "", "Not ended."), (breach.BreachId, breach.EndedOn, breach.Correction));

        async Task<string> Report(Exchange of) =>
            string.Join('\n', [.. await of.Breaches(authority), .. (IEnumerable<object>)await of.Obligations(authority)]);
    }

    /// <summary>Another transaction holds the case row that the second fact needs, so that its transaction waits half done.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_correction_under_way_while_its_target_arrives_takes_effect_in_both_cases(bool inAChain)
    {
        await using var one = await Exchange.Start(Engine.Postgres, new StoppedClock(new DateOnly(2024, 3, 4)));
        await using var other = await Exchange.Start(Engine.Postgres, one.Clock, one);
        var target = Fact(Request.Replace("C1", "target's"));
        var link = Fact(Request.Replace("C1", "link's").Replace("r1", "r2"));
        var last = Fact(Request.Replace("C1", "last's").Replace("r1", "r3"));
        link.Corrects = target.FactId;
        last.Corrects = target.FactId;
        if (inAChain)
        {
            // Revives the target, through a link that is known before it.
            last.Corrects = "";
            last.Retracted = new Retracted { FactId = link.FactId };
        }
        await one.Tell(Fact("""{"factId":"w0","caseId":"last's","on":"2024-01-01","reviewMeetingHeld":{}}"""));
        if (inAChain)
        {
            await one.Tell(link);
        }
        var messages = new[] { target, last }.Select(one.Message).ToList();

        var started = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var holding = one
            .Host.Database(Aggregator.Aggregator.Name)
            .Transact(
                async tx =>
                {
                    await tx.Execute("select 1 from cases where case_id = 'last''s' for update");
                    started.SetResult();
                    await release.Task.WaitAsync(Stop);
                },
                Stop
            );
        await started.Task.WaitAsync(Stop);
        await other.Publish([messages[1]]);
        await Eventually.Equal(1, () => one.Count("pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"));
        await one.Publish([messages[0]]);
        await one.Host.Quiet();
        await Eventually.Equal(0, () => one.Count("cases where look_at <= @now"));
        release.SetResult();
        await holding;
        await other.Settled();
        await one.Settled();

        Assert.Equal(
            [inAChain ? "target's" : "last's"],
            (await one.Obligations(authority)).Where(o => o.Obligation_ == "decide_to_assess").Select(o => o.CaseId)
        );
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Progress_is_the_last_fact_before_a_gap_and_no_case_waits_once_all_are_read(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 3, 4)));
        var facts = Enumerable.Range(1, 5).Select(number => exchange.Message(Own(Fact(Request), $"C{number}"))).ToList();
        var adviser = exchange.Reports("icb:QJ2", "adviser");

        Assert.Equal(new GetProgressResponse(), await Progress());
        await exchange.Publish([facts[3], facts[0], facts[1]]);
        await exchange.Settled();
        Assert.Equal(new GetProgressResponse { ArrivedUpTo = 2 }, await Progress());
        await exchange.Publish([facts[2]]);
        await exchange.Settled();
        Assert.Equal(new GetProgressResponse { ArrivedUpTo = 4 }, await Progress());
        await Refused(
            StatusCode.Unauthenticated,
            async () => await exchange.Reports(null).GetProgressAsync(new(), cancellationToken: Stop)
        );

        async Task<GetProgressResponse> Progress() => await adviser.GetProgressAsync(new(), cancellationToken: Stop);
    }

    private static async Task Refused<T>(StatusCode expected, Func<Task<T>> call) =>
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(call)).StatusCode);

    /// <summary>Each report, as the authorities that it shows the client.</summary>
    private static IReadOnlyList<Func<string[], Task<IReadOnlyList<string>>>> Seen(
        Exchange exchange,
        ReportService.ReportServiceClient client
    ) =>
        [
            async numbers =>
                [
                    .. (await Exchange.All(client.ListBreaches(new() { Year = 2024, Authorities = { numbers } }))).Select(b =>
                        b.Breach.Authority
                    ),
                ],
            async numbers =>
                [
                    .. (await Exchange.All(client.ListObligations(new() { Year = 2024, Authorities = { numbers } }))).Select(o =>
                        o.Obligation.Authority
                    ),
                ],
            async numbers =>
            {
                var request = new GetFiguresRequest
                {
                    Figures = Figures.Requests,
                    Year = 2024,
                    Authorities = { numbers },
                };
                var figures = await client.GetFiguresAsync(request, cancellationToken: Stop);
                return [.. figures.Rows.Select(row => row.Cells[8]).Where(number => number.Length > 0).Select(number => $"la:{number}")];
            },
        ];

    /// <summary>A fact of this test's authority, from its JSON form. Where it names no sender, the authority says it.</summary>
    private AssessmentFact Fact(string json, LocalAuthority? by = null)
    {
        var line = FactJson.Read(Encoding.UTF8.GetBytes(json));
        var fact = line.Fact ?? throw new FormatException(string.Join("; ", line.Faults.Select(f => $"{f.Field}: {f.Problem}")));
        fact.Authority = (by ?? authority).Organisation;
        if (fact.Organisation.Length == 0)
        {
            fact.Organisation = fact.Authority;
        }
        return fact;
    }

    /// <summary>The fact as that case's own, its ids included.</summary>
    private static AssessmentFact Own(AssessmentFact fact, string caseId)
    {
        fact.CaseId = caseId;
        fact.FactId = $"{caseId}/{fact.FactId}";
        if (fact.Corrects.Length > 0)
        {
            fact.Corrects = $"{caseId}/{fact.Corrects}";
        }
        if (fact.Retracted is { } retracted)
        {
            retracted.FactId = $"{caseId}/{retracted.FactId}";
        }
        return fact;
    }

    /// <summary>One aggregator on each engine, on 1 July 2024, for the tests that need neither a clock nor a database of their own.</summary>
    public sealed class Exchanges : IAsyncDisposable
    {
        private readonly Dictionary<Engine, Lazy<Task<Exchange>>> shared = Enum.GetValues<Engine>()
            .ToDictionary(
                engine => engine,
                engine => new Lazy<Task<Exchange>>(() => Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 7, 1))))
            );

        internal Task<Exchange> On(Engine engine) => shared[engine].Value;

        public async ValueTask DisposeAsync()
        {
            foreach (var exchange in shared.Values.Where(e => e.IsValueCreated))
            {
                await (await exchange.Value).DisposeAsync();
            }
        }
    }

    /// <summary>An aggregator, and a witness that tells it facts as Education does and hears what it publishes.</summary>
    internal sealed class Exchange : IAsyncDisposable
    {
        private const string Witness = "witness";
        private const int MostFactsPerMessage = 7; // Few, so that one case's facts come in several.
        private readonly ConcurrentDictionary<(string, string), AssessmentFactRecorded> told = new();

        public required ServiceHost Host { get; init; }
        public required StoppedClock Clock { get; init; }

        /// <summary>Messages about breaches and packs, in the order in which they came.</summary>
        public required ConcurrentQueue<object> Heard { get; init; }

        /// <summary>Warnings, in the order in which they came.</summary>
        public required ConcurrentQueue<DeadlineApproaching> Warned { get; init; }

        /// <param name="beside">Whose aggregator's database to share.</param>
        /// <param name="settings">Of the aggregator.</param>
        public static async Task<Exchange> Start(
            Engine engine,
            StoppedClock clock,
            Exchange? beside = null,
            params IEnumerable<(string Name, string Value)> settings
        )
        {
            var heard = new ConcurrentQueue<object>();
            var warned = new ConcurrentQueue<DeadlineApproaching>();
            var configuration = settings.ToDictionary(s => s.Name, s => (string?)s.Value);
            if (beside is not null)
            {
                configuration[$"ConnectionStrings:{Aggregator.Aggregator.Name}"] = beside.Host.ConnectionString(Aggregator.Aggregator.Name);
            }
            var host = await ServiceHost.Start(
                engine,
                chassis =>
                {
                    chassis.AddAggregator();
                    chassis
                        .AddService(Witness, typeof(AggregatorTests).Assembly)
                        .Consume<Hear<BreachRecorded>, BreachRecorded>("breach-recorded")
                        .Consume<Hear<BreachEnded>, BreachEnded>("breach-ended")
                        .Consume<Hear<BreachCorrected>, BreachCorrected>("breach-corrected")
                        .Consume<Hear<RulePackApplied>, RulePackApplied>("rule-pack-applied")
                        .Consume<HearWarning, DeadlineApproaching>("deadline-approaching");
                    chassis.Services.AddSingleton(heard);
                    chassis.Services.AddSingleton(warned);
                },
                app => app.MapAggregator(),
                clock,
                configuration
            );
            return new Exchange
            {
                Host = host,
                Clock = clock,
                Heard = heard,
                Warned = warned,
            };
        }

        /// <summary>What Education publishes of the fact: the same each time.</summary>
        public AssessmentFactRecorded Message(AssessmentFact fact) =>
            told.GetOrAdd(
                (fact.Organisation, fact.FactId),
                _ => new AssessmentFactRecorded(
                    told.Count + 1,
                    Clock.GetUtcNow(),
                    fact.Organisation,
                    fact.FactId,
                    fact.Authority,
                    fact.CaseId,
                    FactJson.Kind(fact),
                    DateOnly.Parse(fact.On),
                    fact.Retracted?.FactId ?? (fact.Corrects.Length > 0 ? fact.Corrects : null),
                    FactJson.ToText(FactJson.WithoutFreeText(fact))
                )
            );

        public Task Publish(IEnumerable<AssessmentFactRecorded> facts) =>
            Host.Database(Witness)
                .Transact(
                    tx =>
                    {
                        foreach (var together in facts.Chunk(MostFactsPerMessage))
                        {
                            tx.Publish(new AssessmentFactsRecorded(together));
                        }
                        return Task.CompletedTask;
                    },
                    Stop
                );

        /// <summary>Tells the facts and waits until all that follows from them has happened.</summary>
        public async Task Tell(params IEnumerable<AssessmentFact> facts)
        {
            await Publish(facts.Select(Message));
            await Settled();
        }

        /// <summary>No message is under way and no case is due to be read.</summary>
        public async Task Settled()
        {
            await Host.Quiet();
            await Eventually.Equal(0, async () => await Count("replacements") + await Count("cases where look_at <= @now"));
            await Host.Quiet();
        }

        /// <summary>One pass of the reading loop. Returns how many cases were due.</summary>
        public Task<int> ReadDue() => Host.Services.GetServices<IHostedService>().OfType<ReadCases>().Single().ReadDue(Stop);

        public async Task<int> Count(string rows) =>
            (
                await Host.Database(Aggregator.Aggregator.Name)
                    .Query<int>($"select count(*) from {rows}", new { now = Clock.GetUtcNow() }, Stop)
            )[0];

        public ReportService.ReportServiceClient Reports(string? organisation, params IEnumerable<string> roles) =>
            new(Host.Channel(organisation, roles));

        public ReportService.ReportServiceClient Inspector => Reports("inspectorate:ofsted", "inspector");

        public async Task<IReadOnlyList<Breach>> Breaches(LocalAuthority authority, string asKnownOn = "")
        {
            var request = new ListBreachesRequest
            {
                Year = 2024,
                Authorities = { authority.Number },
                AsKnownOn = asKnownOn,
            };
            return [.. (await All(Inspector.ListBreaches(request))).Select(r => r.Breach)];
        }

        public async Task<IReadOnlyList<Obligation>> Obligations(LocalAuthority authority, string asKnownOn = "")
        {
            var request = new ListObligationsRequest
            {
                Year = 2024,
                Authorities = { authority.Number },
                AsKnownOn = asKnownOn,
            };
            return [.. (await All(Inspector.ListObligations(request))).Select(r => r.Obligation)];
        }

        public async Task<IReadOnlyList<SendExchange.Aggregator.V1.Finding>> Findings(LocalAuthority authority)
        {
            var request = new ListFindingsRequest { Authorities = { authority.Number } };
            return [.. (await All(Inspector.ListFindings(request))).Select(r => r.Finding)];
        }

        public async Task<GetFiguresResponse> Figures(Figures report, LocalAuthority authority, string asKnownOn = "")
        {
            var request = new GetFiguresRequest
            {
                Figures = report,
                Year = 2024,
                Authorities = { authority.Number },
                AsKnownOn = asKnownOn,
            };
            return await Inspector.GetFiguresAsync(request, cancellationToken: Stop);
        }

        public static async Task<IReadOnlyList<T>> All<T>(AsyncServerStreamingCall<T> call)
            where T : IMessage
        {
            using (call)
            {
                return await call.ResponseStream.ReadAllAsync(Stop).ToListAsync(Stop);
            }
        }

        public ValueTask DisposeAsync() => Host.DisposeAsync();

        private sealed class HearWarning(ConcurrentQueue<DeadlineApproaching> warned) : IConsumer<DeadlineApproaching>
        {
            public Task Consume(ConsumeContext<DeadlineApproaching> context)
            {
                warned.Enqueue(context.Message);
                return Task.CompletedTask;
            }
        }

        private sealed class Hear<T>(ConcurrentQueue<object> heard) : IConsumer<T>
            where T : class
        {
            public Task Consume(ConsumeContext<T> context)
            {
                heard.Enqueue(context.Message);
                return Task.CompletedTask;
            }
        }
    }
}
