using System.Diagnostics;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using SendExchange.Aggregator;
using SendExchange.Aggregator.Clock;
using SendExchange.Aggregator.V1;
using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Statute;
using SendExchange.Testing;

namespace SendExchange.Benchmarks;

/// <summary>
/// The aggregator with a whole caseload in its PostgreSQL: reading all of it, the sweep over a midnight on which a fiftieth of
/// it falls due, a dry run of a rule pack and its application; and the same with a tenth of it, to see how each grows.
/// </summary>
/// <remarks>Facts come as <c>TakeFacts</c> would store them, not by the bus: what is measured is what comes after.</remarks>
internal static class CaseloadBenchmark
{
    private const string Name = SendExchange.Aggregator.Aggregator.Name;
    private const int FactsPerInsert = 20_000;
    private const double DueToday = 0.02;
    private static readonly DateOnly _today = new(2026, 6, 15);

    private const string Reform = """
        {"id":"reform","title":"Eighteen weeks, eleven months","citation":"Bill, clauses 3 and 4","amend":[
         {"obligation":"finalise_plan","amends":"SEND Regulations 2014, reg 13(2)","weeks":18,"from":"2026-01-01"},
         {"obligation":"annual_review","amends":"Children and Families Act 2014, s.44(1)","monthsBeginningWith":11,"from":"2025-06-01"}]}
        """;

    public static async Task Run(int plans, int assessments, bool withTenth, CancellationToken cancellationToken)
    {
        if (withTenth)
        {
            await RunOne(plans / 10, assessments / 10, cancellationToken);
        }
        await RunOne(plans, assessments, cancellationToken);
    }

    private static async Task RunOne(int plans, int assessments, CancellationToken cancellationToken)
    {
        Console.WriteLine($"caseload: {plans:N0} plans, {assessments:N0} assessments; one aggregator, PostgreSQL, in-memory bus");
        var clock = new StoppedClock(_today);
        await using var host = await ServiceHost.Start(
            Engine.Postgres,
            chassis => chassis.AddAggregator(),
            app => app.MapAggregator(),
            clock
        );
        var database = host.Database(Name);
        var lookAt = clock.GetUtcNow() + TimeSpan.FromSeconds(1); // Nothing is read before all is there.
        var facts = 0;
        await Timed("stored, facts", async () => facts = await Store(database, plans, assessments, lookAt, cancellationToken));

        AdvanceTo(lookAt);
        await Timed("read all, cases", () => Read(plans + assessments));
        Console.WriteLine(
            $"    holds {await Count("facts"):N0} facts, {await Count("cases"):N0} cases, {await Count("obligations"):N0} obligations, "
                + $"{await Count("breaches"):N0} breaches; {await Ask("select pg_database_size(current_database()) / 1000000"):N0} MB"
        );

        var midnight = London.StartOf(_today.AddDays(1));
        var due = await Ask("select count(*) from cases where look_at <= @at", midnight);
        var breaches = await Count("breaches");
        AdvanceTo(midnight);
        await Timed("midnight, cases due", () => Read(due));
        Console.WriteLine($"    {await Count("breaches") - breaches:N0} breaches recorded");

        // Once more, as on any other night: what is due was spread over the cases, and is not all that lies in the table.
        var next = London.StartOf(_today.AddDays(2));
        due = await Ask("select count(*) from cases where look_at <= @at", next);
        AdvanceTo(next);
        await Timed("next midnight, cases due", () => Read(due));

        var laws = new LawService.LawServiceClient(host.Channel("op:benchmark", ["operator"]));
        var summary = new DryRunSummary();
        await Timed("dry run, cases", async () => (int)(summary = await DryRun(laws, cancellationToken)).CasesRead);
        Console.WriteLine(
            $"    {summary.Total.DueMoved:N0} due days would move, {summary.Total.BreachesAdded:N0} breaches appear, {summary.Total.BreachesGone:N0} vanish"
        );
        await Timed(
            "applied and read again, cases",
            async () =>
            {
                var applied = await laws.ApplyPackAsync(
                    new ApplyPackRequest { Document = Reform, Reason = "benchmark" },
                    cancellationToken: cancellationToken
                );
                await Until("select count(*) from (select 1 from cases where packs < 1 limit 1) waiting");
                return (int)applied.Cases;
            }
        );
        Console.WriteLine($"    {await Count("breach_events where correction is not null"):N0} breaches corrected");
        Console.WriteLine();

        // As when facts arrive: the loop would else look up within two seconds.
        void AdvanceTo(DateTimeOffset instant)
        {
            clock.AdvanceTo(instant);
            host.Services.GetRequiredService<CasesToRead>().Raise();
        }

        async Task<int> Read(int cases)
        {
            await Until("select count(*) from (select 1 from cases where look_at <= @at limit 1) waiting");
            return cases;
        }

        async Task Until(string none)
        {
            while (await Ask(none, clock.GetUtcNow()) > 0)
            {
                await Task.Delay(100, cancellationToken);
            }
        }

        Task<int> Count(string rows) => Ask($"select count(*) from {rows}");

        async Task<int> Ask(string number, DateTimeOffset at = default) =>
            (await database.Query<int>(number, new { at }, cancellationToken))[0];
    }

    private static async Task Timed(string what, Func<Task<int>> work)
    {
        var before = Machine.ProcessorSeconds();
        var watch = Stopwatch.StartNew();
        var count = await work();
        var seconds = watch.Elapsed.TotalSeconds;
        Console.WriteLine(
            $"  {what, -30} {count, 11:N0} in {seconds, 8:F1} s: {count / seconds, 9:N0}/s; processor seconds: {Machine.Used(before, Machine.ProcessorSeconds())}"
        );
    }

    private static async Task<DryRunSummary> DryRun(LawService.LawServiceClient laws, CancellationToken cancellationToken)
    {
        using var call = laws.DryRunPack(new DryRunPackRequest { Document = Reform }, cancellationToken: cancellationToken);
        await foreach (var part in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            if (part.Summary is { } summary)
            {
                return summary;
            }
        }
        throw new InvalidOperationException("A dry run without a summary.");
    }

    private static async Task<int> Store(
        Database database,
        int plans,
        int assessments,
        DateTimeOffset lookAt,
        CancellationToken cancellationToken
    )
    {
        var position = 0;
        var (facts, cases) = (new List<FactRow>(FactsPerInsert), new List<CaseRow>());
        foreach (var (authority, caseId, told) in new Caseload(_today, DueToday).Cases(plans, assessments))
        {
            var key = $"{authority}/{caseId}";
            cases.Add(new CaseRow(key, authority, caseId, lookAt));
            foreach (var fact in told)
            {
                facts.Add(new FactRow(fact.Organisation, fact.FactId, ++position, key, FactJson.ToText(fact), lookAt.AddSeconds(-1)));
            }
            if (facts.Count >= FactsPerInsert)
            {
                await Insert();
            }
        }
        await Insert();
        return position;

        async Task Insert()
        {
            await database.Transact(
                async tx =>
                {
                    await tx.InsertMany("facts", facts);
                    await tx.InsertMany("cases", cases);
                },
                cancellationToken
            );
            facts.Clear();
            cases.Clear();
        }
    }

    private sealed record FactRow(
        string Organisation,
        string FactId,
        long Position,
        string CaseKey,
        string Fact,
        DateTimeOffset RecordedAt
    );

    private sealed record CaseRow(string CaseKey, string Authority, string CaseId, DateTimeOffset LookAt);
}
