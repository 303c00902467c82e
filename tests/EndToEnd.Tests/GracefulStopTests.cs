using SendExchange.Contracts;
using SendExchange.Testing;

namespace SendExchange.EndToEnd.Tests;

/// <summary>SIGTERM, as every deployment sends it: with facts flowing, a service hands over what it holds and ends well.</summary>
public sealed class GracefulStopTests
{
    [Fact]
    public async Task Each_service_told_to_end_while_facts_flow_ends_with_0_and_loses_nothing()
    {
        Assert.SkipUnless(Slow.Wanted, "slow: tests/run --slow");
        await using var four = await FourProcesses.Start(await PrivateRabbitMq.Shared, await PrivatePostgres.Shared);
        await using var stores = four.Stores();
        var breaches = await PublishedMessages.Listen(four.Broker, typeof(BreachRecorded));
        var lines = await Facts.Of("857");
        using var sending = four.Exchange.Sending();
        var flow = new Flow(sending, lines, stores, events: four.Servers.Count);

        foreach (var server in four.Servers.Values)
        {
            await flow.Strike(async () => Assert.Equal((server.Name, 0), (server.Name, await server.Stop())), server.Start);
        }
        var said = await flow.End();

        Assert.Contains("refused 0", said.Done().Out);
        await Published.IsReportedBy(four.Exchange, ["857"]);
        await stores.HoldExactly(lines);
        await breaches.HoldEachBreachOnce(stores);
        four.LoggedNoError();
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task One_process_told_to_end_while_facts_flow_ends_with_0_and_loses_nothing(string signal)
    {
        Assert.SkipUnless(Slow.Wanted, "slow: tests/run --slow");
        await using var one = await OneProcess.Start();
        await using var stores = one.Stores();
        var lines = await Facts.Of("857");
        using var sending = one.Exchange.Sending();
        var flow = new Flow(sending, lines, stores, events: 1);

        await flow.Strike(async () => Assert.Equal(0, await one.Server.Stop(signal)), one.Server.Start);
        var said = await flow.End();

        Assert.Contains("refused 0", said.Done().Out);
        await Published.IsReportedBy(one.Exchange, ["857"]);
        await stores.HoldExactly(lines);
    }
}
