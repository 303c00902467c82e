using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using SendExchange.Chassis;
using SendExchange.Testing;

namespace SendExchange.Services.Tests;

/// <summary>From a transaction to its effect at the consumers, with the bus in this process; RabbitMQ is in <see cref="ChassisBusTests"/>.</summary>
public sealed class ChassisOutboxTests
{
    private static readonly DateOnly Today = new(2026, 9, 2);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    public static TheoryData<Engine> Engines => [.. Enum.GetValues<Engine>()];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Engines))]
    public async Task Messages_of_a_committed_transaction_arrive_once_and_of_another_never(Engine engine)
    {
        var notes = new Notes();
        await using var host = await Notes.Start(notes, engine);

        await Assert.ThrowsAsync<TimeoutException>(() =>
            host.Database(Notes.Name)
                .Transact(
                    tx =>
                    {
                        tx.Publish(new Noted(0));
                        throw new TimeoutException();
                    },
                    Stop
                )
        );
        await Notes.Publish(host, Enumerable.Range(1, 300).Select(n => new Noted(n)));
        await host.Quiet();

        Assert.Equal(Enumerable.Range(1, 300), await Notes.Noted(host));
        Assert.Equal(0, notes.DeliveriesOf(0));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task What_was_not_consumed_when_the_process_ended_is_delivered_after_its_restart(Engine engine)
    {
        var clock = new StoppedClock(Today);
        var end = new TaskCompletionSource();
        var notes = new Notes { OnDelivery = (_, number) => number == 2 ? end.Task : Task.CompletedTask };
        await using var killed = await Notes.Start(notes, engine, clock);
        await Notes.Publish(killed, new Noted(1), new Noted(2));
        await Eventually.True(() => notes.DeliveriesOf(2) == 1);
        // It goes no further, as after kill -9: the second message is not consumed and the row not deleted.

        clock.Advance(Lease); // Nobody can know of a PostgreSQL database that no other process holds the row.
        var database = ($"ConnectionStrings:{Notes.Name}", killed.ConnectionString(Notes.Name));
        await using var restarted = await Notes.Start(new Notes(), engine, clock, settings: database);
        await restarted.Quiet();

        Assert.Equal([1, 2], await Notes.Noted(restarted));
        end.SetResult();
    }

    [Fact]
    public async Task An_embedded_database_has_no_other_process_so_leases_end_with_a_restart()
    {
        var clock = new StoppedClock(Today);
        await using var own = await OwnDatabase.On(Engine.Sqlite, clock);
        await own.Database.Transact(tx => Publish(tx, new Noted(1)), Stop);
        var leasedUntil = clock.GetUtcNow() + Lease;
        await own.Database.Transact(tx => tx.Execute("update outbox set available_at = @leasedUntil", new { leasedUntil }), Stop);
        var database = ($"ConnectionStrings:{Notes.Name}", own.ConnectionString);

        await using var host = await Notes.Start(new Notes(), Engine.Sqlite, clock, settings: database);
        await host.Quiet();

        Assert.Equal([1], await Notes.Noted(host));
    }

    [Fact]
    public async Task A_leased_row_is_left_alone_until_the_lease_has_run_out()
    {
        var clock = new StoppedClock(Today);
        await using var own = await OwnDatabase.On(Engine.Postgres, clock);
        await own.Database.Transact(tx => Publish(tx, new Noted(1)), Stop);
        var leasedUntil = clock.GetUtcNow() + Lease;
        await own.Database.Transact(tx => tx.Execute("update outbox set available_at = @leasedUntil", new { leasedUntil }), Stop);
        var notes = new Notes();
        await using var host = await Notes.Start(
            notes,
            Engine.Postgres,
            clock,
            settings: ($"ConnectionStrings:{Notes.Name}", own.ConnectionString)
        );

        await Notes.Publish(host, new Noted(2));
        await Eventually.True(async () => (await Notes.Noted(host)).Count == 1);
        clock.Advance(Lease - TimeSpan.FromTicks(10));
        await Notes.Publish(host, new Noted(3));
        await Eventually.True(async () => (await Notes.Noted(host)).Count == 2);
        Assert.Equal(0, notes.DeliveriesOf(1));

        Advance(clock, host, TimeSpan.FromTicks(10));
        await host.Quiet();
        Assert.Equal([1, 2, 3], await Notes.Noted(host));
    }

    /// <summary>A row still on its way when its lease runs out is not sent a second time by the same process, nor forgotten.</summary>
    [Theory, MemberData(nameof(Engines))]
    public async Task A_consumer_slower_than_the_lease_gets_its_message_once(Engine engine)
    {
        var clock = new StoppedClock(Today);
        var gate = new TaskCompletionSource();
        var notes = new Notes { OnDelivery = (_, number) => number == 1 ? gate.Task : Task.CompletedTask };
        await using var host = await Notes.Start(notes, engine, clock);
        await Notes.Publish(host, new Noted(1));
        await Eventually.True(() => notes.DeliveriesOf(1) == 1);

        for (var n = 2; n < 5; n++)
        {
            clock.Advance(Lease);
            await Notes.Publish(host, new Noted(n)); // Claimed together with the first, whose lease is over.
            await Eventually.True(() => notes.DeliveriesOf(n) == 1);
        }
        gate.SetResult();
        await host.Quiet();

        Assert.Equal(1, notes.DeliveriesOf(1));
        Assert.Contains(1, await Notes.Noted(host));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_message_that_is_never_taken_is_tried_again_with_growing_pauses_then_parked_then_redriven(Engine engine)
    {
        var clock = new StoppedClock(Today);
        var broken = true;
        var notes = new Notes { OnMessage = (_, number) => broken && number == 1 ? throw new InvalidDataException() : Task.CompletedTask };
        await using var host = await Notes.Start(notes, engine, clock);
        host.ExpectsErrors = true;
        await Notes.Publish(host, new Noted(1), new Noted(2));

        var pauses = new List<TimeSpan>();
        for (var attempt = 1; attempt <= 8; attempt++)
        {
            await Eventually.Equal(attempt, async () => (await Row(host)).Attempts);
            pauses.Add((await Row(host)).AvailableAt - clock.GetUtcNow());
            Advance(clock, host, pauses[^1]);
        }
        Assert.Equal([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6], pauses.Select(p => p.TotalSeconds));
        Assert.Equal((true, "notes.noted"), ((await Row(host)).ParkedAt is not null, (await Row(host)).LastError));

        clock.Advance(TimeSpan.FromDays(30)); // Parked is parked.
        await Notes.Publish(host, new Noted(3));
        await Eventually.True(async () => (await Notes.Noted(host)).Count == 2);
        Assert.Equal((8, 1), (notes.DeliveriesOf(1), await Notes.Waiting(host)));
        Assert.Equal([2, 3], await Notes.Noted(host)); // Its neighbour was taken, once.

        broken = false;
        Assert.Equal(0, await Redrive(host, "notes.first")); // Another queue's matter.
        Assert.Equal(1, await Redrive(host, "notes.noted"));
        await host.Quiet();
        Assert.Equal([1, 2, 3], await Notes.Noted(host));
        Assert.All(host.Errors, e => Assert.Contains(nameof(InvalidDataException), e));
    }

    /// <summary>What a queue has consumed in vain does not count for another queue, nor twice for itself.</summary>
    [Theory, MemberData(nameof(Engines))]
    public async Task A_message_for_two_queues_stays_until_both_have_taken_it(Engine engine)
    {
        var clock = new StoppedClock(Today);
        var broken = true;
        var notes = new Notes
        {
            OnMessage = (queue, _) => broken && queue == "first" ? throw new InvalidDataException() : Task.CompletedTask,
        };
        await using var host = await Notes.Start(notes, engine, clock);
        host.ExpectsErrors = true;

        await Notes.Publish(host, new NotedTwice(1));
        for (var attempt = 1; attempt <= 4; attempt++)
        {
            await Eventually.Equal(attempt, async () => (await Row(host)).Attempts);
            Advance(clock, host, (await Row(host)).AvailableAt - clock.GetUtcNow());
        }
        broken = false;
        Advance(clock, host, Lease);
        await host.Quiet();

        Assert.Equal([1], await Notes.Noted(host, "first"));
        Assert.Equal([1], await Notes.Noted(host, "second"));
    }

    /// <summary>An earlier delivery that ends late must not stand for one that has not ended.</summary>
    [Fact]
    public async Task A_late_end_of_an_earlier_delivery_does_not_count_for_the_queue_that_failed()
    {
        var clock = new StoppedClock(Today);
        var slow = new TaskCompletionSource();
        var firstFails = true;
        var notes = new Notes();
        notes.OnDelivery = (queue, _) =>
            queue == "second" && notes.Deliveries.Count(d => d.Queue == "second") == 1 ? slow.Task
            : queue == "first" && firstFails ? throw new InvalidDataException()
            : Task.CompletedTask;
        await using var host = await Notes.Start(notes, Engine.Postgres, clock);
        host.ExpectsErrors = true;

        await Notes.Publish(host, new NotedTwice(1));
        await Eventually.Equal(1, async () => (await Row(host)).Attempts);
        Advance(clock, host, Lease);
        await Eventually.Equal(2, async () => (await Row(host)).Attempts);
        slow.SetResult(); // The first delivery to the second queue ends; a later one finds its work done.
        Advance(clock, host, Lease);
        await Eventually.Equal(3, async () => (await Row(host)).Attempts);
        firstFails = false;
        Advance(clock, host, Lease);
        await host.Quiet();

        Assert.Equal([1], await Notes.Noted(host, "first"));
        Assert.Equal([1], await Notes.Noted(host, "second"));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task One_message_that_cannot_be_taken_does_not_take_its_batch_along(Engine engine)
    {
        var clock = new StoppedClock(Today);
        var notes = new Notes { OnMessage = (_, number) => number == 7 ? throw new InvalidDataException() : Task.CompletedTask };
        await using var host = await Notes.Start(notes, engine, clock);
        host.ExpectsErrors = true;
        foreach (var number in Enumerable.Range(1, 10))
        {
            await Notes.Publish(host, new Batched(number));
        }

        await Eventually.Equal(1, () => Notes.Waiting(host));
        await Eventually.Equal(1, async () => (await Row(host)).Attempts);

        Assert.Equal([1, 2, 3, 4, 5, 6, 8, 9, 10], await Notes.Noted(host, "many"));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_message_redelivered_after_a_year_does_nothing(Engine engine)
    {
        var clock = new StoppedClock(Today);
        var notes = new Notes();
        await using var host = await Notes.Start(notes, engine, clock);
        var id = Guid.NewGuid();
        await Deliver(host, id);
        await Eventually.True(async () => (await Notes.Noted(host)).Count == 1);

        clock.Advance(TimeSpan.FromDays(366));
        await Deliver(host, id);
        await Deliver(host, Guid.NewGuid());
        await Eventually.True(async () => (await Notes.Noted(host)).Count == 2);
        await Eventually.True(() => notes.Deliveries.Count == 3);

        Assert.Equal([1, 1], await Notes.Noted(host));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_message_delivered_many_times_at_once_has_one_effect(Engine engine)
    {
        var notes = new Notes();
        await using var host = await Notes.Start(notes, engine);
        host.ExpectsErrors = true;
        foreach (var _ in Enumerable.Range(0, 5))
        {
            var id = Guid.NewGuid();
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Deliver(host, id)));
        }

        await Eventually.True(() => notes.Deliveries.Count == 40);
        await Eventually.True(async () => (await Notes.Noted(host)).Count == 5);
        await host.Stop(); // Every delivery has ended.

        Assert.Equal(5, (await Notes.Noted(host)).Count);
    }

    /// <summary>Lets the dispatcher look at once, not at its next poll in real time.</summary>
    private static void Advance(StoppedClock clock, ServiceHost host, TimeSpan by)
    {
        clock.Advance(by);
        host.Database(Notes.Name).OutboxFilled.Raise();
    }

    private static Task Publish(Transaction tx, object message)
    {
        tx.Publish(message);
        return Task.CompletedTask;
    }

    private static Task Deliver(ServiceHost host, Guid id) =>
        host.Services.GetRequiredService<IBus>().Publish(new Noted(1), context => context.MessageId = id, Stop);

    private static async Task<OutboxRow> Row(ServiceHost host) =>
        Assert.Single(
            await host.Database(Notes.Name)
                .Query<OutboxRow>("select attempts, available_at, parked_at, last_error from outbox", cancellationToken: Stop)
        );

    internal static async Task<int> Redrive(ServiceHost host, string queue)
    {
        using var http = new HttpClient { BaseAddress = host.HttpUrl };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", host.Token("la:350", "operator"));
        using var answer = await http.PostAsync(new Uri($"/operate/redrive/{queue}", UriKind.Relative), null, Stop);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("moved").GetInt32();
    }

    private sealed class OutboxRow
    {
        public required int Attempts { get; init; }
        public required DateTimeOffset AvailableAt { get; init; }
        public DateTimeOffset? ParkedAt { get; init; }
        public string? LastError { get; init; }
    }
}
