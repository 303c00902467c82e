using System.Net;
using Grpc.Core;
using Npgsql;
using SendExchange.Education;
using SendExchange.Education.V1;
using SendExchange.Testing;

namespace SendExchange.Services.Tests;

/// <summary>A process in its surroundings: databases and brokers that go away, and its own end.</summary>
public sealed class ChassisHostingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_its_database_a_process_is_live_but_not_ready()
    {
        var database = await (await PrivatePostgres.Shared).CreateDatabase("notes");
        await using var host = await Notes.Start(new Notes(), Engine.Postgres, settings: ($"ConnectionStrings:{Notes.Name}", database));
        host.ExpectsErrors = true;
        await Eventually.Equal((HttpStatusCode.OK, HttpStatusCode.OK), () => Health(host));

        await Administer(database, name => $"drop database {name} with (force)");
        await Eventually.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), () => Health(host));

        await Administer(database, name => $"create database {name}");
        await Eventually.Equal((HttpStatusCode.OK, HttpStatusCode.OK), () => Health(host));
    }

    [Fact]
    public async Task Without_its_broker_a_process_starts_takes_in_and_is_live_but_not_ready()
    {
        await using var host = await Notes.Start(
            new Notes(),
            Engine.Sqlite,
            settings: ("ConnectionStrings:Broker", $"amqp://nobody:nothing@127.0.0.1:{FreePort.Next()}/")
        );
        host.ExpectsErrors = true;

        await Notes.Publish(host, new Noted(1));

        await Eventually.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), () => Health(host));
        Assert.Equal(1, await Notes.Waiting(host));
    }

    /// <summary>What has a receipt is stored; what has none is to be sent again, and the status says so.</summary>
    [Theory, InlineData(Engine.Sqlite), InlineData(Engine.Postgres)]
    public async Task A_stream_that_is_open_at_shutdown_gets_its_outstanding_receipts_then_UNAVAILABLE(Engine engine)
    {
        await using var host = await ServiceHost.Start(engine, chassis => chassis.AddEducation(), app => app.MapEducation());
        var intake = new AssessmentIntakeService.AssessmentIntakeServiceClient(host.Channel("la:350", "sender"));
        using var call = intake.RecordFacts(cancellationToken: Stop);
        var sent = 0;
        var sending = Task.Run(
            async () =>
            {
                try
                {
                    for (; ; sent++)
                    {
                        await call.RequestStream.WriteAsync(new RecordFactsRequest { Fact = Fact(sent) }, Stop);
                    }
                }
                catch (Exception e) when (e is RpcException or InvalidOperationException or IOException)
                {
                    // The call has ended; the reader hears why.
                }
            },
            Stop
        );

        var receipts = new List<FactReceipt>();
        Task? stopping = null;
        var end = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var answer in call.ResponseStream.ReadAllAsync(Stop))
            {
                receipts.Add(answer.Receipt);
                if (receipts.Count == 700)
                {
                    stopping = host.Stop();
                }
            }
        });
        await stopping!.WaitAsync(TimeSpan.FromSeconds(30), Stop); // The open stream did not hold it up.
        await sending;

        Assert.True(end.StatusCode == StatusCode.Unavailable, $"{end}");
        Assert.Contains("send what has no receipt yet", end.Status.Detail);
        Assert.All(receipts, r => Assert.Equal(FactOutcome.Accepted, r.Outcome));
        Assert.Equal(Enumerable.Range(0, receipts.Count).Select(n => $"F{n}"), receipts.Select(r => r.FactId));
        var stored = await host.Database(Education.Education.Name)
            .Query<string>("select fact_id from facts order by position", cancellationToken: Stop);
        Assert.Equal(receipts.Select(r => r.FactId), stored.Take(receipts.Count));
        Assert.InRange(stored.Count - receipts.Count, 0, 1); // At most the one that was being handed in.
    }

    private static AssessmentFact Fact(int number) =>
        new()
        {
            FactId = $"F{number}",
            Organisation = "la:350",
            CaseId = $"C{number}",
            On = "2026-09-02",
            DraftPlanServed = new DraftPlanServed(),
        };

    private static async Task<(HttpStatusCode Live, HttpStatusCode Ready)> Health(ServiceHost host)
    {
        using var http = new HttpClient { BaseAddress = host.HttpUrl };
        using var live = await http.GetAsync(new Uri("/health/live", UriKind.Relative), Stop);
        using var ready = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Stop);
        return (live.StatusCode, ready.StatusCode);
    }

    private static async Task Administer(string database, Func<string, string> sql)
    {
        var settings = new NpgsqlConnectionStringBuilder(database);
        var name = settings.Database!;
        settings.Database = "postgres";
        await using var connection = new NpgsqlConnection($"{settings.ConnectionString};Pooling=false");
        await connection.OpenAsync(Stop);
        await using var command = new NpgsqlCommand(sql($"\"{name}\""), connection);
        await command.ExecuteNonQueryAsync(Stop);
    }
}
