using System.Data.Common;
using SendExchange.Chassis;
using SendExchange.Testing;

namespace SendExchange.Services.Tests;

/// <summary>What services rely on of their database, the same on both engines.</summary>
public sealed class ChassisDatabaseTests
{
    private const string Things = """
        create table things (
            id integer not null primary key, day date, instant timestamptz, flag boolean, words text, number bigint, bytes bytea
        )
        """;

    private static readonly DateTimeOffset Noon = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<Engine> Engines => [.. Enum.GetValues<Engine>()];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Engines))]
    public async Task Values_come_back_as_they_went_in_and_null_as_null(Engine engine)
    {
        await using var own = await OwnDatabase.On(engine);
        await own.Database.Transact(tx => tx.Execute(Things), Stop);
        Thing[] things =
        [
            new(1, new(2024, 2, 29), Noon, true, "Zoë's “plan”\n", long.MaxValue, [0, 255, 39]),
            new(2, new(1990, 1, 1), Noon.AddTicks(1234567), false, "", 0, []),
            new(3, null, null, null, null, null, null),
            new(4, DateOnly.MaxValue, DateTimeOffset.MaxValue, true, "2026-01-01", -1, [1]),
        ];

        await own.Database.Transact(tx => tx.InsertMany("things", things), Stop);
        await own.Database.Transact(
            async tx =>
            {
                foreach (var thing in things)
                {
                    await tx.Execute(
                        "insert into things values (10 + @Id, @Day, @Instant, @Flag, @Words, @Number, @Bytes)",
                        thing with
                        {
                            Bytes = thing.Bytes,
                        }
                    );
                }
            },
            Stop
        );

        var read = await own.Database.Query<ThingRow>("select * from things order by id", cancellationToken: Stop);
        Thing[] expected = [.. things.Select(t => t with { Instant = InMicroseconds(t.Instant) })];
        Assert.Equivalent(expected, read.Take(4).Select(r => r.ToThing()), strict: true);
        Assert.Equivalent(expected, read.Skip(4).Select(r => r.ToThing() with { Id = r.Id - 10 }), strict: true);
    }

    [Fact]
    public async Task A_look_up_by_keys_does_not_scan_a_table_whose_statistics_are_not_there_yet()
    {
        await using var own = await OwnDatabase.On(Engine.Postgres);
        await own.Database.Transact(
            async tx =>
            {
                await tx.Execute("create table young (id text not null, part text not null, words text, primary key (id, part))");
                await tx.Execute("insert into young select n, 'a', repeat('x', 200) from generate_series(1, 20000) n");
                const string lookUp = "explain select * from young where id in @ids";
                const string join = "explain select * from young y join young z on z.id = y.id where y.id in @ids";
                var ids = Enumerable.Range(1, 200).Select(n => $"{n}").ToList();

                Assert.Contains("Seq Scan", await Plan(lookUp));
                Assert.DoesNotContain("Nested Loop", await Plan(join));
                await tx.ByKeys();
                Assert.DoesNotContain("Seq Scan", await Plan(lookUp));
                Assert.Contains("Nested Loop", await Plan(join));

                async Task<string> Plan(string explain) => string.Join('\n', await tx.Query<string>(explain, new { ids }));
            },
            Stop
        );

        var after = await own.Database.Query<string>("show enable_seqscan", cancellationToken: Stop);

        Assert.Equal("on", Assert.Single(after));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Instants_compare_by_time_whatever_their_offset_and_fraction(Engine engine)
    {
        await using var own = await OwnDatabase.On(engine);
        await own.Database.Transact(tx => tx.Execute(Things), Stop);
        var inSummer = TimeSpan.FromHours(1);
        Thing[] things =
        [
            Thing.At(1, Noon.AddMilliseconds(500)),
            Thing.At(2, Noon.AddMilliseconds(-1).ToOffset(inSummer)),
            Thing.At(3, Noon.AddMicroseconds(123_456)),
            Thing.At(4, Noon),
        ];
        await own.Database.Transact(tx => tx.InsertMany("things", things), Stop);

        async Task<IReadOnlyList<int>> Ids(string where, DateTimeOffset at) =>
            await own.Database.Query<int>($"select id from things where instant {where} @at order by instant", new { at }, Stop);

        Assert.Equal([2, 4, 3, 1], await Ids("<", Noon.AddYears(1)));
        Assert.Equal([2], await Ids("<", Noon.ToOffset(inSummer)));
        Assert.Equal([2, 4], await Ids("<=", Noon));
        Assert.Equal([1], await Ids(">", Noon.AddMicroseconds(123_456)));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Lists_may_be_long_or_empty(Engine engine)
    {
        await using var own = await OwnDatabase.On(engine);
        await own.Database.Transact(tx => tx.Execute(Things), Stop);
        await own.Database.Transact(
            tx => tx.InsertMany("things", Enumerable.Range(1, 1000).Select(id => Thing.At(id, Noon)).ToList()),
            Stop
        );

        Task<IReadOnlyList<int>> Ids(List<int> ids) =>
            own.Database.Query<int>("select id from things where id in @ids order by id", new { ids }, Stop);

        Assert.Empty(await Ids([]));
        Assert.Equal([1, 1000], await Ids([1000, 1, 1001, 1]));
        Assert.Equal(1000, (await Ids([.. Enumerable.Range(1, 2000)])).Count);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task InsertMany_tells_how_many_rows_it_inserted(Engine engine)
    {
        await using var own = await OwnDatabase.On(engine);
        await own.Database.Transact(tx => tx.Execute(Things), Stop);

        Task<int> Insert(int count, string onConflict = "") =>
            own.Database.Transact(
                tx => tx.InsertMany("things", Enumerable.Range(1, count).Select(id => Thing.At(id, Noon)).ToList(), onConflict),
                Stop
            );

        Assert.Equal(0, await Insert(0));
        Assert.Equal(1, await Insert(1));
        Assert.Equal(999, await Insert(1000, "on conflict (id) do nothing"));
        Assert.Equal(10, await Insert(10, "on conflict (id) do update set words = 'again'"));
        await Assert.ThrowsAnyAsync<DbException>(() => Insert(1001)); // The last one is new, and goes with the rest.
        Assert.Equal((1000, 10), (await Count(own, "things"), await Count(own, "things where words = 'again'")));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_transaction_that_throws_leaves_neither_rows_nor_messages_nor_numbers(Engine engine)
    {
        await using var own = await OwnDatabase.On(engine);
        await own.Database.Transact(tx => tx.Execute(Things), Stop);

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            own.Database.Transact(
                async tx =>
                {
                    await tx.InsertMany("things", [Thing.At(1, Noon)]);
                    await tx.TakeNumbers("things", 3);
                    tx.Publish(new Noted(1));
                    throw new InvalidOperationException();
                },
                Stop
            )
        );

        Assert.Equal((0, 0), (await Count(own, "things"), await Count(own, "outbox")));
        Assert.Equal(1, await own.Database.Transact(tx => tx.TakeNumbers("things", 1), Stop));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task What_a_transaction_publishes_lies_in_the_outbox_once_it_has_committed(Engine engine)
    {
        await using var own = await OwnDatabase.On(engine);

        await own.Database.Transact(
            async tx =>
            {
                tx.Publish(new Noted(1));
                tx.Publish(new Noted(2));
                Assert.Equal(0, await tx.One<int>("select count(*) from outbox"));
            },
            Stop
        );

        var messages = Assert.Single(await own.Database.Query<string>("select messages from outbox", cancellationToken: Stop));
        Assert.Contains("""{"Number":1}""", messages);
        Assert.Contains("""{"Number":2}""", messages);
    }

    /// <summary>Whoever reads by position must never be shown 7 before 6.</summary>
    [Theory, MemberData(nameof(Engines))]
    public async Task Numbers_have_no_gap_at_any_moment_though_a_third_of_the_parallel_transactions_roll_back(Engine engine)
    {
        await using var own = await OwnDatabase.On(engine);
        await own.Database.Transact(tx => tx.Execute("create table taken (number bigint not null primary key)"), Stop);
        const int EachTakes = 12;

        var writers = Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(writer =>
                    Task.Run(
                        async () =>
                        {
                            for (var i = 0; i < EachTakes; i++)
                            {
                                await Take(count: 1 + ((writer + i) % 3), fail: (writer + i) % 3 == 2);
                            }
                        },
                        Stop
                    )
                )
        );
        var looks = 0;
        for (var all = false; !all; looks++)
        {
            all = writers.IsCompleted;
            var seen = await own.Database.Query<long>("select number from taken order by number", cancellationToken: Stop);
            Assert.Equal(Enumerable.Range(1, seen.Count).Select(n => (long)n), seen);
        }
        await writers;

        Assert.True(looks > 2);
        Assert.Equal(8 * EachTakes * (1 + 2) / 3, await Count(own, "taken"));

        async Task Take(int count, bool fail)
        {
            try
            {
                await own.Database.Transact(
                    async tx =>
                    {
                        var first = await tx.TakeNumbers("taken", count);
                        await tx.InsertMany("taken", Enumerable.Range(0, count).Select(n => new Taken(first + n)).ToList());
                        await Task.Yield();
                        if (fail)
                        {
                            throw new TimeoutException();
                        }
                    },
                    Stop
                );
            }
            catch (TimeoutException)
            {
                // Rolled back, as intended.
            }
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_message_taken_in_a_year_ago_is_known_and_another_consumer_has_not_taken_it(Engine engine)
    {
        var clock = new StoppedClock(new DateOnly(2025, 1, 1));
        await using var own = await OwnDatabase.On(engine, clock);
        var (old, other) = (Guid.NewGuid(), Guid.NewGuid());
        await own.Database.Transact(tx => tx.FirstTime("A", [old]), Stop);
        clock.Advance(TimeSpan.FromDays(365));

        var first = await own.Database.Transact(tx => tx.FirstTime("A", [other, old, other]), Stop);
        var elsewhere = await own.Database.Transact(tx => tx.FirstTime("B", [old]), Stop);

        Assert.Equal([other], first);
        Assert.Equal([old], elsewhere);
    }

    private static async Task<int> Count(OwnDatabase own, string from) =>
        (await own.Database.Query<int>($"select count(*) from {from}", cancellationToken: Stop))[0];

    private static DateTimeOffset? InMicroseconds(DateTimeOffset? instant) =>
        instant is { } i ? new DateTimeOffset(i.UtcTicks / 10 * 10, TimeSpan.Zero) : null;

    private sealed record Taken(long Number);

    private sealed record Thing(int Id, DateOnly? Day, DateTimeOffset? Instant, bool? Flag, string? Words, long? Number, byte[]? Bytes)
    {
        public static Thing At(int id, DateTimeOffset instant) => new(id, null, instant, null, null, null, null);
    }

    private sealed class ThingRow
    {
        public required int Id { get; init; }
        public DateOnly? Day { get; init; }
        public DateTimeOffset? Instant { get; init; }
        public bool? Flag { get; init; }
        public string? Words { get; init; }
        public long? Number { get; init; }
        public byte[]? Bytes { get; init; }

        public Thing ToThing() => new(Id, Day, Instant, Flag, Words, Number, Bytes);
    }
}
