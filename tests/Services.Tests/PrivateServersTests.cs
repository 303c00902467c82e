using System.Diagnostics;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using SendExchange.Testing;

namespace SendExchange.Services.Tests;

/// <summary>What the tests of the services rest on: real servers that survive kill -9 and never outlive the test run.</summary>
public sealed class PrivateServersTests
{
    private static readonly byte[] Body = "AssessmentFactRecorded"u8.ToArray();

    [Fact]
    public async Task A_confirmed_message_of_a_quorum_queue_survives_kill_9_of_the_node()
    {
        await using var rabbit = await PrivateRabbitMq.Start();
        await using (var connection = await Connect(rabbit.ConnectionString))
        {
            await using var channel = await Channel(connection);
            await channel.QueueDeclareAsync(
                "facts",
                durable: true,
                exclusive: false,
                autoDelete: false,
                new Dictionary<string, object?> { ["x-queue-type"] = "quorum" },
                cancellationToken: TestContext.Current.CancellationToken
            );
            // The node saves the queue's name half a second late (Ra's auto_save of names.dets); killed before that, the queue
            // comes back without a leader. The messages of a queue that has lived longer are safe from their confirm on.
            await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
            await channel.BasicPublishAsync("", "facts", mandatory: true, Body, TestContext.Current.CancellationToken);
        }

        await rabbit.Kill();
        await rabbit.Restart();

        await using var again = await Connect(rabbit.ConnectionString);
        await using var consumer = await Channel(again);
        Assert.Equal(Body, await FirstMessage(consumer, "facts"));
    }

    [Fact]
    public async Task A_committed_row_survives_kill_9_of_PostgreSQL_and_an_uncommitted_one_does_not()
    {
        await using var postgres = await PrivatePostgres.Start();
        var database = await postgres.CreateDatabase("facts");
        await using (var connection = await Open(database))
        {
            await Execute(connection, "create table facts (fact_id text primary key)");
            await Execute(connection, "insert into facts values ('committed')");
            await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await Execute(connection, "insert into facts values ('open')");
            await postgres.Kill();
        }

        await postgres.Restart();

        await using var again = await Open(database);
        Assert.Equal("committed", await Execute(again, "select string_agg(fact_id, ',') from facts"));
        Assert.Equal("on", await Execute(again, "show fsync"));
    }

    [Fact]
    public async Task Virtual_hosts_of_the_shared_node_do_not_see_each_others_queues()
    {
        var rabbit = await PrivateRabbitMq.Shared;
        Assert.SkipUnless(rabbit.IsPrivate, "An existing broker has one virtual host for all.");
        await using var one = await Connect(await rabbit.CreateVirtualHost("one"));
        await using var other = await Connect(await rabbit.CreateVirtualHost("other"));
        await using var channel = await Channel(one);
        await channel.QueueDeclareAsync("facts", durable: true, false, false, cancellationToken: TestContext.Current.CancellationToken);

        await using var elsewhere = await Channel(other);

        await Assert.ThrowsAsync<RabbitMQ.Client.Exceptions.OperationInterruptedException>(() =>
            elsewhere.QueueDeclarePassiveAsync("facts", TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public async Task Databases_of_the_shared_server_are_new_and_empty()
    {
        var postgres = await PrivatePostgres.Shared;
        await using var one = await Open(await postgres.CreateDatabase("facts"));
        await Execute(one, "create table facts (fact_id text)");

        await using var other = await Open(await postgres.CreateDatabase("facts"));

        Assert.Equal(0L, await Execute(other, "select count(*) from information_schema.tables where table_name = 'facts'"));
    }

    [Fact]
    public async Task A_program_ends_and_its_folder_goes_when_the_process_that_started_it_is_killed()
    {
        var folder = Directory.CreateTempSubdirectory("sendx-own-").FullName;
        var own = await OwnProcess.Start(["sleep", "600"], NoChange, Path.Combine(folder, "log"), folder, removeFolder: true);
        Assert.True(IsAlive(own.Id));

        own.Dispose(); // Closes the pipe, which is all that a killed process does too.

        Assert.False(IsAlive(own.Id));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task Kill_reaches_the_children_of_a_program_that_left_its_process_group()
    {
        var folder = Directory.CreateTempSubdirectory("sendx-own-").FullName;
        var log = Path.Combine(folder, "log");
        using var own = await OwnProcess.Start(["sh", "-c", "setsid sleep 600 & echo $!; wait"], NoChange, log, folder, removeFolder: true);
        await own.Ready(() => Task.FromResult(File.Exists(log) && File.ReadAllText(log).EndsWith('\n')), TimeSpan.FromSeconds(10));
        var child = int.Parse(await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken));

        await own.Kill();

        Assert.True(SpinWait.SpinUntil(() => !IsAlive(child), TimeSpan.FromSeconds(10))); // Its new parent has to bury it first.
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_program_that_ends_before_it_is_ready_is_reported_with_its_code_and_its_last_words()
    {
        var folder = Directory.CreateTempSubdirectory("sendx-own-").FullName;
        using var own = await OwnProcess.Start(["sh", "-c", "echo no such port; exit 7"], NoChange, Path.Combine(folder, "log"), folder);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            own.Ready(() => Task.FromResult(false), TimeSpan.FromSeconds(10))
        );

        Assert.Contains("ended with 7", refused.Message);
        Assert.Contains("no such port", refused.Message);
        Directory.Delete(folder, recursive: true);
    }

    private static Dictionary<string, string?> NoChange => [];

    private static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static Task<IConnection> Connect(string broker) =>
        new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync(TestContext.Current.CancellationToken);

    private static Task<IChannel> Channel(IConnection connection) =>
        connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
            TestContext.Current.CancellationToken
        );

    private static async Task<byte[]> FirstMessage(IChannel channel, string queue)
    {
        var arrived = new TaskCompletionSource<byte[]>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            arrived.TrySetResult(message.Body.ToArray());
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer, TestContext.Current.CancellationToken);
        return await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private static async Task<NpgsqlConnection> Open(string database)
    {
        var connection = new NpgsqlConnection($"{database};Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    private static async Task<object?> Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
