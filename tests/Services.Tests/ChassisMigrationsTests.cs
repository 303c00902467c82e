using System.Data.Common;
using SendExchange.Chassis;
using SendExchange.Testing;

namespace SendExchange.Services.Tests;

public sealed class ChassisMigrationsTests
{
    private static readonly Scripts Two = new(
        ("001_letters.sql", "create table letters (letter text not null); insert into letters (letter) values ('a');"),
        ("002_more.sql", "insert into letters (letter) values ('b');")
    );

    public static TheoryData<Engine> Engines => [.. Enum.GetValues<Engine>()];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Engines))]
    public async Task Replicas_that_start_at_once_apply_each_migration_once(Engine engine)
    {
        await using var own = await OwnDatabase.Empty(engine);
        await using var replica = new Database("replica", own.ConnectionString, TimeProvider.System);

        await Task.WhenAll(
            Enumerable.Range(0, 6).Select(i => Task.Run(() => Migrations.Migrate(i % 2 == 0 ? own.Database : replica, Two, Stop), Stop))
        );

        Assert.Equal(["a", "b"], await Letters(own));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_second_start_changes_nothing(Engine engine)
    {
        var clock = new StoppedClock(new DateOnly(2026, 1, 1));
        await using var own = await OwnDatabase.Empty(engine, clock);
        await Migrations.Migrate(own.Database, Two, Stop);
        clock.Advance(TimeSpan.FromDays(1));

        await Migrations.Migrate(own.Database, Two, Stop);

        Assert.Equal(["a", "b"], await Letters(own));
        var applied = await own.Database.Query<DateTimeOffset>("select applied_at from schema_migrations", cancellationToken: Stop);
        Assert.Equal((3, clock.GetUtcNow().AddDays(-1)), (applied.Count, applied.Distinct().Single()));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_new_version_applies_what_it_adds(Engine engine)
    {
        await using var own = await OwnDatabase.Empty(engine);
        await Migrations.Migrate(own.Database, Two, Stop);

        await Migrations.Migrate(own.Database, new Scripts([.. Two.All, ("010_ten.sql", "insert into letters values ('c')")]), Stop);

        Assert.Equal(["a", "b", "c"], await Letters(own));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_migration_that_fails_leaves_nothing_half_done(Engine engine)
    {
        await using var own = await OwnDatabase.Empty(engine);
        var failing = new Scripts([.. Two.All, ("003_wrong.sql", "create table words (word text); insert into sentences values (1);")]);

        await Assert.ThrowsAnyAsync<DbException>(() => Migrations.Migrate(own.Database, failing, Stop));

        foreach (var table in (string[])["letters", "words", "outbox", "schema_migrations"])
        {
            await Assert.ThrowsAnyAsync<DbException>(() => own.Database.Query<string>($"select * from {table}", cancellationToken: Stop));
        }
        await Migrations.Migrate(own.Database, Two, Stop);
        Assert.Equal(["a", "b"], await Letters(own));
    }

    private static Task<IReadOnlyList<string>> Letters(OwnDatabase own) =>
        own.Database.Query<string>("select letter from letters order by letter", cancellationToken: Stop);
}
