using SendExchange.Contracts;
using SendExchange.Testing;

namespace SendExchange.EndToEnd.Tests;

/// <summary>The same main job through four processes, RabbitMQ and PostgreSQL.</summary>
public sealed class FourProcessesTests
{
    [Fact]
    public Task Figures_of_two_authorities_are_those_that_DfE_published() => GoThrough(["420", "857"]);

    [Fact]
    public Task Figures_of_24_authorities_are_those_that_DfE_published()
    {
        Assert.SkipUnless(Slow.Wanted, "226,000 facts take minutes; those of two authorities take seconds. tests/run --slow.");
        return GoThrough(Published.All);
    }

    private static async Task GoThrough(IReadOnlyList<string> authorities)
    {
        await using var four = await FourProcesses.Start(await PrivateRabbitMq.Shared, await PrivatePostgres.Shared);
        await using var stores = four.Stores();
        var breaches = await PublishedMessages.Listen(four.Broker, typeof(BreachRecorded));
        using var folder = new TemporaryFolder();
        var lines = await Facts.Of(authorities);
        var file = folder.With("facts.jsonl", lines);

        var first = await four.Exchange.Send(file);

        Assert.Equal($"accepted {lines.Count}, duplicate 0, refused 0\n", first.Done().Out);
        await Published.IsReportedBy(four.Exchange, authorities);
        await stores.HoldExactly(lines);
        var recorded = await stores.Breaches();
        await breaches.HoldEachBreachOnce(stores);

        var again = await four.Exchange.Send(file);

        Assert.Equal($"accepted 0, duplicate {lines.Count}, refused 0\n", again.Done().Out);
        await Published.IsReportedBy(four.Exchange, authorities);
        await stores.HoldExactly(lines);
        Assert.Equal(recorded, await stores.Breaches());
        await breaches.HoldEachBreachOnce(stores);
        four.LoggedNoError();
    }
}
