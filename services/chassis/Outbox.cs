using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SendExchange.Chassis;

/// <summary>A message on its way: what a transaction wants published.</summary>
/// <param name="Trace">W3C traceparent of the call that caused it, so that one trace goes on behind the bus.</param>
/// <param name="Message">A record of the contracts.</param>
internal sealed record OutboxMessage(Guid Id, string? Trace, object Message)
{
    // Bytes. Texts of some 40 kB and more would be left to the slowest garbage collection.
    private const int LongEnough = 16 * 1024;

    // The messages hold facts as JSON texts: escaping only what must be keeps them short.
    private static readonly JsonWriterOptions _plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly ConcurrentDictionary<string, Type> _types = new(StringComparer.Ordinal);

    /// <summary>Texts of rows: each a JSON array of {id, type, trace, body}, long enough to be worth a row.</summary>
    public static IEnumerable<string> Write(IEnumerable<OutboxMessage> messages)
    {
        var buffer = new ArrayBufferWriter<byte>(2 * LongEnough);
        using var json = new Utf8JsonWriter(buffer, _plain);
        foreach (var (id, trace, message) in messages)
        {
            if (buffer.WrittenCount == 0)
            {
                json.WriteStartArray();
            }
            var type = message.GetType();
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("type", $"{type.FullName}, {type.Assembly.GetName().Name}");
            json.WriteString("trace", trace);
            json.WritePropertyName("body");
            JsonSerializer.Serialize(json, message, type);
            json.WriteEndObject();
            json.Flush();
            if (buffer.WrittenCount >= LongEnough)
            {
                yield return End();
            }
        }
        if (buffer.WrittenCount > 0)
        {
            yield return End();
        }

        string End()
        {
            json.WriteEndArray();
            json.Flush();
            var text = Encoding.UTF8.GetString(buffer.WrittenSpan);
            buffer.ResetWrittenCount();
            json.Reset();
            return text;
        }
    }

    public static List<OutboxMessage> Read(string text)
    {
        using var row = JsonDocument.Parse(text);
        return
        [
            .. row
                .RootElement.EnumerateArray()
                .Select(m =>
                {
                    var type = _types.GetOrAdd(m.GetProperty("type").GetString()!, name => Type.GetType(name, throwOnError: true)!);
                    return new OutboxMessage(
                        m.GetProperty("id").GetGuid(),
                        m.GetProperty("trace").GetString(),
                        m.GetProperty("body").Deserialize(type)!
                    );
                }),
        ];
    }
}

/// <summary>Hands one database's outbox to the bus: at least once, by any number of dispatchers at once.</summary>
/// <remarks>
/// A row is leased, published with the broker's confirmation, then deleted. A dispatcher that dies leaves its lease to run
/// out and another publishes again; the inbox of each consumer makes that harmless. Nothing reads past a row by position,
/// so a slow transaction cannot be skipped.
/// </remarks>
internal sealed class Outbox(Database database, IBus bus, Deliveries deliveries, Publishing publishing, ILogger<Outbox> logger)
    : BackgroundService
{
    private const int RowsPerClaim = 16; // Some 16 kB of messages each.

    // RabbitMQ.Client 7.1 queues 128 writes a connection. When the connection breaks with that queue full, it waits for ever for
    // a publisher that waits for the queue, and MassTransit never hears that the connection is gone (its issue 1930).
    private const int MostUnconfirmed = 64;
    private const int TriesBeforeParking = 8; // Some 25 seconds: as long as RabbitMQ's consumers try.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPauseInOutage = TimeSpan.FromSeconds(5);

    // A publish whose connection breaks may never hear of it, and would keep its place for ever.
    private static readonly TimeSpan ConfirmedWithin = TimeSpan.FromSeconds(10);

    // How long claimed rows may still take to reach the bus once the process is told to end.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _inFlight = new(2 * RowsPerClaim);
    private readonly SemaphoreSlim _unconfirmed = new(MostUnconfirmed);
    private readonly CancellationTokenSource _graceOver = new();
    private readonly ConcurrentDictionary<string, bool> _onTheirWay = new();

    public override void Dispose()
    {
        _inFlight.Dispose();
        _unconfirmed.Dispose();
        _graceOver.Dispose();
        base.Dispose();
    }

    /// <summary>An embedded database has one process: after a restart nobody can be holding a lease on it.</summary>
    public static Task ReleaseLeases(Database database, CancellationToken cancellationToken) =>
        database.IsPostgres
            ? Task.CompletedTask
            : database.Transact(
                tx => tx.Execute("update outbox set available_at = @now", new { now = database.Clock.GetUtcNow() }),
                cancellationToken
            );

    /// <summary>Puts what a queue's consumer never took back in line.</summary>
    /// <returns>How many rows.</returns>
    public static async Task<int> Redrive(Database database, string queue, CancellationToken cancellationToken)
    {
        var rows = await database.Transact(
            tx =>
                tx.Execute(
                    """
                    update outbox set parked_at = null, attempts = 0, available_at = @now
                    where parked_at is not null and last_error = @queue
                    """,
                    new { now = database.Clock.GetUtcNow(), queue }
                ),
            cancellationToken
        );
        database.OutboxFilled.Raise();
        return rows;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var graceBegins = stoppingToken.Register(() => _graceOver.CancelAfter(Grace));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var rows = await Claim(stoppingToken);
                // A row may take longer than its lease, e.g. while the broker is away: claiming it has renewed the lease.
                foreach (var row in rows.Where(row => _onTheirWay.TryAdd(row.OutboxId, true)))
                {
                    await _inFlight.WaitAsync(_graceOver.Token);
                    _ = Dispatch(row, stoppingToken);
                }
                if (rows.Count < RowsPerClaim)
                {
                    await database.OutboxFilled.Wait(PollEvery, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                ChassisLog.OutboxUnreadable(logger, database.Name, problem);
                await Task.Delay(PollEvery, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        for (var i = 0; i < 2 * RowsPerClaim; i++)
        {
            await _inFlight.WaitAsync(cancellationToken); // What has been published is deleted before the bus goes away.
        }
    }

    private Task<IReadOnlyList<Row>> Claim(CancellationToken cancellationToken)
    {
        var now = database.Clock.GetUtcNow();
        return database.Transact(
            tx =>
                tx.Query<Row>(
                    // Materialized, or PostgreSQL may run the select several times and lock more rows than its limit.
                    $"""
                    with available as materialized (
                        select outbox_id from outbox
                        where available_at <= @now and parked_at is null
                        order by outbox_id limit @RowsPerClaim
                        {tx.ForUpdateSkipLocked}
                    )
                    update outbox set available_at = @leasedUntil
                    where outbox_id in (select outbox_id from available)
                    returning outbox_id, messages, attempts
                    """,
                    new
                    {
                        now,
                        leasedUntil = now + Lease,
                        RowsPerClaim,
                    }
                ),
            cancellationToken
        );
    }

    private async Task Dispatch(Row row, CancellationToken stoppingToken)
    {
        try
        {
            var messages = OutboxMessage.Read(row.Messages);
            await Task.WhenAll(messages.Select(m => Publish(m, stoppingToken)));
            await database.Transact(
                tx => tx.Execute("delete from outbox where outbox_id = @OutboxId", new { row.OutboxId }),
                CancellationToken.None // It has been published: not deleting it now would only publish it again.
            );
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Left to whoever runs next, once its lease has run out.
        }
        catch (Exception problem)
        {
            await PutBack(row, problem);
        }
        finally
        {
            _onTheirWay.TryRemove(row.OutboxId, out _);
            _inFlight.Release();
        }
    }

    private async Task Publish(OutboxMessage message, CancellationToken stoppingToken)
    {
        using var activity = Telemetry.Continue(message.Trace, "outbox publish", ActivityKind.Producer);
        var type = message.Message.GetType();
        var consumed = deliveries.Expect(message.Id, type);
        await _unconfirmed.WaitAsync(_graceOver.Token);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_graceOver.Token);
            patience.CancelAfter(ConfirmedWithin);
            await bus.Publish(
                    message.Message,
                    type,
                    Pipe.Execute<PublishContext>(context => context.MessageId = message.Id),
                    patience.Token
                )
                .WaitAsync(patience.Token);
            publishing.Confirmed();
        }
        catch when (!stoppingToken.IsCancellationRequested)
        {
            publishing.Failed();
            throw;
        }
        finally
        {
            _unconfirmed.Release();
        }
        await consumed.WaitAsync(stoppingToken); // In this process: what is not consumed by now is delivered at the next start.
    }

    private async Task PutBack(Row row, Exception problem)
    {
        var attempts = row.Attempts + 1;
        // The broker or a database is away: try for ever. A consumer in this process refuses the message: that will not mend by itself.
        var refused = problem as DeliveryFailed;
        var park = refused is not null && !RetryPauses.IsOutage(refused.InnerException) && attempts >= TriesBeforeParking;
        var now = database.Clock.GetUtcNow();
        ChassisLog.NotPublished(logger, row.OutboxId, database.Name, attempts, park ? "parked" : "kept", problem);
        try
        {
            await database.Transact(tx =>
                tx.Execute(
                    """
                    update outbox set attempts = @attempts, available_at = @next, parked_at = @parkedAt, last_error = @error
                    where outbox_id = @OutboxId
                    """,
                    new
                    {
                        row.OutboxId,
                        attempts,
                        next = now + Pause(attempts, refused is null ? LongestPauseInOutage : LongestPause),
                        parkedAt = park ? now : (DateTimeOffset?)null,
                        error = refused?.Queue ?? problem.GetType().Name,
                    }
                )
            );
        }
        catch (Exception alsoAway)
        {
            ChassisLog.OutboxUnreadable(logger, database.Name, alsoAway); // The lease runs out and the row is tried again.
        }
    }

    /// <summary>0.2, 0.4, 0.8 … seconds.</summary>
    private static TimeSpan Pause(int attempts, TimeSpan longest) =>
        TimeSpan.FromMilliseconds(Math.Min(longest.TotalMilliseconds, 100 * Math.Pow(2, Math.Min(attempts, 20))));

    private sealed class Row
    {
        public required string OutboxId { get; init; }
        public required string Messages { get; init; }
        public required int Attempts { get; init; }
    }
}
