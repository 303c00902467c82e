using System.Text;
using Grpc.Core;
using SendExchange.Aggregator;
using SendExchange.Aggregator.Clock;
using SendExchange.Contracts;
using SendExchange.Education.V1;
using SendExchange.Statute;
using SendExchange.Testing;
using Exchange = SendExchange.Services.Tests.AggregatorTests.Exchange;
using Warning = SendExchange.Aggregator.V1.Warning;

namespace SendExchange.Services.Tests;

/// <summary>The ladder of warnings: each rung once, none that passed unseen, none after the target.</summary>
public sealed class WarningsTests
{
    private const string Authority = "la:350";

    /// <summary>Received on 8 January 2024: the decision has its target on 18 February, the plan on 26 May.</summary>
    private const string Request = """{"factId":"r1","caseId":"C1","on":"2024-01-08","requestReceived":{"source":"SCHOOL"}}""";

    private static readonly DateOnly _target = new(2024, 2, 18);
    private static readonly IReadOnlyList<int> _ladder = AggregatorOptions.Default.WarnDaysBefore;

    public static TheoryData<Engine> Engines => [.. Enum.GetValues<Engine>()];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Days left to the target, the rung to publish when none has been, and days until the next rung.</summary>
    [Theory]
    [InlineData(29, null, 1)]
    [InlineData(28, 28, 14)]
    [InlineData(27, 28, 13)]
    [InlineData(15, 28, 1)]
    [InlineData(14, 14, 7)]
    [InlineData(13, 14, 6)]
    [InlineData(8, 14, 1)]
    [InlineData(7, 7, 5)]
    [InlineData(6, 7, 4)]
    [InlineData(3, 7, 1)]
    [InlineData(2, 2, null)]
    [InlineData(1, 2, null)]
    [InlineData(0, 2, null)] // The target itself.
    [InlineData(-1, null, null)] // The due day: the target has passed, and the limit not yet.
    [InlineData(-2, null, null)] // In breach.
    public void A_rung_is_reached_on_its_day_and_stays_so_until_the_next(int daysLeft, int? rung, int? nextIn)
    {
        var today = _target.AddDays(-daysLeft);
        var decision = Read(today, Request)[ObligationCode.DecideToAssess];
        Assert.Equal(_target, decision.Target);

        Assert.Equal(rung, Warnings.Decide(decision, today, _ladder, published: null));
        Assert.Equal(nextIn is { } days ? today.AddDays(days) : null, Warnings.NextOn(decision, today, _ladder));
        foreach (var published in _ladder)
        {
            Assert.Equal(rung < published ? rung : null, Warnings.Decide(decision, today, _ladder, published));
        }
    }

    [Fact]
    public void Nobody_is_warned_of_guidance_or_of_what_is_not_known_to_be_owed_or_is_done()
    {
        var today = new DateOnly(2024, 4, 22); // Nothing below but the request is older than ten weeks, or late.
        var obligations = Read(
            today,
            Request,
            """{"factId":"d1","caseId":"C1","on":"2024-02-12","decisionNotified":{"outcome":"ASSESS"}}""",
            """{"factId":"c1","caseId":"C1","on":"2024-04-15","schoolConsulted":{"urn":"105154"}}"""
        );

        Assert.All(
            [ObligationCode.DecideToAssess, ObligationCode.NotifyNoPlan, ObligationCode.SchoolReply],
            code =>
            {
                Assert.Null(Warnings.Decide(obligations[code], today, [365], published: null));
                Assert.Null(Warnings.NextOn(obligations[code], today, _ladder));
            }
        );
        Assert.Equal(ObligationState.Open, obligations[ObligationCode.NotifyNoPlan].State);
        Assert.Equal(ObligationState.Open, obligations[ObligationCode.SchoolReply].State);
        Assert.Equal(365, Warnings.Decide(obligations[ObligationCode.FinalisePlan], today, [365], published: null));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Each_rung_is_published_once_at_the_start_of_its_day_in_London_and_none_after_the_target(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 2, 12)));
        await exchange.Tell(Fact(Request.Replace("2024-01-08", "2024-02-12"))); // Target 24 March; the clocks go forward on the 31st.
        Assert.Empty(exchange.Warned);

        exchange.Clock.AdvanceTo(DateTimeOffset.Parse("2024-02-25T00:00:00Z").AddMicroseconds(-1));
        Assert.Equal(0, await exchange.ReadDue());
        foreach (var day in new[] { 28, 14, 7, 2, 0, -1, -2 })
        {
            exchange.Clock.AdvanceTo(London.StartOf(new DateOnly(2024, 3, 24).AddDays(-day)));
            await exchange.Settled();
        }

        Assert.Equal(["28, 28 left", "14, 14 left", "7, 7 left", "2, 2 left"], Rungs(exchange.Warned, "decide_to_assess"));
        Assert.Equal(
            new DeadlineApproaching(
                Authority,
                "C1",
                "decide_to_assess",
                AdviceId: null,
                Occasion: null,
                Obligor: Authority,
                Rule: "SEND Regulations 2014, reg 5(1)",
                exchange.Warned.First().RulePack,
                new DateOnly(2024, 2, 12),
                new DateOnly(2024, 3, 24),
                new DateOnly(2024, 3, 25),
                DaysBefore: 28,
                DaysLeft: 28
            ),
            exchange.Warned.First()
        );
        Assert.Equal(
            new Warning
            {
                Authority = Authority,
                CaseId = "C1",
                Obligation = "decide_to_assess",
                Obligor = Authority,
                Rule = "SEND Regulations 2014, reg 5(1)",
                Target = "2024-03-24",
                Due = "2024-03-25",
                DaysBefore = 28,
                DaysLeft = 28,
                PublishedAt = "2024-02-25T00:00:00Z",
            },
            (await Listed(exchange))[0]
        );
        Assert.Equal(["28", "14", "7", "2"], (await Listed(exchange)).Select(w => $"{w.DaysBefore}"));
        Assert.Equal(["28", "14"], (await Listed(exchange, "2024-03-10")).Select(w => $"{w.DaysBefore}"));
        Assert.Single(await exchange.Breaches(LocalAuthorities.Find("350")!));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task After_a_week_of_downtime_the_last_rung_reached_is_published_and_those_before_it_never(Engine engine)
    {
        await using var before = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 2, 3)));
        await before.Tell(Fact(Request));
        await before.Host.Stop();
        before.Clock.AdvanceTo(new DateOnly(2024, 2, 12)); // The rungs of 14 and 7 days were on the 4th and the 11th.

        await using var after = await Exchange.Start(engine, before.Clock, before);
        await after.Settled();
        Assert.Equal(["28, 15 left"], Rungs(before.Warned, "decide_to_assess"));
        Assert.Equal(["7, 6 left"], Rungs(after.Warned, "decide_to_assess"));

        // Told again, and started again.
        await after.Tell(Fact(Request));
        await after.Tell(Fact("""{"factId":"e1","caseId":"C1","on":"2024-02-01","earlyYearsNotified":{}}"""));
        await after.Host.Stop();
        await using var again = await Exchange.Start(engine, before.Clock, before);
        await again.Tell(Fact(Request));
        Assert.Single(after.Warned);
        Assert.Empty(again.Warned);

        again.Clock.AdvanceTo(new DateOnly(2024, 2, 16));
        await again.Settled();
        Assert.Equal(["2, 2 left"], Rungs(again.Warned, "decide_to_assess"));
        Assert.Equal(3, await again.Count("warnings"));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task However_many_read_at_once_each_warning_is_published_once(Engine engine)
    {
        const int cases = 450; // More than two claims.
        await using var one = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 1, 15)));
        await using var other = await Exchange.Start(engine, one.Clock, engine == Engine.Postgres ? one : null);
        await one.Tell(Enumerable.Range(0, cases).Select(number => Fact(Request, $"C{number}")));
        Assert.Empty(one.Warned);

        one.Clock.AdvanceTo(new DateOnly(2024, 2, 5));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => (number % 2 == 0 ? one : other).ReadDue()));
        await one.Settled();
        await other.Host.Quiet();

        var warned = one.Warned.Concat(other.Warned).ToList();
        Assert.Equal(cases, warned.Count);
        Assert.Equal(cases, warned.DistinctBy(w => w.CaseId).Count());
        Assert.All(warned, w => Assert.Equal((14, 13, "decide_to_assess"), (w.DaysBefore, w.DaysLeft, w.Obligation)));
        Assert.Equal(cases, await one.Count("warnings"));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_target_that_moves_has_a_ladder_of_its_own_and_one_that_moves_back_goes_on_where_it_was(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 2, 12)));
        await exchange.Tell(Fact(Request)); // 6 days left.
        await exchange.Tell(
            Fact("""{"factId":"r2","caseId":"C1","on":"2024-01-22","corrects":"r1","requestReceived":{"source":"SCHOOL"}}""")
        ); // 20 left.
        await exchange.Tell(Fact("""{"factId":"x1","caseId":"C1","on":"2024-02-12","retracted":{"factId":"r2"}}""")); // 6 again.
        Assert.Equal(
            ["2024-02-18: 7, 6 left", "2024-03-03: 28, 20 left"],
            exchange.Warned.Select(w => $"{w.Target:yyyy-MM-dd}: {w.DaysBefore}, {w.DaysLeft} left")
        );

        exchange.Clock.AdvanceTo(new DateOnly(2024, 2, 18)); // Of the moved target this is the rung of 14 days.
        await exchange.Settled();
        Assert.Equal(
            ("2024-02-18", 2, 0),
            (exchange.Warned.Last().Target.ToString("yyyy-MM-dd"), exchange.Warned.Last().DaysBefore, exchange.Warned.Last().DaysLeft)
        );
        Assert.Equal(3, exchange.Warned.Count);
    }

    [Theory]
    [InlineData(Engine.Sqlite, """{"factId":"w1","caseId":"C1","on":"2024-02-05","requestWithdrawn":{}}""")]
    [InlineData(Engine.Postgres, """{"factId":"d1","caseId":"C1","on":"2024-02-05","decisionNotified":{"outcome":"DO_NOT_ASSESS"}}""")]
    public async Task A_duty_that_is_met_or_falls_away_is_warned_of_no_more(Engine engine, string end)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 2, 5)));
        await exchange.Tell(Fact(Request));
        Assert.Single(exchange.Warned);

        await exchange.Tell(Fact(end));
        exchange.Clock.AdvanceTo(new DateOnly(2024, 6, 30));
        await exchange.Settled();

        Assert.Single(exchange.Warned);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Advice_is_warned_of_to_whom_it_was_asked_of_and_again_to_whom_it_is_asked_of_instead(Engine engine)
    {
        const string asked =
            """{"factId":"s1","caseId":"C1","on":"2024-02-12","adviceSought":{"adviceId":"A1","kind":"MEDICAL","from":"icb:QJ2"}}""";
        await using var exchange = await Exchange.Start(engine, new StoppedClock(new DateOnly(2024, 3, 18)));

        await exchange.Tell(Fact(asked));
        await exchange.Tell(Fact(asked.Replace("s1\"", "s2\",\"corrects\":\"s1\"").Replace("icb:QJ2", "trust:RX4")));

        Assert.Equal(
            ["icb:QJ2 A1: 7, 6 left", "trust:RX4 A1: 7, 6 left"],
            exchange.Warned.Select(w => $"{w.Obligor} {w.AdviceId}: {w.DaysBefore}, {w.DaysLeft} left")
        );
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task The_ladder_is_configured(Engine engine)
    {
        await using var exchange = await Exchange.Start(
            engine,
            new StoppedClock(new DateOnly(2024, 1, 9)),
            settings: ("Warnings:DaysBefore", "0, 40")
        );
        await exchange.Tell(Fact(Request));
        exchange.Clock.AdvanceTo(new DateOnly(2024, 2, 18));
        await exchange.Settled();

        Assert.Equal(["40, 40 left", "0, 0 left"], Rungs(exchange.Warned, "decide_to_assess"));
    }

    [Theory]
    [InlineData("Warnings:DaysBefore", "28,14,14")]
    [InlineData("Warnings:DaysBefore", "28,,14")]
    [InlineData("Warnings:DaysBefore", "28,-2")]
    [InlineData("Warnings:DaysBefore", "four weeks")]
    [InlineData("Warnings:DaysBefore", "367")]
    [InlineData("Sweep:CasesPerBatch", "0")]
    [InlineData("Sweep:CasesPerBatch", "1001")]
    [InlineData("Sweep:Pause", "00:00:00")]
    [InlineData("Sweep:Pause", "10")]
    public async Task A_setting_that_is_none_ends_the_start_and_is_named(string name, string value)
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Exchange.Start(Engine.Sqlite, new StoppedClock(new DateOnly(2024, 1, 9)), settings: (name, value))
        );

        Assert.Contains(name.Replace(":", "__"), refused.Message);
        Assert.Contains($"'{value}'", refused.Message);
    }

    [Fact]
    public async Task An_authority_sees_its_own_warnings_only()
    {
        await using var exchange = await Exchange.Start(Engine.Sqlite, new StoppedClock(new DateOnly(2024, 2, 5)));
        var theirs = Fact(Request);
        (theirs.Authority, theirs.Organisation) = ("la:936", "la:936");
        await exchange.Tell(Fact(Request), theirs);

        Assert.Equal([Authority, "la:936"], (await Listed(exchange)).Select(w => w.Authority));
        var own = exchange.Reports(Authority, "sender");
        Assert.Equal(
            [Authority],
            (await Exchange.All(own.ListWarnings(new() { Year = 2024 }, cancellationToken: Stop))).Select(r => r.Warning.Authority)
        );
        var refused = await Assert.ThrowsAsync<RpcException>(() =>
            Exchange.All(own.ListWarnings(new() { Year = 2024, Authorities = { "936" } }, cancellationToken: Stop))
        );
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
    }

    private static IEnumerable<string> Rungs(IEnumerable<DeadlineApproaching> warned, string obligation) =>
        warned.Where(w => w.Obligation == obligation).Select(w => $"{w.DaysBefore}, {w.DaysLeft} left");

    private static async Task<IReadOnlyList<Warning>> Listed(Exchange exchange, string asKnownOn = "") =>
        [
            .. (await Exchange.All(exchange.Inspector.ListWarnings(new() { Year = 2024, AsKnownOn = asKnownOn }, cancellationToken: Stop)))
                .Select(r => r.Warning)
                .Where(w => w.Obligation == "decide_to_assess"),
        ];

    private static Dictionary<string, Obligation> Read(DateOnly today, params IEnumerable<string> facts) =>
        CaseReading
            .Of(facts.Select(json => ReadCases.Parse(FactJson.ToText(Fact(json)))), Authority, "C1", today)
            .Obligations.ToDictionary(o => o.Code);

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
