using SendExchange.Contracts;
using SendExchange.Testing;

namespace SendExchange.EndToEnd.Tests;

/// <summary>Two of education and two of the aggregator on the same databases and queues: nothing relies on being alone.</summary>
public sealed class ReplicaTests
{
    [Fact]
    public async Task The_same_facts_through_two_educations_at_once_are_taken_once_and_each_breach_is_published_once()
    {
        Assert.SkipUnless(Slow.Wanted, "slow: tests/run --slow");
        await using var four = await FourProcesses.Start(await PrivateRabbitMq.Shared, await PrivatePostgres.Shared);
        await using var stores = four.Stores();
        var breaches = await PublishedMessages.Listen(four.Broker, typeof(BreachRecorded));
        var other = four.Exchange with
        {
            Education = await four.StartReplica("education"),
            Aggregator = await four.StartReplica("aggregator"),
        };
        using var folder = new TemporaryFolder();
        var lines = await Facts.Of("857", "207");
        var file = folder.With("facts.jsonl", lines);

        var said = await Task.WhenAll(four.Exchange.Send(file), other.Send(file));

        Assert.All(said, s => s.Done());
        var counts = said.Select(s => s.Out.Split(' ', ',', '\n')).ToList(); // accepted N, duplicate N, refused N
        Assert.Equal(lines.Count, counts.Sum(c => int.Parse(c[1])));
        Assert.Equal(lines.Count, counts.Sum(c => int.Parse(c[4])));
        Assert.All(counts, c => Assert.NotEqual("0", c[1])); // Both took facts in.
        await Published.IsReportedBy(four.Exchange, ["857", "207"]);
        await Published.IsReportedBy(other, ["857", "207"]);
        await stores.HoldExactly(lines);
        await breaches.HoldEachBreachOnce(stores);
        four.LoggedNothingPersonal();
    }
}
