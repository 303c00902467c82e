using System.Data.Common;
using System.Diagnostics;
using System.Threading.Channels;
using Npgsql;
using NpgsqlTypes;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace SendExchange.Benchmarks;

/// <summary>
/// What the servers can do with nothing around them: 100 facts and 100 outbox rows a transaction, each message confirmed by
/// a quorum queue, the outbox rows deleted; at the other end 100 inbox rows and 100 facts a transaction. It judges nothing,
/// checks nothing, reads no case.
/// </summary>
internal sealed class Floor : IAsyncDisposable
{
    private const int RowsATransaction = 100;
    private const int TransactionsInFlight = 10;
    private const string Queue = "floor";

    private readonly NpgsqlDataSource _sending;
    private readonly NpgsqlDataSource _taking;
    private readonly IConnection _broker;

    private Floor(NpgsqlDataSource sending, NpgsqlDataSource taking, IConnection broker) =>
        (_sending, _taking, _broker) = (sending, taking, broker);

    public static async Task<Floor> Start(string sending, string taking, string broker, CancellationToken cancellationToken)
    {
        var floor = new Floor(
            NpgsqlDataSource.Create(sending),
            NpgsqlDataSource.Create(taking),
            await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync(cancellationToken)
        );
        await Execute(
            floor._sending,
            "create table facts (id uuid primary key, fact bytea not null); create table outbox (id uuid primary key, message bytea not null)"
        );
        await Execute(
            floor._taking,
            "create table facts (id uuid primary key, fact bytea not null); create table inbox (id uuid primary key)"
        );
        await using var channel = await floor._broker.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(
            Queue,
            durable: true,
            exclusive: false,
            autoDelete: false,
            new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "quorum" },
            cancellationToken: cancellationToken
        );
        return floor;
    }

    /// <summary>Sends all payloads. Returns when the last is stored at the other end: how long it took.</summary>
    public async Task<TimeSpan> Run(IReadOnlyList<byte[]> payloads, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var taking = Take(payloads.Count, cancellationToken);
        await Send(payloads, cancellationToken);
        await taking;
        return watch.Elapsed;
    }

    private async Task Send(IReadOnlyList<byte[]> payloads, CancellationToken cancellationToken)
    {
        await using var channel = await _broker.CreateChannelAsync(
            new CreateChannelOptions(
                publisherConfirmationsEnabled: true,
                publisherConfirmationTrackingEnabled: true,
                outstandingPublisherConfirmationsRateLimiter: null
            ),
            cancellationToken
        );
        using var room = new SemaphoreSlim(TransactionsInFlight);
        var inFlight = new List<Task>();
        foreach (var chunk in payloads.Chunk(RowsATransaction))
        {
            var ids = chunk.Select(_ => Guid.CreateVersion7()).ToArray();
            await InTransaction(
                _sending,
                ("insert into facts select * from unnest($1, $2)", [ids, chunk]),
                ("insert into outbox select * from unnest($1, $2)", [ids, chunk])
            );
            await room.WaitAsync(cancellationToken);
            inFlight.Add(Publish(channel, ids, chunk, room));
        }
        await Task.WhenAll(inFlight);
    }

    private async Task Publish(IChannel channel, Guid[] ids, byte[][] payloads, SemaphoreSlim room)
    {
        await Task.WhenAll(
            ids.Zip(
                payloads,
                (id, payload) =>
                    channel
                        .BasicPublishAsync(
                            exchange: "",
                            routingKey: Queue,
                            mandatory: true,
                            new BasicProperties { Persistent = true, MessageId = id.ToString() },
                            payload
                        )
                        .AsTask()
            )
        );
        await InTransaction(_sending, ("delete from outbox where id = any($1)", [ids]));
        room.Release();
    }

    private async Task Take(int count, CancellationToken cancellationToken)
    {
        await using var channel = await _broker.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.BasicQosAsync(0, 10 * RowsATransaction, global: false, cancellationToken);
        var arrived = Channel.CreateUnbounded<(ulong Tag, Guid Id, byte[] Payload)>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            arrived.Writer.TryWrite((message.DeliveryTag, Guid.Parse(message.BasicProperties.MessageId!), message.Body.ToArray()));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(Queue, autoAck: false, consumer, cancellationToken);
        var batch = new List<(ulong Tag, Guid Id, byte[] Payload)>(RowsATransaction);
        for (var taken = 0; taken < count; taken += batch.Count)
        {
            batch.Clear();
            while (batch.Count < Math.Min(RowsATransaction, count - taken))
            {
                batch.Add(await arrived.Reader.ReadAsync(cancellationToken));
            }
            var ids = batch.Select(m => m.Id).ToArray();
            await InTransaction(
                _taking,
                ("insert into inbox select * from unnest($1) on conflict do nothing", [ids]),
                ("insert into facts select * from unnest($1, $2)", [ids, batch.Select(m => m.Payload).ToArray()])
            );
            await channel.BasicAckAsync(batch[^1].Tag, multiple: true, cancellationToken);
        }
    }

    private static async Task InTransaction(NpgsqlDataSource database, params (string Sql, Array[] Columns)[] statements)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var (sql, columns) in statements)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            foreach (var column in columns)
            {
                var type = column is Guid[] ? NpgsqlDbType.Uuid : NpgsqlDbType.Bytea;
                command.Parameters.Add(new NpgsqlParameter { Value = column, NpgsqlDbType = NpgsqlDbType.Array | type });
            }
            await command.ExecuteNonQueryAsync();
        }
        await transaction.CommitAsync();
    }

    private static async Task Execute(NpgsqlDataSource database, string sql)
    {
        await using DbCommand command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _taking.DisposeAsync();
        await _sending.DisposeAsync();
    }
}
