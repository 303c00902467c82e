using System.Data.Common;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using SendExchange.Chassis;
using SendExchange.Education;
using SendExchange.Health;
using SendExchange.SocialCare;
using SendExchange.Testing;

namespace SendExchange.Services.Tests;

/// <summary>The same over a real RabbitMQ node.</summary>
public sealed class ChassisBusTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_never_taken_is_retried_with_growing_pauses_then_waits_in_the_error_queue_until_redriven()
    {
        var broker = await Broker();
        var broken = true;
        var notes = new Notes { OnMessage = (_, number) => broken && number == 1 ? throw new InvalidDataException() : Task.CompletedTask };
        await using var host = await Notes.Start(notes, Engine.Sqlite, settings: broker);
        host.ExpectsErrors = true;
        Assert.Equal(0, await ChassisOutboxTests.Redrive(host, "notes.noted")); // Nothing has ever failed.

        await Notes.Publish(host, new Noted(1));
        await Notes.Publish(host, new Noted(2));
        await Eventually.True(async () => (await Notes.Noted(host)).Count == 1); // Later messages flow.
        await Eventually.Equal(1, () => Waiting(broker, "notes.noted_error"));

        Assert.Equal([2], await Notes.Noted(host));
        var attempts = notes.Deliveries.Where(d => d.Number == 1).Select(d => d.At).ToList();
        var pauses = attempts.Zip(attempts.Skip(1), (a, b) => (b - a).TotalMilliseconds).ToList();
        Assert.Equal(4, pauses.Count);
        // A busy machine may note a delivery late, which shortens the pause that is seen after it.
        Assert.All(pauses.Zip([50, 100, 200, 400]), p => Assert.True(p.First >= 0.7 * p.Second, $"{p.First} ms, not {p.Second} ms"));

        broken = false;
        Assert.Equal(1, await ChassisOutboxTests.Redrive(host, "notes.noted"));
        await Eventually.True(async () => (await Notes.Noted(host)).Count == 2);
        Assert.Equal(0, await Waiting(broker, "notes.noted_error"));
    }

    [Fact]
    public async Task One_message_that_cannot_be_taken_goes_to_the_error_queue_without_its_batch()
    {
        var broker = await Broker();
        var notes = new Notes { OnMessage = (_, number) => number == 7 ? throw new InvalidDataException() : Task.CompletedTask };
        await using var host = await Notes.Start(notes, Engine.Postgres, settings: broker);
        host.ExpectsErrors = true;

        await Notes.Publish(host, Enumerable.Range(1, 40).Select(n => new Batched(n)));
        await Eventually.True(async () => await Waiting(broker, "notes.many_error") > 0);

        Assert.Equal(Enumerable.Range(1, 40).Where(n => n != 7), await Notes.Noted(host, "many"));
        Assert.Equal((1, 0), (await Waiting(broker, "notes.many_error"), await Waiting(broker, "notes.many")));
    }

    [Theory, InlineData("noted"), InlineData("many")]
    public async Task While_the_database_is_away_messages_wait_and_none_goes_to_the_error_queue(string queue)
    {
        var broker = await Broker();
        var away = true;
        var notes = new Notes { OnMessage = (_, _) => away ? throw new DatabaseAway() : Task.CompletedTask };
        await using var host = await Notes.Start(notes, Engine.Sqlite, settings: broker);
        host.ExpectsErrors = true;

        await Notes.Publish(host, queue == "noted" ? new Noted(1) : new Batched(1));
        await Eventually.True(() => notes.DeliveriesOf(1) > 10); // Twice as often as a fault would be tried.
        away = false;
        await Eventually.True(async () => (await Notes.Noted(host, queue)).Count == 1);

        Assert.Null(await Waiting(broker, $"notes.{queue}_error"));
    }

    [Fact]
    public async Task A_process_that_consumes_no_more_although_the_broker_answers_ends_to_be_started_again()
    {
        var quick = new BusPatience(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1));
        await using var host = await Notes.Start(new Notes { Patience = quick }, Engine.Sqlite, settings: await Broker());
        await Notes.Publish(host, new Noted(1));
        await Eventually.True(async () => (await Notes.Noted(host)).Count == 1);
        await Task.Delay(3 * quick.MendsWithin, Stop);
        Assert.False(Stopping(host)); // All is well so far.

        host.ExpectsErrors = true;
        await host.Services.GetRequiredService<IBusControl>().StopAsync(Stop);

        await EndsInFailure(host, "nobody consumes from notes.");
    }

    [Fact]
    public async Task A_process_whose_messages_are_never_confirmed_although_the_broker_answers_ends_to_be_started_again()
    {
        var broker = await Broker();
        await using var consumer = await Notes.Start(new Notes(), Engine.Sqlite, settings: broker);
        using var proxy = new StallingProxy(broker.Item2!);
        var quick = new BusPatience(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1));
        await using var host = await Notes.Start(
            new Notes { Patience = quick },
            Engine.Sqlite,
            consume: false,
            settings: (broker.Item1, proxy.Address)
        );
        await Notes.Publish(host, new Noted(1));
        await Eventually.Equal(0, () => Notes.Waiting(host));

        host.ExpectsErrors = true;
        proxy.Stall();
        await Notes.Publish(host, new Noted(2));

        await EndsInFailure(host, "nothing is confirmed");
        Assert.Equal(1, await Notes.Waiting(host)); // What could not go out is kept.
    }

    [Fact]
    public async Task A_process_waits_for_a_broker_that_is_away_however_long()
    {
        var quick = new BusPatience(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300));
        var away = ("ConnectionStrings:Broker", $"amqp://nobody:nothing@127.0.0.1:{FreePort.Next()}/");
        await using var host = await Notes.Start(new Notes { Patience = quick }, Engine.Sqlite, settings: away);
        host.ExpectsErrors = true;

        await Task.Delay(10 * quick.MendsWithin, Stop);

        Assert.False(Stopping(host));
    }

    [Fact]
    public async Task Queues_and_error_queues_are_durable_quorum_queues()
    {
        var broker = await Broker();
        var notes = new Notes { OnMessage = (_, _) => throw new InvalidDataException() };
        await using var host = await Notes.Start(notes, Engine.Sqlite, settings: broker);
        host.ExpectsErrors = true;
        await Notes.Publish(host, new Noted(1));
        await Eventually.True(() => notes.DeliveriesOf(1) == 5);
        foreach (var queue in (string[])["notes.noted", "notes.first", "notes.second", "notes.many", "notes.noted_error"])
        {
            await Eventually.True(async () => await Waiting(broker, queue) is not null);

            // RabbitMQ refuses to declare a queue again as anything but what it is.
            await using var connection = await Connect(broker);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: Stop);
            var other = await Assert.ThrowsAsync<OperationInterruptedException>(() =>
                channel.QueueDeclareAsync(
                    queue,
                    durable: true,
                    exclusive: false,
                    autoDelete: false,
                    new Dictionary<string, object?> { ["x-queue-type"] = "classic" },
                    cancellationToken: Stop
                )
            );
            Assert.Contains("quorum", other.Message);
        }
    }

    /// <summary>A service may be deployed a day later than another that publishes to it.</summary>
    [Fact]
    public async Task What_is_published_before_a_consumer_has_ever_run_waits_for_it()
    {
        var broker = await Broker();
        var database = await (await PrivatePostgres.Shared).CreateDatabase("notes");
        (string, string?)[] settings = [broker, ($"ConnectionStrings:{Notes.Name}", database)];
        await using (var publisher = await Notes.Start(new Notes(), Engine.Postgres, consume: false, settings: settings))
        {
            await Notes.Publish(publisher, Enumerable.Range(1, 50).Select(n => new Noted(n)));
            await Eventually.Equal(0, () => Notes.Waiting(publisher));
        }

        await using var consumer = await Notes.Start(new Notes(), Engine.Postgres, settings: settings);

        await Eventually.True(async () => (await Notes.Noted(consumer)).Count == 50);
    }

    [Fact]
    public async Task Every_queue_that_a_service_listens_to_is_kept_by_each_service_that_publishes_its_messages()
    {
        await using var exchange = await ServiceHost.Start(
            Engine.Sqlite,
            chassis =>
            {
                chassis.AddEducation();
                chassis.AddHealth();
                chassis.AddSocialCare();
                Aggregator.Aggregator.AddAggregator(chassis);
            },
            _ => { }
        );
        var services = exchange.Services.GetServices<ServiceRegistration>().ToList();

        Assert.Equal(
            services.SelectMany(s => s.Subscriptions).Select(s => (s.Name, s.Message)).Order(),
            services.SelectMany(s => s.Feeds).Select(f => (f.Queue, f.Message)).Distinct().Order()
        );
    }

    [Fact]
    public async Task Many_dispatchers_on_one_database_publish_all_and_each_message_takes_effect_once()
    {
        var broker = await Broker();
        var database = await (await PrivatePostgres.Shared).CreateDatabase("notes");
        (string, string?)[] settings = [broker, ($"ConnectionStrings:{Notes.Name}", database)];
        var hosts = new List<ServiceHost>();
        try
        {
            for (var i = 0; i < 3; i++)
            {
                hosts.Add(await Notes.Start(new Notes(), Engine.Postgres, settings: settings));
                hosts[^1].ExpectsErrors = true; // Two that take one message in at once: one of them is told so.
            }
            await Task.WhenAll(
                Enumerable
                    .Range(0, 60)
                    .Select(n =>
                        Notes.Publish(
                            hosts[n % 3],
                            Enumerable.Range(10 * n, 10).Select(m => m % 2 == 0 ? (object)new Noted(m) : new Batched(m))
                        )
                    )
            );

            await Eventually.Equal(0, () => Notes.Waiting(hosts[0]));
            await Eventually.True(async () => (await Notes.Noted(hosts[0])).Count + (await Notes.Noted(hosts[0], "many")).Count >= 600);
            var noted = (await Notes.Noted(hosts[0])).Concat(await Notes.Noted(hosts[0], "many"));
            Assert.Equal(Enumerable.Range(0, 600), noted.Order());
        }
        finally
        {
            foreach (var host in hosts)
            {
                await host.DisposeAsync();
            }
        }
    }

    private static bool Stopping(ServiceHost host) =>
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;

    private static async Task EndsInFailure(ServiceHost host, string trouble)
    {
        await Eventually.True(() => Stopping(host));
        Assert.Equal(1, Environment.ExitCode); // A supervisor starts again what failed.
        Environment.ExitCode = 0;
        Assert.Contains(host.Errors, error => error.Contains(trouble));
    }

    private static async Task<(string, string?)> Broker() =>
        ("ConnectionStrings:Broker", await (await PrivateRabbitMq.Shared).CreateVirtualHost("bus"));

    private static Task<IConnection> Connect((string, string?) broker) =>
        new ConnectionFactory { Uri = new Uri(broker.Item2!) }.CreateConnectionAsync(Stop);

    /// <summary>How many messages lie in a queue; null where there is no such queue.</summary>
    private static async Task<int?> Waiting((string, string?) broker, string queue)
    {
        await using var connection = await Connect(broker);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Stop);
        try
        {
            return (int)await channel.MessageCountAsync(queue, Stop);
        }
        catch (OperationInterruptedException)
        {
            return null;
        }
    }

    /// <summary>As Npgsql says that it cannot connect.</summary>
    private sealed class DatabaseAway : DbException
    {
        public override bool IsTransient => true;
    }
}
