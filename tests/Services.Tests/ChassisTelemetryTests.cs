using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using SendExchange.Aggregator;
using SendExchange.Contracts;
using SendExchange.Education;
using SendExchange.Education.V1;
using SendExchange.Testing;

namespace SendExchange.Services.Tests;

public sealed class ChassisTelemetryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, InlineData(Engine.Sqlite, false), InlineData(Engine.Postgres, false), InlineData(Engine.Postgres, true)]
    public async Task One_trace_follows_a_fact_from_the_call_over_the_bus_to_the_breach(Engine engine, bool overRabbitMq)
    {
        var spans = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "SendExchange" or "MassTransit" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var heard = new TaskCompletionSource<(BreachRecorded Breach, string? Trace)>();
        var settings = new Dictionary<string, string?>();
        if (overRabbitMq)
        {
            settings["ConnectionStrings:Broker"] = await (await PrivateRabbitMq.Shared).CreateVirtualHost("telemetry");
        }
        await using var host = await ServiceHost.Start(
            engine,
            chassis =>
            {
                chassis.AddEducation();
                chassis.AddAggregator();
                chassis
                    .AddService("witness", typeof(ChassisTelemetryTests).Assembly)
                    .Consume<HearBreach, BreachRecorded>("breaches")
                    .Publish<BreachRecorded>("witness.breaches");
                chassis.Services.AddSingleton<Action<ConsumeContext<BreachRecorded>>>(context =>
                    heard.TrySetResult((context.Message, Activity.Current?.TraceId.ToHexString()))
                );
            },
            app => app.MapEducation(),
            settings: settings
        );
        host.ExpectsErrors = overRabbitMq; // A first connection may take longer than a publish waits.
        var intake = new AssessmentIntakeService.AssessmentIntakeServiceClient(host.Channel("la:350", "sender"));
        using var caller = new Activity("a sender's own system").Start();
        var trace = caller.TraceId.ToHexString();

        await intake.RecordFactAsync(new RecordFactRequest { Fact = Request() }, cancellationToken: Stop);
        var (breach, traceOfBreach) = await heard.Task.WaitAsync(TimeSpan.FromSeconds(60), Stop);
        await Eventually.True(() => Names().Count(name => name == "outbox publish") >= 2 && Names().Contains("witness.breaches receive"));

        Assert.Equal(("la:350", trace), (breach.Authority, traceOfBreach));
        Assert.Contains("Microsoft.AspNetCore.Hosting.HttpRequestIn", Names());
        Assert.Contains("read case", Names());
        Assert.Contains("aggregator.facts receive", Names());
        Assert.DoesNotContain("C1", string.Join(' ', spans.SelectMany(s => s.TagObjects).Select(t => $"{t.Value}")));

        List<string> Names() => spans.Where(s => s.TraceId.ToHexString() == trace).Select(s => s.OperationName).ToList();
    }

    [Fact]
    public async Task Spans_are_exported_only_where_an_endpoint_is_set()
    {
        using var collector = new TcpListener(IPAddress.Loopback, FreePort.Next());
        collector.Start();
        await using (var silent = await Notes.Start(new Notes(), Engine.Sqlite))
        {
            await Notes.Publish(silent, new Noted(1));
            await silent.Quiet();
        }
        Assert.False(collector.Pending());

        var endpoint = ("Otlp:Endpoint", $"http://{collector.LocalEndpoint}");
        await using (var talking = await Notes.Start(new Notes(), Engine.Sqlite, settings: endpoint))
        {
            await Notes.Publish(talking, new Noted(1));
            await talking.Quiet();
        }
        Assert.True(collector.Pending()); // At the latest when it ends: what is left goes out then.
    }

    private static AssessmentFact Request() =>
        new()
        {
            FactId = "F1",
            Organisation = "la:350",
            CaseId = "C1",
            On = "2023-01-09",
            RequestReceived = new RequestReceived { Source = RequestSource.School },
        };

    private sealed class HearBreach(Action<ConsumeContext<BreachRecorded>> hear) : IConsumer<BreachRecorded>
    {
        public Task Consume(ConsumeContext<BreachRecorded> context)
        {
            hear(context);
            return Task.CompletedTask;
        }
    }
}
