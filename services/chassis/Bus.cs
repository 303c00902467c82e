using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;

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

internal static class Bus
{
    // Pauses before a message is tried again; after the last it goes to NAME_error, from where it can be redriven.
    private static readonly TimeSpan[] _retryAfter =
    [
        TimeSpan.FromMilliseconds(100),
        TimeSpan.FromMilliseconds(400),
        TimeSpan.FromSeconds(1.5),
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(15),
    ];

    // RabbitMQ 4 drops a message after 20 deliveries unless told otherwise. "No limit" is -1 there, which 3.x takes for none at all.
    private const int DeliveryLimit = 1_000_000;

    /// <param name="broker">amqp://… of a RabbitMQ, or null: MassTransit's in-memory transport.</param>
    public static void AddBus(this IServiceCollection services, IReadOnlyList<Subscription> subscriptions, string? broker)
    {
        var deliveries = new Deliveries(broker is null ? subscriptions : []);
        services.AddSingleton(deliveries);
        services.AddMassTransit(bus =>
        {
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
                        Endpoints(context, configurator, subscriptions);
                    }
                );
            }
            else
            {
                bus.UsingRabbitMq(
                    (context, configurator) =>
                    {
                        configurator.Host(new Uri(broker), host => host.PublisherConfirmation = true);
                        configurator.SendTopology.ConfigureErrorSettings = error =>
                        {
                            error.SetQuorumQueue();
                            error.SetQueueArgument("x-delivery-limit", DeliveryLimit);
                        };
                        Endpoints(context, configurator, subscriptions);
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
        IEnumerable<Subscription> subscriptions
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
                    if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
                    {
                        rabbit.SetQuorumQueue();
                        rabbit.SetQueueArgument("x-delivery-limit", DeliveryLimit);
                    }
                    endpoint.UseMessageRetry(retry => retry.Intervals(_retryAfter));
                    endpoint.ConfigureConsumer(context, subscription.Consumer);
                }
            );
        }
    }

    /// <summary>Moves what lies in NAME_error back to its queue, oldest first; each is confirmed before it leaves the error queue.</summary>
    /// <returns>How many messages it moved.</returns>
    public static async Task<int> RedriveErrors(string broker, string queue, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { Uri = new Uri(broker) };
        await using var connection = await factory.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
            cancellationToken
        );
        var errors = queue + "_error";
        var waiting = await channel.QueueDeclarePassiveAsync(errors, cancellationToken);
        for (var moved = 0; moved < waiting.MessageCount; moved++)
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
        return (int)waiting.MessageCount;
    }
}

/// <summary>A consumer in this process did not take a message, after all retries.</summary>
internal sealed class DeliveryFailed(string queue, Exception inner) : Exception($"Queue {queue} did not take the message.", inner);

/// <summary>
/// Stands in for the broker's memory where the bus is in this process: tells the outbox when every queue has consumed a
/// message, so that a row is deleted only then and a killed process delivers it again after its restart.
/// </summary>
internal sealed class Deliveries(IReadOnlyList<Subscription> subscriptions) : IReceiveObserver
{
    private readonly Dictionary<Type, int> _queues = subscriptions.GroupBy(s => s.Message).ToDictionary(g => g.Key, g => g.Count());
    private readonly ConcurrentDictionary<Guid, Awaited> _awaited = new();

    /// <summary>Completes when all queues of the message have consumed it; at once where a broker keeps it.</summary>
    public Task Expect(Guid messageId, Type message)
    {
        if (!_queues.TryGetValue(message, out var queues))
        {
            return Task.CompletedTask;
        }
        var awaited = new Awaited(queues);
        _awaited[messageId] = awaited;
        return awaited.Done.Task;
    }

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context)
    {
        if (context.GetMessageId() is { } id && _awaited.TryGetValue(id, out var awaited) && awaited.One())
        {
            _awaited.TryRemove(id, out _);
            awaited.Done.TrySetResult();
        }
        return Task.CompletedTask;
    }

    public Task ReceiveFault(ReceiveContext context, Exception exception) => Failed(context.GetMessageId(), context, exception);

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Failed(context.MessageId, context.ReceiveContext, exception);

    private Task Failed(Guid? messageId, ReceiveContext context, Exception exception)
    {
        if (messageId is { } id && _awaited.TryRemove(id, out var awaited))
        {
            awaited.Done.TrySetException(new DeliveryFailed(context.InputAddress.AbsolutePath, exception));
        }
        return Task.CompletedTask;
    }

    private sealed class Awaited(int queues)
    {
        private int _left = queues;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool One() => Interlocked.Decrement(ref _left) == 0;
    }
}
