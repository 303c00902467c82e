using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Dapper;
using Npgsql;

namespace SendExchange.Chassis;

/// <summary>One open transaction of <see cref="Database.Transact{T}"/>. Not for use from several threads at once.</summary>
public sealed class Transaction
{
    private static readonly ConcurrentDictionary<Type, Column[]> _columns = new();

    private readonly Database _database;
    private readonly DbConnection _connection;
    private readonly DbTransaction _transaction;
    private readonly CancellationToken _cancellationToken;
    private readonly List<OutboxMessage> _outbox = [];

    internal Transaction(Database database, DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
    {
        _database = database;
        _connection = connection;
        _transaction = transaction;
        _cancellationToken = cancellationToken;
    }

    /// <inheritdoc cref="Database.ForUpdateSkipLocked"/>
    public string ForUpdateSkipLocked => _database.ForUpdateSkipLocked;

    public async Task<IReadOnlyList<T>> Query<T>(string sql, object? parameters = null) =>
        (await _connection.QueryAsync<T>(Command(sql, parameters))).AsList();

    /// <summary>The first row, or null (the default of <typeparamref name="T"/>) where there is none.</summary>
    public Task<T?> One<T>(string sql, object? parameters = null) => _connection.QueryFirstOrDefaultAsync<T>(Command(sql, parameters));

    /// <returns>How many rows it changed.</returns>
    public Task<int> Execute(string sql, object? parameters = null) => _connection.ExecuteAsync(Command(sql, parameters));

    /// <summary>Until it ends, the statements of this transaction find rows by their keys, and only where there is no index otherwise.</summary>
    /// <remarks>
    /// For those that name a few hundred keys. Of a table that has filled since its last analysis PostgreSQL takes so many keys
    /// to be most of it, and scans it whole each time: the more there is, the slower, until the statistics have caught up.
    /// </remarks>
    public Task ByKeys() =>
        _database.IsPostgres
            ? Execute(
                """
                select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
                       set_config('enable_mergejoin', 'off', true)
                """
            )
            : Task.CompletedTask;

    /// <summary>
    /// Inserts all rows in one round trip; the columns are <typeparamref name="T"/>'s properties in snake_case.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="rows">May be empty.</param>
    /// <param name="onConflict">An <c>on conflict …</c> clause, or nothing: a conflict then throws.</param>
    /// <returns>How many rows it inserted or updated.</returns>
    public async Task<int> InsertMany<T>(string table, IReadOnlyCollection<T> rows, string onConflict = "")
        where T : notnull
    {
        if (rows.Count == 0)
        {
            return 0;
        }
        var columns = _columns.GetOrAdd(typeof(T), ColumnsOf);
        var names = string.Join(", ", columns.Select(c => c.Name));
        return _database.IsPostgres
            ? await InsertUnnested(table, names, columns, rows, onConflict)
            : await InsertOneByOne(table, names, columns, rows, onConflict);
    }

    /// <summary>Takes the next <paramref name="count"/> numbers of a sequence without gaps that starts at 1.</summary>
    /// <remarks>Others that ask for numbers of <paramref name="sequence"/> wait until this transaction ends: take them late.</remarks>
    /// <returns>The first of them.</returns>
    public async Task<long> TakeNumbers(string sequence, int count)
    {
        var last = await One<long>(
            """
            insert into sequences (name, last) values (@sequence, @count)
            on conflict (name) do update set last = sequences.last + excluded.last
            returning last
            """,
            new { sequence, count }
        );
        return last - count + 1;
    }

    /// <summary>Publishes after the commit, at least once; nothing is published if the transaction does not commit.</summary>
    /// <param name="message">A record of the contracts.</param>
    /// <param name="trace">W3C traceparent that the message belongs to; the current one where left out.</param>
    public void Publish(object message, string? trace = null) =>
        _outbox.Add(new OutboxMessage(Guid.CreateVersion7(_database.Clock.GetUtcNow()), trace ?? Activity.Current?.Id, message));

    /// <summary>Which of these messages <paramref name="consumer"/> has not taken in before; from now on it has.</summary>
    /// <remarks>Where another transaction is taking one of them in at the same moment, this waits until that has ended.</remarks>
    public async Task<IReadOnlySet<Guid>> FirstTime(string consumer, IReadOnlyCollection<Guid> messageIds)
    {
        // In one order: two that take the same messages in at once do not wait for each other in a circle.
        var ids = messageIds.Distinct().Order().Select(id => id.ToString()).ToList();
        var now = _database.Clock.GetUtcNow();
        var first = _database.IsPostgres
            ? await Query<string>(
                NewIn("unnest(@ids) as value"),
                new
                {
                    consumer,
                    ids,
                    now,
                }
            )
            : await Query<string>(
                NewIn("json_each(@ids)"),
                new
                {
                    consumer,
                    ids = JsonSerializer.Serialize(ids),
                    now,
                }
            );
        return first.Select(Guid.Parse).ToHashSet();

        // What was there is not asked for beforehand: the insert has to look each of them up anyway.
        static string NewIn(string ids) =>
            $"""
                insert into inbox (consumer, message_id, received_at) select @consumer, value, @now from {ids} where true
                on conflict do nothing returning message_id
                """;
    }

    internal async Task<bool> FlushOutbox()
    {
        if (_outbox.Count == 0)
        {
            return false;
        }
        var now = _database.Clock.GetUtcNow();
        var rows = OutboxMessage.Write(_outbox).Select(messages => new OutboxRow(Guid.CreateVersion7(now).ToString(), messages, now));
        await InsertMany("outbox", rows.ToList());
        return true;
    }

    private CommandDefinition Command(string sql, object? parameters) =>
        new(_database.Dialect(sql), parameters, _transaction, cancellationToken: _cancellationToken);

    // PostgreSQL: one array a column, so that the statement's text, and with it its plan, does not depend on the number of rows.
    private async Task<int> InsertUnnested<T>(string table, string names, Column[] columns, IReadOnlyCollection<T> rows, string onConflict)
        where T : notnull
    {
        var arrays = string.Join(", ", columns.Select(c => "@" + c.Name));
        await using var command = new NpgsqlCommand(
            $"insert into {table} ({names}) select * from unnest({arrays}) {onConflict}",
            (NpgsqlConnection)_connection,
            (NpgsqlTransaction)_transaction
        );
        foreach (var column in columns)
        {
            var values = Array.CreateInstance(column.Type, rows.Count);
            var index = 0;
            foreach (var row in rows)
            {
                values.SetValue(column.Get(row), index++);
            }
            command.Parameters.Add(new NpgsqlParameter(column.Name, values));
        }
        return await command.ExecuteNonQueryAsync(_cancellationToken);
    }

    // SQLite: no round trip to save; one prepared statement is the fastest it knows.
    private async Task<int> InsertOneByOne<T>(string table, string names, Column[] columns, IReadOnlyCollection<T> rows, string onConflict)
        where T : notnull
    {
        await using var command = _connection.CreateCommand();
        command.Transaction = _transaction;
        command.CommandText = $"insert into {table} ({names}) values ({string.Join(", ", columns.Select(c => "@" + c.Name))}) {onConflict}";
        var parameters = columns
            .Select(c =>
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = c.Name;
                command.Parameters.Add(parameter);
                return parameter;
            })
            .ToArray();
        var changed = 0;
        foreach (var row in rows)
        {
            for (var i = 0; i < columns.Length; i++)
            {
                parameters[i].Value = columns[i].Get(row) ?? DBNull.Value;
            }
            changed += await command.ExecuteNonQueryAsync(_cancellationToken);
        }
        return changed;
    }

    private static Column[] ColumnsOf(Type type) =>
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Select(p => new Column(SnakeCase(p.Name), p.PropertyType, row => Database.Storable(p.GetValue(row)))),
        ];

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0)
            {
                text.Append('_');
            }
            text.Append(char.ToLowerInvariant(letter));
        }
        return text.ToString();
    }

    private sealed record Column(string Name, Type Type, Func<object, object?> Get);

    private sealed record OutboxRow(string OutboxId, string Messages, DateTimeOffset AvailableAt);
}
