using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace SendExchange.Chassis;

/// <summary>One service's own database: PostgreSQL where the connection string names a host, else a SQLite file.</summary>
/// <remarks>
/// Code above asks for no engine: SQL is what both accept. What cannot be the same is here, in <see cref="Transaction"/>
/// and in <see cref="Migrations"/>, once per engine.
/// </remarks>
public sealed class Database : IAsyncDisposable
{
    private static readonly Regex _inList = new(@"\bin (?<list>@\w+)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);

    private readonly NpgsqlDataSource? _postgres;
    private readonly string _sqlite = "";

    // SQLite has one writer. Waiting here is fair and cheap; waiting inside SQLite is a busy loop.
    private readonly SemaphoreSlim _writer = new(1);

    static Database()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.Settings.PadListExpansions = true;
        SqlMapper.RemoveTypeMap(typeof(DateOnly));
        SqlMapper.RemoveTypeMap(typeof(DateOnly?));
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset?));
        SqlMapper.AddTypeHandler(new DateOnlyHandler());
        SqlMapper.AddTypeHandler(new InstantHandler());
    }

    /// <param name="name">The service whose database it is; names metrics and health checks.</param>
    /// <param name="connectionString">Npgsql's form (with Host=) or Microsoft.Data.Sqlite's (Data Source=).</param>
    /// <param name="clock">Stamps outbox and inbox rows.</param>
    public Database(string name, string connectionString, TimeProvider clock)
    {
        Name = name;
        Clock = clock;
        if (connectionString.Contains("Host=", StringComparison.OrdinalIgnoreCase))
        {
            _postgres = NpgsqlDataSource.Create(Tuned(connectionString));
            return;
        }
        var settings = new SqliteConnectionStringBuilder(connectionString) { ForeignKeys = true, DefaultTimeout = 30 };
        if (Path.GetDirectoryName(Path.GetFullPath(settings.DataSource)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }
        _sqlite = settings.ToString();
    }

    private static string Tuned(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        // Compiling a plan takes longer than any of our statements runs; nothing of ours outlives its transaction, so that
        // a connection needs no cleaning.
        settings.Options = $"-c jit=off {settings.Options}".TrimEnd();
        settings.NoResetOnClose = true;
        return settings.ToString();
    }

    public string Name { get; }

    public bool IsPostgres => _postgres is not null;

    /// <summary>Ends a <c>select</c> that claims rows: others skip what this transaction holds. SQLite has one writer anyway.</summary>
    public string ForUpdateSkipLocked => IsPostgres ? "for update skip locked" : "";

    /// <summary>Raised after a commit that left something in the outbox.</summary>
    public Signal OutboxFilled { get; } = new();

    internal TimeProvider Clock { get; }

    /// <summary>Runs <paramref name="work"/> in one transaction: commits when it returns, rolls back when it throws.</summary>
    public async Task<T> Transact<T>(Func<Transaction, Task<T>> work, CancellationToken cancellationToken = default)
    {
        if (!IsPostgres)
        {
            await _writer.WaitAsync(cancellationToken);
        }
        try
        {
            await using var connection = await Open(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var unit = new Transaction(this, connection, transaction, cancellationToken);
            var result = await work(unit);
            var published = await unit.FlushOutbox();
            await transaction.CommitAsync(cancellationToken);
            if (published)
            {
                OutboxFilled.Raise();
            }
            return result;
        }
        finally
        {
            if (!IsPostgres)
            {
                _writer.Release();
            }
        }
    }

    /// <inheritdoc cref="Transact{T}"/>
    public Task Transact(Func<Transaction, Task> work, CancellationToken cancellationToken = default) =>
        Transact(
            async tx =>
            {
                await work(tx);
                return true;
            },
            cancellationToken
        );

    /// <summary>Reads outside any transaction; all rows are in memory when it returns.</summary>
    public async Task<IReadOnlyList<T>> Query<T>(string sql, object? parameters = null, CancellationToken cancellationToken = default)
    {
        await using var connection = await Open(cancellationToken);
        var command = new CommandDefinition(Dialect(sql), parameters, cancellationToken: cancellationToken);
        return (await connection.QueryAsync<T>(command)).AsList();
    }

    /// <summary>Reads row by row, holding one connection until the last: for results that do not fit in memory.</summary>
    public async IAsyncEnumerable<T> Stream<T>(
        string sql,
        object? parameters = null,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        await using var connection = await Open(cancellationToken);
        await foreach (var row in connection.QueryUnbufferedAsync<T>(Dialect(sql), parameters).WithCancellation(cancellationToken))
        {
            yield return row;
        }
    }

    /// <summary>
    /// <c>in @list</c>, where the list is an array or a <see cref="List{T}"/>: for SQLite Dapper writes its items out, for
    /// PostgreSQL it passes one array, so that the statement's plan does not depend on their number.
    /// </summary>
    internal string Dialect(string sql) => IsPostgres ? _inList.Replace(sql, "= any(${list})") : sql;

    /// <summary>An instant as either engine keeps it: UTC, in whole microseconds. Anything else as it is.</summary>
    internal static object? Storable(object? value) =>
        value is DateTimeOffset instant
            ? new DateTimeOffset(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero)
            : value;

    internal async Task<DbConnection> Open(CancellationToken cancellationToken)
    {
        if (_postgres is not null)
        {
            return await _postgres.OpenConnectionAsync(cancellationToken);
        }
        var connection = new SqliteConnection(_sqlite);
        await connection.OpenAsync(cancellationToken);
        // WAL lets readers go on beside the writer; FULL has a commit on disk before it returns.
        await connection.ExecuteAsync("pragma journal_mode = wal; pragma synchronous = full;");
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        _writer.Dispose();
        OutboxFilled.Dispose();
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }

    private sealed class DateOnlyHandler : SqlMapper.TypeHandler<DateOnly>
    {
        public override void SetValue(System.Data.IDbDataParameter parameter, DateOnly value) => parameter.Value = value;

        public override DateOnly Parse(object value) =>
            value switch
            {
                DateOnly date => date,
                DateTime date => DateOnly.FromDateTime(date),
                _ => DateOnly.ParseExact((string)value, "yyyy-MM-dd", CultureInfo.InvariantCulture),
            };
    }

    private sealed class InstantHandler : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override void SetValue(System.Data.IDbDataParameter parameter, DateTimeOffset value) => parameter.Value = Storable(value);

        public override DateTimeOffset Parse(object value) =>
            value switch
            {
                DateTimeOffset instant => instant,
                DateTime instant => new DateTimeOffset(DateTime.SpecifyKind(instant, DateTimeKind.Utc)),
                _ => DateTimeOffset.Parse((string)value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            };
    }
}

/// <summary>Wakes one waiter in this process; raising it many times before it is awaited wakes it once.</summary>
public sealed class Signal : IDisposable
{
    private readonly SemaphoreSlim _raised = new(0, 1);
    private readonly Lock _gate = new();

    public void Raise()
    {
        lock (_gate)
        {
            if (_raised.CurrentCount == 0)
            {
                _raised.Release();
            }
        }
    }

    /// <summary>Returns when raised, or after <paramref name="atMost"/>: other replicas cannot raise it here.</summary>
    public Task Wait(TimeSpan atMost, CancellationToken cancellationToken) => _raised.WaitAsync(atMost, cancellationToken);

    public void Dispose() => _raised.Dispose();
}
