using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using SendExchange.Chassis;
using SendExchange.Testing;

namespace SendExchange.Services.Tests;

/// <summary>A database of one test's own, without a host around it.</summary>
internal sealed class OwnDatabase : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sendx-database-").FullName;

    private OwnDatabase(Engine engine, string postgres, TimeProvider? clock)
    {
        ConnectionString = engine == Engine.Sqlite ? $"Data Source={Path.Combine(folder, "own.db")}" : postgres;
        Database = new Database("own", ConnectionString, clock ?? TimeProvider.System);
    }

    public string ConnectionString { get; }

    public Database Database { get; }

    /// <summary>With the chassis' tables.</summary>
    public static async Task<OwnDatabase> On(Engine engine, TimeProvider? clock = null)
    {
        var own = await Empty(engine, clock);
        await Migrations.Migrate(own.Database, typeof(OwnDatabase).Assembly, TestContext.Current.CancellationToken);
        return own;
    }

    public static async Task<OwnDatabase> Empty(Engine engine, TimeProvider? clock = null) =>
        new(engine, engine == Engine.Postgres ? await (await PrivatePostgres.Shared).CreateDatabase("own") : "", clock);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}

/// <summary>An assembly that holds these scripts.</summary>
internal sealed class Scripts(params (string Name, string Sql)[] scripts) : Assembly
{
    public (string Name, string Sql)[] All => scripts;

    // Backwards: it is their names that order them.
    public override string[] GetManifestResourceNames() => [.. scripts.Reverse().Select(s => $"migrations/{s.Name}")];

    public override Stream GetManifestResourceStream(string name) =>
        new MemoryStream(Encoding.UTF8.GetBytes(scripts.Single(s => name == $"migrations/{s.Name}").Sql));
}

/// <summary>A message of no meaning.</summary>
public sealed record Noted(int Number);

/// <summary>Another, which two queues take.</summary>
public sealed record NotedTwice(int Number);

/// <summary>A service of no meaning: it notes down the number of each message, or does what a test tells it to.</summary>
internal sealed class Notes
{
    public const string Name = "notes";

    /// <summary>Runs in each consumer's transaction, before the number is noted; throws to fail. Says who: a queue's name.</summary>
    public Func<string, int, Task> OnMessage { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>As <see cref="OnMessage"/>, but before the transaction begins.</summary>
    public Func<string, int, Task> OnDelivery { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>How long the bus may be out of order before the process ends.</summary>
    public BusPatience Patience { get; init; } = BusPatience.Default;

    /// <summary>Every delivery, also those that failed or had been taken in before.</summary>
    public ConcurrentQueue<(string Queue, int Number, DateTimeOffset At)> Deliveries { get; } = new();

    public int DeliveriesOf(int number) => Deliveries.Count(d => d.Number == number);

    /// <summary>Registers the service with all its queues, or only as a publisher.</summary>
    public Action<ChassisBuilder> Add(bool consume = true) =>
        chassis =>
        {
            var service = chassis
                .AddService(Name, new Scripts(("001_notes.sql", "create table notes (queue text not null, number integer not null)")))
                .Publish<Noted>("notes.noted")
                .Publish<NotedTwice>("notes.first", "notes.second")
                .Publish<Batched>("notes.many");
            if (consume)
            {
                service
                    .Consume<NoteDown, Noted>("noted")
                    .Consume<NoteFirst, NotedTwice>("first")
                    .Consume<NoteSecond, NotedTwice>("second")
                    .ConsumeBatches<NoteMany, Batched>("many", batchOf: 20);
            }
            chassis.Services.AddSingleton(this);
            chassis.Services.AddSingleton(Patience);
            chassis.Services.AddSingleton(
                new RetryPauses([.. Enumerable.Range(0, 4).Select(n => TimeSpan.FromMilliseconds(50 << n))], TimeSpan.FromMilliseconds(50))
            );
        };

    public static Task<ServiceHost> Start(
        Notes notes,
        Engine engine,
        TimeProvider? clock = null,
        bool consume = true,
        params (string, string?)[] settings
    ) => ServiceHost.Start(engine, notes.Add(consume), _ => { }, clock, settings.ToDictionary(s => s.Item1, s => s.Item2));

    public static Task Publish(ServiceHost host, params IEnumerable<object> messages) =>
        host.Database(Name)
            .Transact(tx =>
            {
                foreach (var message in messages)
                {
                    tx.Publish(message);
                }
                return Task.CompletedTask;
            });

    /// <summary>The numbers noted, in order, each as often as it was.</summary>
    public static Task<IReadOnlyList<int>> Noted(ServiceHost host, string queue = "noted") =>
        host.Database(Name).Query<int>("select number from notes where queue = @queue order by number", new { queue });

    public static async Task<int> Waiting(ServiceHost host) => (await host.Database(Name).Query<int>("select count(*) from outbox"))[0];

    private async Task Note(Transaction tx, string queue, int number)
    {
        await OnMessage(queue, number);
        await tx.Execute("insert into notes (queue, number) values (@queue, @number)", new { queue, number });
    }

    private Task Heard(string queue, int number)
    {
        Deliveries.Enqueue((queue, number, TimeProvider.System.GetUtcNow()));
        return OnDelivery(queue, number);
    }

    internal sealed class NoteDown([FromKeyedServices(Name)] Database database, Notes notes) : IConsumer<Noted>
    {
        public async Task Consume(ConsumeContext<Noted> context)
        {
            await notes.Heard("noted", context.Message.Number);
            await database.Once(context, nameof(NoteDown), tx => notes.Note(tx, "noted", context.Message.Number));
        }
    }

    internal sealed class NoteFirst([FromKeyedServices(Name)] Database database, Notes notes) : IConsumer<NotedTwice>
    {
        public async Task Consume(ConsumeContext<NotedTwice> context)
        {
            await notes.Heard("first", context.Message.Number);
            await database.Once(context, nameof(NoteFirst), tx => notes.Note(tx, "first", context.Message.Number));
        }
    }

    internal sealed class NoteSecond([FromKeyedServices(Name)] Database database, Notes notes) : IConsumer<NotedTwice>
    {
        public async Task Consume(ConsumeContext<NotedTwice> context)
        {
            await notes.Heard("second", context.Message.Number);
            await database.Once(context, nameof(NoteSecond), tx => notes.Note(tx, "second", context.Message.Number));
        }
    }

    internal sealed class NoteMany([FromKeyedServices(Name)] Database database, Notes notes) : IConsumer<Batch<Batched>>
    {
        public Task Consume(ConsumeContext<Batch<Batched>> context) =>
            database.Once(
                context,
                nameof(NoteMany),
                async (tx, messages) =>
                {
                    foreach (var message in messages)
                    {
                        await notes.Heard("many", message.Message.Number);
                        await notes.Note(tx, "many", message.Message.Number);
                    }
                }
            );
    }
}

/// <summary>A message that is taken many at once.</summary>
public sealed record Batched(int Number);
