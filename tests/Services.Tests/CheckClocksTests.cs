using System.Text;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SendExchange.Aggregator.Clock;
using SendExchange.Aggregator.V1;
using SendExchange.Contracts;
using SendExchange.Education.V1;
using SendExchange.Statute;
using SendExchange.Testing;
using Exchange = SendExchange.Services.Tests.AggregatorTests.Exchange;

namespace SendExchange.Services.Tests;

/// <summary>Nobody unclocked: the sweep over all cases, and what should have been published and is not.</summary>
public sealed class CheckClocksTests
{
    private const string Authority = "la:350";

    /// <summary>Received on 8 January 2024: the decision is due on 19 February, the plan on 27 May.</summary>
    private const string Request = """{"factId":"r1","caseId":"C1","on":"2024-01-08","requestReceived":{"source":"SCHOOL"}}""";

    private static readonly LocalAuthority _authority = LocalAuthorities.Find("350")!;

    public static TheoryData<Engine> Engines => [.. Enum.GetValues<Engine>()];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>What somebody or something does to the store, and what the sweep says of it.</summary>
    public static TheoryData<Engine, string, string> Damages =>
        new(
            Enum.GetValues<Engine>()
                .SelectMany(
                    _ =>
                        new[]
                        {
                            ("delete from obligations where obligation = 'finalise_plan'", "finalise_plan is missing"),
                            (
                                "update obligations set due = '2024-02-29' where obligation = 'decide_to_assess'",
                                "decide_to_assess is BREACHED of la:350 from 2024-01-08, 2024-02-18, 2024-02-29"
                            ),
                            ("update obligations set state = 'MET' where obligation = 'finalise_plan'", "finalise_plan is MET"),
                            (
                                "update obligations set obligation = 'order_cease' where obligation = 'finalise_plan'",
                                "order_cease is called for by no fact"
                            ),
                            ("update obligations set binds = false where obligation = 'finalise_plan'", "finalise_plan is OPEN"),
                            ("delete from breach_events; delete from breaches", "decide_to_assess is late and no breach of it is recorded"),
                            ("update cases set look_at = null", "not to be read when it changes, on 2024-05-28"),
                            ("update cases set look_at = '2024-05-29 00:00:00+00:00'", "not to be read when it changes, on 2024-05-28"),
                        },
                    (engine, damage) => (engine, damage.Item1, damage.Item2)
                )
        );

    [Theory, MemberData(nameof(Damages))]
    public async Task What_is_stored_otherwise_than_the_facts_say_is_found_and_put_right(Engine engine, string damage, string said)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 3, 4)));
        exchange.Host.ExpectsErrors = true;
        await exchange.Tell(Fact(Request));
        Assert.Equal((1, 0), await Sweep(exchange));
        var before = await Stored(exchange);
        await exchange.Host.Database("aggregator").Transact(tx => tx.Execute(damage), Stop);

        Assert.Equal((1, 1), await Sweep(exchange));
        await exchange.Settled();

        Assert.Contains(said, string.Join('\n', exchange.Host.Errors));
        Assert.Contains((await exchange.Findings(_authority)).Where(f => f.Code == "clock_disagreed"), f => f.Detail.Contains(said));
        Assert.Equal(before, await Stored(exchange));
        Assert.Single(await exchange.Breaches(_authority));
        var errors = exchange.Host.Errors.Count;

        Assert.Equal((1, 0), await Sweep(exchange));
        Assert.DoesNotContain(await exchange.Findings(_authority), f => f.Code == "clock_disagreed");
        Assert.Equal(errors, exchange.Host.Errors.Count);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_case_is_in_order_on_every_day_of_its_story_also_one_that_owes_nothing(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 1, 8)));
        await exchange.Tell(
            Fact(Request),
            Fact("""{"factId":"n1","caseId":"owes nothing","on":"2024-01-08","earlyYearsNotified":{}}"""),
            Fact("""{"factId":"d1","caseId":"C1","on":"2024-02-26","decisionNotified":{"outcome":"ASSESS"}}"""),
            Fact("""{"factId":"s1","caseId":"C1","on":"2024-02-27","adviceSought":{"adviceId":"A1","kind":"MEDICAL","from":"icb:QJ2"}}"""),
            Fact("""{"factId":"c1","caseId":"C1","on":"2024-05-01","schoolConsulted":{"urn":"105154"}}"""),
            Fact(
                """{"factId":"x1","caseId":"C1","on":"2024-05-01","exceptionClaimed":{"ground":"EXCEPTIONAL_CIRCUMSTANCES","reason":"r"}}"""
            ),
            Fact("""{"factId":"p1","caseId":"C1","on":"2024-07-01","planFinalised":{}}""")
        );
        for (var day = new DateOnly(2024, 1, 10); day < new DateOnly(2024, 7, 10); day = day.AddDays(9))
        {
            exchange.Clock.AdvanceTo(day);
            await exchange.Settled();
            Assert.Equal((2, 0), await Sweep(exchange));
        }
        Assert.Equal(new OverdueUnpublished(), (await Health(exchange)).OverdueUnpublished);
        Assert.True(await exchange.Count("breaches") > 1);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Replicas_share_one_sweep_and_a_restart_goes_on_with_it(Engine engine)
    {
        const int cases = 25;
        (string, string)[] tens = [("Sweep:CasesPerBatch", "10")];
        await using var one = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 3, 4)), settings: tens);
        await one.Tell(Enumerable.Range(0, cases).Select(number => Fact(Request, $"C{number}")));
        Assert.Equal(new GetClockHealthResponse { CasesHeld = cases, OverdueUnpublished = new() }, await Health(one));

        Assert.Equal(10, await Batch(one));
        await one.Host.Stop();
        one.Clock.Advance(TimeSpan.FromMinutes(5));
        await using var other = await Exchange.Start(engine, one.Clock, one, tens);
        Assert.Equal(10, (await Health(other)).CurrentSweep.CasesChecked);
        Assert.Equal(10, await Batch(other));
        Assert.Null((await Health(other)).LastSweep);
        Assert.Equal(5, await Batch(other));

        Assert.Equal(
            new GetClockHealthResponse
            {
                CasesHeld = cases,
                LastSweep = new Sweep
                {
                    BeganAt = "2024-03-04T12:00:00Z",
                    EndedAt = "2024-03-04T12:05:00Z",
                    CasesChecked = cases,
                },
                OverdueUnpublished = new(),
            },
            await Health(other)
        );
        Assert.Equal(10, await Batch(other));
        Assert.Equal(cases, (await Health(other)).LastSweep.CasesChecked);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task The_sweep_goes_on_by_itself_at_its_pace(Engine engine)
    {
        await using var exchange = await Exchange.Start(
            engine,
            new StoppedClock(new DateOnly(2024, 3, 4)),
            settings: ("Sweep:Pause", "00:00:00.020")
        );
        await exchange.Tell(Fact(Request));

        await Eventually.True(async () => (await Health(exchange)).LastSweep?.CasesChecked == 1);
    }

    /// <summary>Of what is about to be read, nothing can be said.</summary>
    [Fact]
    public async Task A_case_that_is_due_to_be_read_or_being_read_is_passed_over()
    {
        await using var exchange = await Exchange.Start(Engine.Postgres, new StoppedClock(new DateOnly(2024, 2, 12)));
        await exchange.Tell(Fact(Request, "held"), Fact(Request, "free"));
        await exchange
            .Host.Database("aggregator")
            .Transact(
                async tx =>
                {
                    await tx.Execute("select 1 from cases where case_id = 'held' for update");
                    Assert.Equal((1, 0), await Sweep(exchange)); // Waits for nobody.
                    Assert.Equal(1, (await Health(exchange)).LastSweep.CasesPassedOver);

                    exchange.Clock.AdvanceTo(new DateOnly(2024, 3, 4));
                    await Eventually.Equal(1, () => exchange.Count("breaches"));
                    Assert.Equal((1, 0), await Sweep(exchange));
                    Assert.Equal("1 of la:350", await HeldBack());
                },
                Stop
            );
        await exchange.Settled();
        Assert.Equal((2, 0), await Sweep(exchange));
        Assert.Equal(new OverdueUnpublished(), (await Health(exchange)).OverdueUnpublished);

        async Task<string> HeldBack() => $"{(await Health(exchange)).OverdueUnpublished.OneDayAndMore} of {Authority}";
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task What_a_day_has_changed_before_anybody_could_read_it_is_no_disagreement(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 2, 12)));
        await exchange.Tell(Fact(Request));
        await exchange.Host.Stop();
        exchange.Clock.AdvanceTo(new DateOnly(2024, 3, 4));

        Assert.Equal(0, await Batch(exchange));

        Assert.Equal(1, await exchange.Count("sweep where last_passed_over = 1 and last_checked = 0 and last_disagreements = 0"));
    }

    /// <summary>How long the reading loop is held beyond midnight, and where the obligation then shows.</summary>
    public static TheoryData<Engine, double, string> Holdups =>
        new(
            Enum.GetValues<Engine>()
                .SelectMany(
                    _ =>
                        new[]
                        {
                            (-0.000001, "0 0 0 0"),
                            (0, "1 0 0 0"),
                            (59.9, "1 0 0 0"),
                            (60, "0 1 0 0"),
                            (3_599.9, "0 1 0 0"),
                            (3_600, "0 0 1 0"),
                            (86_399.9, "0 0 1 0"),
                            (86_400, "0 0 0 1"),
                        },
                    (engine, holdup) => (engine, holdup.Item1, holdup.Item2)
                )
        );

    [Theory, MemberData(nameof(Holdups))]
    public async Task What_should_have_been_published_shows_by_how_long_ago_and_is_gone_once_it_is(
        Engine engine,
        double seconds,
        string expected
    )
    {
        var midnight = DateTimeOffset.Parse("2024-02-20T00:00:00Z");
        await using var exchange = await Exchange.Start(engine, new StoppedClock(midnight.AddHours(-12)));
        await exchange.Tell(Fact(Request));
        await exchange.Host.Stop();
        exchange.Clock.AdvanceTo(midnight.AddSeconds(seconds));

        Assert.Equal(expected, await Histogram(exchange));
        await using var after = await Exchange.Start(engine, exchange.Clock, exchange);
        await after.Settled();
        Assert.Equal("0 0 0 0", await Histogram(after));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Guidance_and_what_is_not_known_to_be_owed_is_never_overdue(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 6, 3)));
        await exchange.Tell(
            Fact(Request),
            Fact("""{"factId":"d1","caseId":"C1","on":"2024-02-12","decisionNotified":{"outcome":"ASSESS"}}"""),
            Fact("""{"factId":"c1","caseId":"C1","on":"2024-04-15","schoolConsulted":{"urn":"105154"}}""")
        );

        Assert.Equal(2, await exchange.Count("obligations where state = 'OPEN' and breach_at <= @now"));
        Assert.Equal("0 0 0 0", await Histogram(exchange));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_late_obligation_without_its_breach_is_counted(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 3, 4)));
        await exchange.Tell(Fact(Request));
        exchange.Host.ExpectsErrors = true;
        Assert.Equal((1, 0), await Sweep(exchange));
        Assert.Equal(0, (await Health(exchange)).LastSweep.LateUnrecorded);

        await exchange.Host.Database("aggregator").Transact(tx => tx.Execute("update breaches set obligor = 'la:936'"), Stop);

        Assert.Equal((1, 1), await Sweep(exchange));
        Assert.Equal(1, (await Health(exchange)).LastSweep.LateUnrecorded);
    }

    [Fact]
    public async Task Only_an_inspector_or_an_operator_sees_the_health_of_the_clocks()
    {
        await using var exchange = await Exchange.Start(Engine.Sqlite, new StoppedClock(new DateOnly(2024, 3, 4)));

        Assert.Equal(0, (await Health(exchange)).CasesHeld);
        await exchange.Reports("op:me", "operator").GetClockHealthAsync(new(), cancellationToken: Stop);
        Assert.Equal(StatusCode.PermissionDenied, await Refused(exchange.Reports(Authority, "sender", "adviser", "subscriber")));
        Assert.Equal(StatusCode.Unauthenticated, await Refused(exchange.Reports(null)));

        async Task<StatusCode> Refused(ReportService.ReportServiceClient client) =>
            (
                await Assert.ThrowsAsync<RpcException>(async () => await client.GetClockHealthAsync(new(), cancellationToken: Stop))
            ).StatusCode;
    }

    private static Task<int> Batch(Exchange exchange) =>
        exchange.Host.Services.GetServices<IHostedService>().OfType<CheckClocks>().Single().CheckBatch(Stop);

    /// <summary>One batch, of fewer cases than a batch holds: a whole sweep. How many it checked, and how many were not in order.</summary>
    private static async Task<(int Checked, long Disagreements)> Sweep(Exchange exchange)
    {
        // The exchange's own sweep may be at it.
        var compared = 0;
        await Eventually.True(async () => (compared = await Batch(exchange)) > 0);
        return (compared, (await Health(exchange)).LastSweep.Disagreements);
    }

    private static async Task<GetClockHealthResponse> Health(Exchange exchange) =>
        await exchange.Inspector.GetClockHealthAsync(new(), cancellationToken: Stop);

    private static async Task<string> Histogram(Exchange exchange) =>
        string.Join(
            ' ',
            (await Overdue.Of(exchange.Host.Database("aggregator"), exchange.Clock.GetUtcNow(), Stop)).ByAge.Select(a => a.Obligations)
        );

    private static async Task<string> Stored(Exchange exchange) =>
        string.Join('\n', (await exchange.Obligations(_authority)).Select(o => o.ToString()))
        + string.Join(
            ' ',
            await exchange
                .Host.Database("aggregator")
                .Query<DateTimeOffset>("select look_at from cases where look_at is not null", cancellationToken: Stop)
        )
        + await exchange.Count("obligations where binds");

    private static AssessmentFact Fact(string json, string? caseId = null)
    {
        var line = FactJson.Read(Encoding.UTF8.GetBytes(json));
        var fact = line.Fact ?? throw new FormatException(string.Join("; ", line.Faults.Select(f => $"{f.Field}: {f.Problem}")));
        fact.Authority = Authority;
        fact.Organisation = Authority;
        if (caseId is not null)
        {
            (fact.CaseId, fact.FactId) = (caseId, $"{caseId}/{fact.FactId}");
        }
        return fact;
    }
}
