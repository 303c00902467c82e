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

/// <summary>Proposed rule packs: what a dry run counts, and what applying one does to cases, breaches and reports.</summary>
public sealed class PackTests
{
    private const string Reg13 = "SEND Regulations 2014, reg 13(2)";
    private static readonly LocalAuthority Bolton = LocalAuthorities.Find("350")!;
    private static readonly LocalAuthority Surrey = LocalAuthorities.Find("936")!;

    /// <summary>On this day a plan asked for on 1 September 2023 is late since 19 January 2024, one asked for on 20 September is not.</summary>
    private static readonly DateOnly Today = new(2024, 2, 1);

    public static TheoryData<Engine> Engines => [.. Enum.GetValues<Engine>()];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Engines))]
    public async Task A_dry_run_counts_what_would_move_and_stores_nothing(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(Today));
        await exchange.Tell(
            Request("before", "2023-08-31"), // The old limit: due 18 January, late.
            Request("late both ways", "2023-09-01"), // Due 5 January, not the 19th.
            Request("late by the pack", "2023-09-20"), // Due 24 January, not 7 February.
            Request("not late", "2023-12-01", Surrey) // Due 5 April, not the 19th.
        );
        var before = await exchange.Obligations(Bolton);

        var parts = await Exchange.All(Laws(exchange, "inspector").DryRunPack(Ask(Weeks(18)), cancellationToken: Stop));

        var expected = new DryRunSummary
        {
            CasesRead = 4,
            CasesChanged = 3,
            Total = new PackEffect
            {
                Obligations = 8,
                DueMoved = 3,
                BreachesAdded = 1,
            },
            ByObligation =
            {
                new PackEffect
                {
                    Of = "finalise_plan",
                    Obligations = 4,
                    DueMoved = 3,
                    BreachesAdded = 1,
                },
            },
            ByAuthority =
            {
                new PackEffect
                {
                    Of = "la:350",
                    Obligations = 6,
                    DueMoved = 2,
                    BreachesAdded = 1,
                },
                new PackEffect
                {
                    Of = "la:936",
                    Obligations = 2,
                    DueMoved = 1,
                },
            },
            ByDays =
            {
                new DaysMoved { Days = -14, Obligations = 3 },
            },
        };
        Assert.Equal(expected, parts[^1].Summary);
        Assert.All(parts.SkipLast(1), part => Assert.NotNull(part.Progress));
        Assert.Equal(0, await exchange.Count("rule_packs"));
        Assert.Equal(before, await exchange.Obligations(Bolton));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_dry_run_counts_breaches_that_would_vanish_and_cases_that_cannot_be_read(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(Today));
        exchange.Host.ExpectsErrors = true;
        await exchange.Tell(Request("a", "2023-09-01"), Request("b", "2023-09-02"));
        await exchange
            .Host.Database(Aggregator.Aggregator.Name)
            .Transact(tx => tx.Execute("update facts set fact = '{}' where case_key = 'la:350/b'"), Stop);

        var parts = await Exchange.All(Laws(exchange, "operator").DryRunPack(Ask(Weeks(26)), cancellationToken: Stop));

        var summary = parts[^1].Summary;
        Assert.Equal((2, 1, 1), (summary.CasesRead, summary.UnreadableCases, summary.CasesChanged));
        Assert.Equal(
            (2, 1, 0, 1),
            (summary.Total.Obligations, summary.Total.DueMoved, summary.Total.BreachesAdded, summary.Total.BreachesGone)
        );
        Assert.Equal(new DaysMoved { Days = 42, Obligations = 1 }, Assert.Single(summary.ByDays));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Applying_a_pack_moves_due_days_and_corrects_breaches_and_leaves_what_was_known_before_as_it_was(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(Today));
        await exchange.Tell(Request("before", "2023-08-31"), Request("reached", "2023-09-01"));
        exchange.Clock.AdvanceTo(new DateOnly(2024, 2, 2));
        var (obligations, breaches) = (await exchange.Obligations(Bolton, "2024-02-01"), await exchange.Breaches(Bolton, "2024-02-01"));
        exchange.Heard.Clear();

        var applied = await Apply(exchange, Weeks(26), "The Bill has become law.");
        await Reread(exchange);

        Assert.Equal(("pack26", false, 2L), (applied.Pack.Id, applied.AlreadyApplied, applied.Cases));
        Assert.Equal(
            [("before", "2024-01-18", "BREACHED", "2014"), ("reached", "2024-03-01", "OPEN", "pack26")],
            (await Plans(exchange)).Select(o => (o.CaseId, o.Due, o.State, o.RulePack))
        );
        var now = exchange.Clock.GetUtcNow();
        var corrected = Assert.IsType<BreachCorrected>(Assert.Single(exchange.Heard, m => m is BreachCorrected));
        Assert.Equal(
            ("reached", "finalise_plan", "Under rule pack pack26 (Bill, clause 3): Not late: OPEN, due 2024-03-01.", now),
            (corrected.CaseId, corrected.Obligation, corrected.Reason, corrected.CorrectedAt)
        );
        Assert.Equal(
            new RulePackApplied("pack26", "Another limit", "Bill, clause 3", "op:dfe", now),
            Assert.Single(exchange.Heard, m => m is RulePackApplied)
        );
        Assert.Equal(2, exchange.Heard.Count);
        Assert.Equal(
            corrected.Reason,
            Assert.Single(await exchange.Breaches(Bolton), b => b.CaseId == "reached" && b.DaysLate == 0).Correction
        );
        Assert.Equal(obligations, await exchange.Obligations(Bolton, "2024-02-01"));
        Assert.Equal(breaches, await exchange.Breaches(Bolton, "2024-02-01"));
        Assert.Contains(await exchange.Obligations(Bolton, "2024-02-02"), o => o.RulePack == "pack26");
        var listed = await Laws(exchange, "inspector").ListPacksAsync(new ListPacksRequest(), cancellationToken: Stop);
        Assert.Equal((applied.Pack, 0), (Assert.Single(listed.Packs), listed.CasesWaiting));
        Assert.Equal(("The Bill has become law.", "op:dfe"), (applied.Pack.Reason, applied.Pack.AppliedBy));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_correction_that_facts_made_does_not_name_the_pack(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(Today));
        await exchange.Tell(Request("before", "2023-08-31"));
        await exchange.StopReading();
        await Apply(exchange, Weeks(26), "reason");
        var claim = Fact(
            "before",
            """{"factId":"x","on":"2024-01-18","exceptionClaimed":{"ground":"EXCEPTIONAL_CIRCUMSTANCES","reason":"given"}}"""
        );
        await exchange.Publish([exchange.Message(claim)]);
        await exchange.Host.Quiet();

        Assert.Equal(1, await exchange.ReadDue());

        await exchange.Host.Quiet();
        var reasons = exchange.Heard.OfType<BreachCorrected>().Select(c => c.Reason).ToList();
        Assert.NotEmpty(reasons);
        Assert.All(reasons, reason => Assert.StartsWith("The limit does not bind: EXCEPTIONAL_CIRCUMSTANCES", reason));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Re_reading_that_ends_in_the_middle_goes_on_elsewhere_and_corrects_each_breach_once(Engine engine)
    {
        const int cases = 450; // More than two claims.
        await using var one = await Exchange.Start(engine, new StoppedClock(Today));
        await one.Tell(Enumerable.Range(0, cases).Select(n => Request($"{n:000}", "2023-09-01")));
        await one.StopReading();
        await Apply(one, Weeks(26), "reason");
        Assert.Equal(200, await one.ReadBehind());
        await one.Host.Quiet();
        await one.Host.Stop();
        Assert.Equal(cases - 200, await one.Count("cases where packs < 1"));

        await using var other = await Exchange.Start(engine, one.Clock, one);
        await Reread(other);

        var corrected = one.Heard.Concat(other.Heard).OfType<BreachCorrected>().Where(c => c.Obligation == "finalise_plan").ToList();
        Assert.Equal((cases, cases), (corrected.Count, corrected.DistinctBy(c => c.BreachId).Count()));
        Assert.Equal(cases, await other.Count("breach_events where correction is not null"));
        Assert.Equal(cases, await other.Count("obligations where rule_pack = 'pack26' and due = '2024-03-01'"));
    }

    [Fact]
    public async Task A_replica_that_did_not_apply_the_pack_reads_under_it_at_once()
    {
        await using var one = await Exchange.Start(Engine.Postgres, new StoppedClock(Today));
        await using var other = await Exchange.Start(Engine.Postgres, one.Clock, one);
        await one.StopReading();
        await other.Tell(Request("first", "2023-09-01"));
        await other.StopReading();
        await Apply(one, Weeks(26), "reason");
        await other.Publish([other.Message(Request("second", "2023-09-01"))]);
        await other.Host.Quiet();

        Assert.Equal(1, await other.ReadDue());

        Assert.Equal([("first", "2024-01-19"), ("second", "2024-03-01")], (await Plans(other)).Select(o => (o.CaseId, o.Due)));
    }

    [Fact]
    public async Task A_reading_under_the_old_law_that_commits_late_is_read_again()
    {
        await using var exchange = await Exchange.Start(Engine.Postgres, new StoppedClock(Today));
        await exchange.Tell(Request("slow", "2023-09-01"), Request("quick", "2023-09-01"));
        await exchange.StopReading();
        var database = exchange.Host.Database(Aggregator.Aggregator.Name);
        await database.Transact(
            async tx =>
            {
                // As a reader does that had claimed the case before the pack was applied.
                await tx.Query<string>("select case_key from cases where case_id = 'slow' for update");
                await Apply(exchange, Weeks(26), "reason");
                Assert.Equal(1, await exchange.ReadBehind());
                await tx.Execute("update cases set packs = 0 where case_id = 'slow'");
            },
            Stop
        );

        Assert.Equal(1, await exchange.ReadBehind());
        Assert.Equal(0, await exchange.ReadBehind());
        Assert.All(await Plans(exchange), o => Assert.Equal("2024-03-01", o.Due));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_case_with_a_new_fact_does_not_wait_behind_those_to_be_read_again(Engine engine)
    {
        const int cases = 250; // More than one claim.
        await using var exchange = await Exchange.Start(engine, new StoppedClock(Today));
        await exchange.Tell(Enumerable.Range(0, cases).Select(n => Request($"{n:000}", "2023-09-01")));
        await exchange.StopReading();
        await Apply(exchange, Weeks(26), "reason");
        await exchange.Publish([
            exchange.Message(Fact("249", """{"factId":"d","on":"2023-10-02","decisionNotified":{"outcome":"ASSESS"}}""")),
        ]);
        await exchange.Host.Quiet();

        Assert.Equal(1, await exchange.ReadDue());

        Assert.Equal(cases - 1, await exchange.Count("cases where packs < 1"));
        Assert.Equal(1, await exchange.Count("obligations where case_id = '249' and rule_pack = 'pack26' and due = '2024-03-01'"));
        await exchange.ReadBehind();
        await exchange.ReadBehind();
        Assert.Equal(0, await exchange.ReadBehind());
        Assert.Equal(0, await exchange.Count("cases where packs < 1"));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_case_that_cannot_be_read_is_tried_once_under_a_pack(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(Today));
        exchange.Host.ExpectsErrors = true;
        await exchange.Tell(Request("a", "2023-09-01"));
        await exchange.StopReading();
        await exchange.Host.Database(Aggregator.Aggregator.Name).Transact(tx => tx.Execute("update facts set fact = '{}'"), Stop);
        await Apply(exchange, Weeks(26), "reason");

        Assert.Equal(1, await exchange.ReadBehind());
        Assert.Equal(0, await exchange.ReadBehind());
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_pack_is_applied_once_and_its_id_never_means_another(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(Today));
        var first = await Apply(exchange, Weeks(26), "first");
        exchange.Clock.Advance(TimeSpan.FromHours(1));

        var again = await Apply(exchange, Weeks(26).Replace(",\"", " ,\n\""), "again");
        var other = await Assert.ThrowsAsync<RpcException>(() => Apply(exchange, Weeks(25).Replace("pack25", "pack26"), "other"));
        var next = await Apply(exchange, Weeks(25), "next");

        Assert.Equal((true, first.Pack), (again.AlreadyApplied, again.Pack));
        Assert.Equal(StatusCode.AlreadyExists, other.StatusCode);
        await exchange.Host.Quiet();
        Assert.Equal(["pack26", "pack25"], exchange.Heard.OfType<RulePackApplied>().Select(m => m.PackId));
        Assert.Equal((2, 2), (await exchange.Count("rule_packs"), await exchange.Count("rule_packs where ordinal in (1, 2)")));
        Assert.False(next.AlreadyApplied);
    }

    [Fact]
    public async Task Of_many_that_apply_packs_at_once_each_is_read_with_those_before()
    {
        await using var exchange = await Exchange.Start(Engine.Postgres, new StoppedClock(Today));

        await Task.WhenAll(Enumerable.Range(0, 12).Select(n => Apply(exchange, Weeks(20 + (n % 6)), "reason")));

        Assert.Equal((6, 6), (await exchange.Count("rule_packs"), await exchange.Count("rule_packs where ordinal between 1 and 6")));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_pack_with_faults_or_without_a_reason_or_from_somebody_else_is_refused(Engine engine)
    {
        await using var exchange = await Exchange.Start(engine, new StoppedClock(Today));

        await Refused(StatusCode.InvalidArgument, "document.amend[0].weeks: is '-1'", () => Apply(exchange, Weeks(-1), "reason"));
        await Refused(StatusCode.InvalidArgument, "document: is not JSON", () => Apply(exchange, "x", "reason"));
        await Refused(StatusCode.InvalidArgument, "reason: is 0 characters", () => Apply(exchange, Weeks(26), " "));
        await Refused(StatusCode.InvalidArgument, "reason: is 1,001 characters", () => Apply(exchange, Weeks(26), new string('x', 1_001)));
        await Refused(
            StatusCode.InvalidArgument,
            "document.amend[0].from: is '2023'",
            () =>
                Exchange.All(Laws(exchange, "inspector").DryRunPack(Ask(Weeks(26).Replace("2023-09-01", "2023")), cancellationToken: Stop))
        );
        foreach (var role in new[] { "sender", "adviser", "subscriber", "inspector" })
        {
            await Refused(StatusCode.PermissionDenied, "operator", () => Apply(exchange, Weeks(26), "reason", role));
        }
        await Refused(
            StatusCode.PermissionDenied,
            "inspector,operator",
            () => Exchange.All(Laws(exchange, "sender").DryRunPack(Ask(Weeks(26)), cancellationToken: Stop))
        );
        await Refused(
            StatusCode.PermissionDenied,
            "inspector,operator",
            async () => await Laws(exchange, "sender").ListPacksAsync(new ListPacksRequest(), cancellationToken: Stop)
        );
        Assert.Equal(0, await exchange.Count("rule_packs"));

        static async Task Refused(StatusCode code, string says, Func<Task> call)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(call);
            Assert.Equal(code, refused.StatusCode);
            Assert.Contains(says, refused.Status.Detail);
        }
    }

    private static string Weeks(int weeks) =>
        $$"""{"id":"pack{{weeks}}","title":"Another limit","citation":"Bill, clause 3","amend":[{"obligation":"finalise_plan","amends":"{{Reg13}}","weeks":{{weeks}},"from":"2023-09-01"}]}""";

    private static DryRunPackRequest Ask(string document) => new() { Document = document };

    private static LawService.LawServiceClient Laws(Exchange exchange, string role) => new(exchange.Host.Channel("op:dfe", [role]));

    private static async Task<ApplyPackResponse> Apply(Exchange exchange, string document, string reason, string role = "operator") =>
        await Laws(exchange, role).ApplyPackAsync(new ApplyPackRequest { Document = document, Reason = reason }, cancellationToken: Stop);

    private static async Task Reread(Exchange exchange)
    {
        await Eventually.Equal(0, () => exchange.Count("cases where packs < (select count(*) from rule_packs)"));
        await exchange.Settled();
    }

    private static async Task<IEnumerable<SendExchange.Aggregator.V1.Obligation>> Plans(Exchange exchange) =>
        (await exchange.Obligations(Bolton)).Where(o => o.Obligation_ == "finalise_plan");

    private static AssessmentFact Request(string caseId, string on, LocalAuthority? authority = null) =>
        Fact(
            caseId,
            """{"factId":"r","on":"DAY","requestReceived":{"source":"SCHOOL"}}""".Replace("DAY", on, StringComparison.Ordinal),
            authority
        );

    private static AssessmentFact Fact(string caseId, string json, LocalAuthority? authority = null)
    {
        var fact = FactJson.Read(Encoding.UTF8.GetBytes(json)).Fact ?? throw new FormatException(json);
        fact.CaseId = caseId;
        fact.Authority = fact.Organisation = (authority ?? Bolton).Organisation;
        fact.FactId = $"{caseId}/{fact.FactId}";
        return fact;
    }
}

/// <summary>The reading loop of an exchange, by hand.</summary>
internal static class ReadingByHand
{
    public static Task StopReading(this Exchange exchange) => Loop(exchange).StopAsync(TestContext.Current.CancellationToken);

    public static Task<int> ReadBehind(this Exchange exchange) => Loop(exchange).ReadBehind(TestContext.Current.CancellationToken);

    private static ReadCases Loop(Exchange exchange) => exchange.Host.Services.GetServices<IHostedService>().OfType<ReadCases>().Single();
}
