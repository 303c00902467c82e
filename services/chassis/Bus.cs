using System.Collections.Concurrent;
using System.Data.Common;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace SendExchange.Chassis;

/// <summary>A queue of a service: what arrives on it and who takes it.</summary>
/// <param name="Name">As RabbitMQ shows it, e.g. aggregator.facts. Never anything personal.</param>
/// <param name="Message">The message's type.</param>
/// <param name="Consumer">An <see cref="IConsumer{T}"/> of the message, or of a <see cref="Batch{T}"/> of it.</param>
/// <param name="BatchOf">Most messages handed over at once; 1: one by one.</param>
/// <param name="Register">Makes the consumer known to MassTransit.</param>
internal sealed record Subscription(string Name, Type Message, Type Consumer, int BatchOf, Action<IBusRegistrationConfigurator> Register)
{
    /// <summary>How long a batch waits for more after its first message.</summary>
    private static readonly TimeSpan _batchWait = TimeSpan.FromMilliseconds(20);

    public static Subscription Of<TConsumer, TMessage>(string name)
        where TConsumer : class, IConsumer<TMessage>
        where TMessage : class => new(name, typeof(TMessage), typeof(TConsumer), 1, bus => bus.AddConsumer<TConsumer>());

    public static Subscription InBatches<TConsumer, TMessage>(string name, int batchOf)
        where TConsumer : class, IConsumer<Batch<TMessage>>
        where TMessage : class =>
        new(
            name,
            typeof(TMessage),
            typeof(TConsumer),
            batchOf,
            bus =>
                bus.AddConsumer<TConsumer>(consumer =>
                    consumer.Options<BatchOptions>(batch => batch.SetMessageLimit(batchOf).SetTimeLimit(_batchWait).SetConcurrencyLimit(2))
                )
        );
}

/// <summary>A queue of another service, kept by the service that publishes to it.</summary>
/// <param name="Queue">As in the other service's <see cref="Subscription"/>.</param>
/// <param name="Message">What is published.</param>
/// <param name="Keep">Has RabbitMQ hold the queue before the first message goes out.</param>
internal sealed record Feed(string Queue, Type Message, Action<IRabbitMqBusFactoryConfigurator> Keep)
{
    public static Feed Of<TMessage>(string queue)
        where TMessage : class =>
        new(
            queue,
            typeof(TMessage),
            bus =>
                bus.Publish<TMessage>(topology =>
                    topology.BindQueue(
                        bus.MessageTopology.GetMessageTopology<TMessage>().EntityName,
                        queue,
                        Bus.Quorum // As its consumer declares it.
                    )
                )
        );
}

/// <summary>Pauses before a message that its consumer did not take is tried again (RabbitMQ; the outbox has its own).</summary>
/// <param name="Fault">One after the other; after the last it goes to NAME_error, from where it can be redriven.</param>
/// <param name="Outage">Again and again, for a day, where the consumer's database is away: that mends by itself.</param>
internal sealed record RetryPauses(TimeSpan[] Fault, TimeSpan Outage)
{
    public static RetryPauses Default { get; } =
        new(
            [
                TimeSpan.FromMilliseconds(100),
                TimeSpan.FromMilliseconds(400),
                TimeSpan.FromSeconds(1.5),
                TimeSpan.FromSeconds(5),
                TimeSpan.FromSeconds(15),
            ],
            TimeSpan.FromSeconds(5)
        );

    /// <summary>Whether trying again later is likely to help, whatever the message: the database cannot be reached, or a deadlock.</summary>
    public static bool IsOutage(Exception? problem) => problem is DbException { IsTransient: true };
}

internal static class Bus
{
    // RabbitMQ 4 drops a message after 20 deliveries unless told otherwise. "No limit" is -1 there, which 3.x takes for none at all.
    internal const int DeliveryLimit = 1_000_000;

    /// <param name="broker">amqp://… of a RabbitMQ, or null: MassTransit's in-memory transport.</param>
    public static void AddBus(
        this IServiceCollection services,
        IReadOnlyList<Subscription> subscriptions,
        IReadOnlyList<Feed> feeds,
        string? broker
    )
    {
        var deliveries = new Deliveries(broker is null ? subscriptions : []);
        services.AddSingleton(deliveries);
        services.AddSingleton<Publishing>();
        services.TryAddSingleton(RetryPauses.Default);
        services.TryAddSingleton(BusPatience.Default);
        if (broker is not null)
        {
            services.AddHostedService(provider =>
                ActivatorUtilities.CreateInstance<BusWatch>(provider, broker, subscriptions.Select(s => s.Name).ToList())
            );
        }
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry(); // An exchange tells nobody outside that it is there.
            foreach (var subscription in subscriptions)
            {
                subscription.Register(bus);
            }
            if (broker is null)
            {
                bus.UsingInMemory(
                    (context, configurator) =>
                    {
                        configurator.ConnectReceiveObserver(deliveries);
                        // The outbox tries again what a consumer did not take, and parks what it never takes.
                        Endpoints(context, configurator, subscriptions, endpoint => endpoint.DiscardFaultedMessages());
                    }
                );
            }
            else
            {
                bus.UsingRabbitMq(
                    (context, configurator) =>
                    {
                        configurator.Host(new Uri(broker), host => host.PublisherConfirmation = true);
                        configurator.SendTopology.ConfigureErrorSettings = Quorum;
                        configurator.SendTopology.ConfigureDeadLetterSettings = Quorum;
                        foreach (var feed in feeds)
                        {
                            feed.Keep(configurator);
                        }
                        var pauses = context.GetRequiredService<RetryPauses>();
                        Endpoints(context, configurator, subscriptions, endpoint => TryAgain(endpoint, pauses));
                    }
                );
            }
        });
        services.Configure<MassTransitHostOptions>(options =>
        {
            // Start without the broker: intake goes on into the outbox, readiness says that the bus is away.
            options.WaitUntilStarted = broker is null;
            options.StopTimeout = TimeSpan.FromSeconds(20);
        });
    }

    private static void Endpoints(
        IBusRegistrationContext context,
        IBusFactoryConfigurator configurator,
        IEnumerable<Subscription> subscriptions,
        Action<IReceiveEndpointConfigurator> onFailure
    )
    {
        foreach (var subscription in subscriptions)
        {
            configurator.ReceiveEndpoint(
                subscription.Name,
                endpoint =>
                {
                    // One batch is in the database while the next is on its way.
                    endpoint.PrefetchCount = Math.Max(32, 3 * subscription.BatchOf);
                    endpoint.ConcurrentMessageLimit = Math.Max(8, 3 * subscription.BatchOf);
                    endpoint.PublishFaults = false; // Nobody listens for them, and they would repeat the message.
                    if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
                    {
                        Quorum(rabbit);
                    }
                    onFailure(endpoint);
                    endpoint.ConfigureConsumer(context, subscription.Consumer);
                }
            );
        }
    }

    /// <summary>Kept by a majority of nodes, on disk before the publisher hears of it, and never dropped.</summary>
    internal static void Quorum(IRabbitMqQueueConfigurator queue)
    {
        queue.SetQuorumQueue();
        queue.SetQueueArgument("x-delivery-limit", DeliveryLimit);
    }

    private static void TryAgain(IReceiveEndpointConfigurator endpoint, RetryPauses pauses)
    {
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<DbException>(RetryPauses.IsOutage);
            retry.Interval((int)(TimeSpan.FromDays(1) / pauses.Outage), pauses.Outage);
        });
        endpoint.UseMessageRetry(retry =>
        {
            retry.Ignore<DbException>(RetryPauses.IsOutage);
            retry.Intervals(pauses.Fault);
        });
    }

    /// <summary>Moves what lies in NAME_error back to its queue, oldest first; each is confirmed before it leaves the error queue.</summary>
    /// <returns>How many messages it moved; 0 also where nothing has ever failed, so that there is no such queue.</returns>
    public static async Task<int> RedriveErrors(string broker, string queue, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { Uri = new Uri(broker) };
        await using var connection = await factory.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
            cancellationToken
        );
        var errors = queue + "_error";
        uint waiting;
        try
        {
            waiting = await channel.MessageCountAsync(errors, cancellationToken);
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return 0;
        }
        // What fails again meanwhile comes back to the end: not further than what was there at first.
        for (var moved = 0; moved < waiting; moved++)
        {
            if (await channel.BasicGetAsync(errors, autoAck: false, cancellationToken) is not { } message)
            {
                return moved;
            }
            await channel.BasicPublishAsync(
                exchange: "",
                routingKey: queue,
                mandatory: true,
                new BasicProperties(message.BasicProperties),
                message.Body,
                cancellationToken
            );
            await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken);
        }
        return (int)waiting;
    }
}

/// <summary>Whether what the outbox publishes is confirmed.</summary>
internal sealed class Publishing(TimeProvider clock)
{
    private long _failingSince; // 0: the last publish was confirmed, or there was none.

    public bool IsFailing => Volatile.Read(ref _failingSince) != 0;

    public void Confirmed() => Volatile.Write(ref _failingSince, 0);

    public void Failed() => Interlocked.CompareExchange(ref _failingSince, clock.GetTimestamp(), 0);
}

/// <summary>How long a bus may be out of order while its broker is not.</summary>
/// <param name="LookEvery">Pause between two looks.</param>
/// <param name="MendsWithin">Longer than MassTransit takes to connect again by itself.</param>
internal sealed record BusPatience(TimeSpan LookEvery, TimeSpan MendsWithin)
{
    public static BusPatience Default { get; } = new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(45));
}

/// <summary>Ends the process when its bus stays out of order although the broker answers: whoever supervises it starts it again.</summary>
/// <remarks>
/// When a connection breaks under load, RabbitMQ.Client 7.1 may wait for itself for ever (its issue 1930), and MassTransit then
/// neither consumes nor publishes, nor says so. Nothing in the process can mend that, and ending it loses nothing.
/// </remarks>
internal sealed class BusWatch(
    string broker,
    List<string> queues,
    Publishing publishing,
    BusPatience patience,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<BusWatch> logger
) : BackgroundService
{
    private static readonly TimeSpan _answersWithin = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? since = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(patience.LookEvery, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var trouble = await Look(stoppingToken);
            since = trouble is null ? null : since ?? clock.GetTimestamp();
            if (since is { } start && clock.GetElapsedTime(start) >= patience.MendsWithin)
            {
                ChassisLog.BusGone(logger, trouble!);
                Environment.ExitCode = 1;
                lifetime.StopApplication();
                return;
            }
        }
    }

    /// <summary>What is out of order, seen over a connection of its own. Null: nothing, or the broker itself is away or full.</summary>
    private async Task<string?> Look(CancellationToken stoppingToken)
    {
        using var answers = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        answers.CancelAfter(_answersWithin);
        try
        {
            var factory = new ConnectionFactory { Uri = new Uri(broker), AutomaticRecoveryEnabled = false };
            await using var connection = await factory.CreateConnectionAsync(answers.Token);
            await using var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
                answers.Token
            );
            // Goes to no queue, and is confirmed all the same where the broker takes messages at present.
            await channel.BasicPublishAsync(
                exchange: "",
                routingKey: $"nowhere-{Guid.NewGuid()}",
                ReadOnlyMemory<byte>.Empty,
                answers.Token
            );
            foreach (var queue in queues)
            {
                if ((await channel.QueueDeclarePassiveAsync(queue, answers.Token)).ConsumerCount == 0)
                {
                    return $"nobody consumes from {queue}";
                }
            }
            return publishing.IsFailing ? "nothing is confirmed that is published" : null;
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return "a queue is missing"; // The bus declares them when it connects.
        }
        catch (Exception away)
            when (away is BrokerUnreachableException or OperationInterruptedException or IOException or OperationCanceledException)
        {
            return null;
        }
    }
}

/// <summary>A consumer in this process did not take a message.</summary>
internal sealed class DeliveryFailed(string queue, Exception problem) : Exception($"Queue {queue} did not take the message.", problem)
{
    public string Queue => queue;
}

/// <summary>
/// Stands in for the broker's memory where the bus is in this process: tells the outbox when every queue has consumed a
/// message, so that a row is deleted only then and a killed process delivers it again after its restart.
/// </summary>
internal sealed class Deliveries(IReadOnlyList<Subscription> subscriptions) : IReceiveObserver
{
    private readonly ILookup<Type, string> _queues = subscriptions.ToLookup(s => s.Message, s => s.Name);
    private readonly ConcurrentDictionary<Guid, Awaited> _awaited = new();

    /// <summary>Completes when all queues of the message have consumed it; at once where a broker keeps it.</summary>
    /// <exception cref="DeliveryFailed">One of them has not.</exception>
    public Task Expect(Guid messageId, Type message)
    {
        if (!_queues.Contains(message))
        {
            return Task.CompletedTask;
        }
        var awaited = new Awaited(_queues[message]);
        _awaited[messageId] = awaited;
        return awaited.Done.Task;
    }

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context)
    {
        // Comes for a failed delivery too, once that is out of the way: ConsumeFault has told of it.
        if (
            context.IsDelivered
            && context.GetMessageId() is { } id
            && _awaited.TryGetValue(id, out var awaited)
            && awaited.ConsumedBy(QueueOf(context))
        )
        {
            _awaited.TryRemove(KeyValuePair.Create(id, awaited));
            awaited.Done.TrySetResult();
        }
        return Task.CompletedTask;
    }

    public Task ReceiveFault(ReceiveContext context, Exception exception) => Failed(context.GetMessageId(), context, exception);

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class =>
        // A batch fails in the name of one of its messages; each that has failed itself is told of by itself.
        typeof(T).IsGenericType
        && typeof(T).GetGenericTypeDefinition() == typeof(Batch<>)
            ? Task.CompletedTask
            : Failed(context.MessageId, context.ReceiveContext, exception);

    private Task Failed(Guid? messageId, ReceiveContext context, Exception exception)
    {
        if (messageId is { } id && _awaited.TryRemove(id, out var awaited))
        {
            awaited.Done.TrySetException(new DeliveryFailed(QueueOf(context), exception));
        }
        return Task.CompletedTask;
    }

    private static string QueueOf(ReceiveContext context) => context.InputAddress.AbsolutePath.TrimStart('/');

    /// <remarks>By name, not by number: a queue may still be consuming an earlier delivery, and one that ends twice counts once.</remarks>
    private sealed class Awaited(IEnumerable<string> queues)
    {
        private readonly HashSet<string> _left = [.. queues];
        private readonly Lock _gate = new();

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <returns>Whether that was the last.</returns>
        public bool ConsumedBy(string queue)
        {
            lock (_gate)
            {
                return _left.Remove(queue) && _left.Count == 0;
            }
        }
    }
}
