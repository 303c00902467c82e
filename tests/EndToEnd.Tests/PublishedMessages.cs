using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using SendExchange.Contracts;

namespace SendExchange.EndToEnd.Tests;

/// <summary>A queue of our own that hears what is published, as a subscriber outside would.</summary>
internal sealed class PublishedMessages
{
    private const string Queue = "tests.published";

    private readonly string broker;
    private readonly List<string> bodies = [];

    private PublishedMessages(string broker) => this.broker = broker;

    /// <summary>Hears of messages from now on.</summary>
    public static async Task<PublishedMessages> Listen(string broker, params IEnumerable<Type> messages)
    {
        await using var connection = await Connect(broker);
        await using var channel = await connection.CreateChannelAsync();
        var quorum = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, quorum);
        foreach (var message in messages)
        {
            var exchange = $"{message.Namespace}:{message.Name}"; // As MassTransit names and declares it.
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
            await channel.QueueBindAsync(Queue, exchange, routingKey: "");
        }
        return new PublishedMessages(broker);
    }

    /// <summary>Every message that there is.</summary>
    public static IEnumerable<Type> All { get; } =
        typeof(BreachRecorded).Assembly.GetTypes().Where(t => t.Namespace == typeof(BreachRecorded).Namespace && IsMessage(t));

    /// <summary>What has been published so far, as JSON.</summary>
    public async Task<IReadOnlyList<string>> Bodies()
    {
        await using var connection = await Connect(broker);
        await using var channel = await connection.CreateChannelAsync();
        while (await channel.BasicGetAsync(Queue, autoAck: true) is { } delivery)
        {
            bodies.Add(Encoding.UTF8.GetString(delivery.Body.Span));
        }
        return bodies;
    }

    /// <summary>Each recorded breach was published, and none twice.</summary>
    public async Task HoldEachBreachOnce(Stores stores)
    {
        await HoldEachBreach(stores);
        Assert.Distinct(Breaches());
    }

    /// <summary>Each recorded breach was published. Whoever dies before it knows of its success publishes again.</summary>
    public async Task HoldEachBreach(Stores stores)
    {
        await Bodies();
        var recorded = await stores.Query<string>("aggregator", "select breach_id from breaches");
        Assert.Equal(recorded.Order(), Breaches().Distinct().Order());
    }

    private List<string> Breaches() =>
        [
            .. bodies
                .Select(body => JsonDocument.Parse(body).RootElement)
                .Where(envelope => envelope.GetProperty("messageType")[0].GetString()!.EndsWith(nameof(BreachRecorded)))
                .Select(envelope => envelope.GetProperty("message").GetProperty("breachId").GetString()!),
        ];

    // A record, of which it lies in the nature to be cloned, and not one that only tells how a file was read.
    private static bool IsMessage(Type type) => type.GetMethod("<Clone>$") is not null && type != typeof(FactLine);

    private static Task<IConnection> Connect(string broker) =>
        new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync(TestContext.Current.CancellationToken);
}
