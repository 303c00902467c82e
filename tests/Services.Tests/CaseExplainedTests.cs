using System.Text;
using Google.Protobuf;
using Grpc.Core;
using SendExchange.Aggregator.V1;
using SendExchange.Contracts;
using SendExchange.Education.V1;
using SendExchange.Testing;

namespace SendExchange.Services.Tests;

/// <summary>One case in all its reasons, and the days of many: GetCase and the report of days, asked of the aggregator.</summary>
public sealed class CaseExplainedTests
{
    private static readonly string[] _story =
    [
        """{"factId":"r1","caseId":"C1","on":"2024-01-08","requestReceived":{"source":"SCHOOL"}}""",
        """{"factId":"d1","caseId":"C1","on":"2024-03-04","decisionNotified":{"outcome":"ASSESS"}}""",
        """{"factId":"s1","caseId":"C1","on":"2024-03-05","adviceSought":{"adviceId":"A1","kind":"MEDICAL","from":"icb:QJ2"}}""",
        """{"factId":"s2","caseId":"C1","on":"2024-03-05","adviceSought":{"adviceId":"A2","kind":"SOCIAL_CARE","from":"care:350"}}""",
        """{"factId":"g2","caseId":"C1","on":"2024-03-20","adviceReceived":{"adviceId":"A2"}}""",
        """{"factId":"g1","caseId":"C1","on":"2024-05-01","adviceReceived":{"adviceId":"A1"}}""",
        """{"factId":"v1","caseId":"C1","on":"2024-05-10","draftPlanServed":{}}""",
        """{"factId":"p1","caseId":"C1","on":"2024-06-10","planFinalised":{}}""",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<Engine> Engines => [.. Enum.GetValues<Engine>()];

    [Theory, MemberData(nameof(Engines))]
    public async Task A_case_is_told_with_its_facts_its_reasons_and_its_days(Engine engine)
    {
        await using var exchange = await AggregatorTests.Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 7, 1)));
        await exchange.Tell(_story.Select(Fact));

        var said = await Case(exchange);

        Assert.Equal("2024-07-01", said.AsOf);
        Assert.Equal(["r1", "d1", "s1", "s2", "g2", "g1", "v1", "p1"], said.Facts.Select(f => f.FactId));
        Assert.Contains(
            said.Facts,
            f => f is { FactId: "g1", Kind: "adviceReceived", On: "2024-05-01", Organisation: "la:350", RecordedAt: "2024-07-01T11:00:00Z" }
        );
        var advice = Assert.Single(said.Obligations, o => o.Obligation.AdviceId == "A1");
        Assert.Equal(
            ("give_advice", "icb:QJ2", "MET_LATE", 15),
            (advice.Obligation.Obligation_, advice.Obligation.Obligor, advice.Obligation.State, advice.Obligation.DaysLate)
        );
        Assert.Contains("icb:QJ2 must give the advice asked for (A1) by 16 April 2024: SEND Regulations 2014, reg 8(1).", advice.Why);
        Assert.Contains("On 1 May 2024 the advice was received (fact g1 of la:350).", advice.Why);
        Assert.Contains("It was done on 1 May 2024, 15 days late.", advice.Why);

        Assert.Equal(("2024-01-08", "2024-06-10", 154), (said.Days.From, said.Days.To, said.Days.Days));
        Assert.Equal(
            ["DECIDING   56", "FAMILY   15", "ADVICE care:350 A2 15", "ADVICE icb:QJ2 A1 42", "DRAFTING   26"],
            said.Days.Held.Select(h => $"{h.Holder} {h.Organisation} {h.AdviceId} {h.Days}")
        );
        Assert.Equal(said.Days.Days, said.Days.Held.Sum(h => h.Days));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_day_in_the_past_answers_for_ever_what_it_answered_then(Engine engine)
    {
        await using var exchange = await AggregatorTests.Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 3, 1)));
        await exchange.Tell(Fact(_story[0]));
        var then = await Case(exchange);
        Assert.Equal("BREACHED", then.Obligations[0].Obligation.State); // Due on 19 February.

        exchange.Clock.AdvanceTo(new DateOnly(2024, 4, 1));
        await exchange.Tell(Fact("""{"factId":"d1","caseId":"C1","on":"2024-02-10","decisionNotified":{"outcome":"ASSESS"}}"""));
        await exchange.Tell(
            Fact("""{"factId":"r2","caseId":"C2","on":"2024-02-01","corrects":"r1","requestReceived":{"source":"SCHOOL"}}""")
        );

        Assert.Equal(then.ToByteArray(), (await Case(exchange, "2024-03-01")).ToByteArray());
        var now = await Case(exchange);
        Assert.Contains(now.Facts, f => f is { FactId: "r2", Replaces: "r1" }); // Stands in another case, and takes the start away.
        Assert.DoesNotContain(now.Obligations, o => o.Obligation.Obligation_ == "decide_to_assess");
        Assert.Contains(now.Findings, f => f.Code == "no_start");
        Assert.Null(now.Days);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task The_days_of_an_area_are_those_of_its_cases_and_add_up(Engine engine)
    {
        await using var exchange = await AggregatorTests.Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 7, 1)));
        await exchange.Tell(_story.Select(Fact));
        await exchange.Tell(Fact("""{"factId":"r5","caseId":"C5","on":"2024-06-01","requestReceived":{"source":"SCHOOL"}}""")); // Open: 30 days.
        await exchange.Tell(Fact("""{"factId":"r6","caseId":"C6","on":"2023-06-01","requestReceived":{"source":"SCHOOL"}}"""));
        await exchange.Tell(Fact("""{"factId":"w6","caseId":"C6","on":"2023-07-01","requestWithdrawn":{}}""")); // Another year's: 30 days.

        Assert.Equal(
            "cases 2, days 184, days_per_case 92, days_deciding 86, days_advice_health 42, days_advice_social_care 15, "
                + "days_advice_other 0, days_drafting 26, days_family 15, days_school 0, days_closure 0, days_dispute 0",
            await Days(2024)
        );
        Assert.StartsWith("cases 1, days 30, days_per_case 30, days_deciding 30, ", await Days(2023));
        Assert.StartsWith("cases x, ", await Days(2022, "351"));

        async Task<string> Days(int year, string authority = "350")
        {
            var request = new GetFiguresRequest
            {
                Figures = Figures.Days,
                Year = year,
                Authorities = { authority },
            };
            var said = await exchange.Inspector.GetFiguresAsync(request, cancellationToken: Stop);
            var row = Assert.Single(said.Rows);
            return string.Join(", ", said.Columns.Zip(row.Cells).Skip(12).Select(cell => $"{cell.First} {cell.Second}"));
        }
    }

    [Fact]
    public async Task Who_may_not_see_a_case_is_not_told_whether_there_is_one()
    {
        await using var exchange = await AggregatorTests.Exchange.Start(Engine.Sqlite, new StoppedClock(new DateOnly(2024, 7, 1)));
        await exchange.Tell(_story.Select(Fact));
        var request = new GetCaseRequest { Authority = "350", CaseId = "C1" };

        Assert.Equal(8, (await exchange.Reports("la:350", "sender").GetCaseAsync(request, cancellationToken: Stop)).Facts.Count);
        Assert.Equal(StatusCode.PermissionDenied, await Refused(exchange.Reports("la:351", "sender"), request));
        Assert.Equal(StatusCode.PermissionDenied, await Refused(exchange.Reports("icb:QJ2", "adviser"), request));
        Assert.Equal(StatusCode.NotFound, await Refused(exchange.Inspector, new() { Authority = "350", CaseId = "C9" }));
        Assert.Equal(
            StatusCode.NotFound,
            await Refused(
                exchange.Inspector,
                new()
                {
                    Authority = "350",
                    CaseId = "C1",
                    AsKnownOn = "2024-06-30",
                }
            )
        );
        Assert.Equal(StatusCode.InvalidArgument, await Refused(exchange.Inspector, new() { Authority = "la:350", CaseId = "C1" }));

        static async Task<StatusCode> Refused(ReportService.ReportServiceClient reports, GetCaseRequest request) =>
            (await Assert.ThrowsAsync<RpcException>(async () => await reports.GetCaseAsync(request, cancellationToken: Stop))).StatusCode;
    }

    private static async Task<GetCaseResponse> Case(AggregatorTests.Exchange exchange, string asKnownOn = "") =>
        await exchange.Inspector.GetCaseAsync(
            new GetCaseRequest
            {
                Authority = "350",
                CaseId = "C1",
                AsKnownOn = asKnownOn,
            },
            cancellationToken: Stop
        );

    private static AssessmentFact Fact(string json)
    {
        var fact = FactJson.Read(Encoding.UTF8.GetBytes(json)).Fact!;
        fact.Organisation = fact.Authority = "la:350";
        return fact;
    }
}
