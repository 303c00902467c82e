using SendExchange.Contracts;
using SendExchange.Testing;

namespace SendExchange.EndToEnd.Tests;

/// <summary>Processes that are gone from one moment to the next, with facts in every state: on the wire, stored, published, half read.</summary>
public sealed class KillTests
{
    private static readonly string[] Authorities = ["857", "207"];

    [Fact]
    public async Task Kill_9_of_each_of_six_processes_in_turn_loses_and_doubles_nothing()
    {
        Assert.SkipUnless(Slow.Wanted, "slow: tests/run --slow");
        await using var rabbit = await PrivateRabbitMq.Start();
        await using var postgres = await PrivatePostgres.Start();
        await using var four = await FourProcesses.Start(rabbit, postgres);
        await using var stores = four.Stores();
        var breaches = await PublishedMessages.Listen(four.Broker, typeof(BreachRecorded));
        var lines = await Facts.Of(Authorities);
        using var sending = four.Exchange.Sending();
        var flow = new Flow(sending, lines, stores, events: 6);

        await flow.Strike(four.Servers["education"].Kill, four.Servers["education"].Start);
        await flow.Strike(four.Servers["aggregator"].Kill, four.Servers["aggregator"].Start);
        await flow.Strike(rabbit.Kill, rabbit.Restart);
        await flow.Strike(four.Servers["health"].Kill, four.Servers["health"].Start);
        await flow.Strike(postgres.Kill, postgres.Restart);
        await flow.Strike(four.Servers["social-care"].Kill, four.Servers["social-care"].Start);
        var said = await flow.End();

        Assert.Contains("refused 0", said.Done().Out);
        await Published.IsReportedBy(four.Exchange, Authorities);
        await stores.HoldExactly(lines);
        await breaches.HoldEachBreach(stores);
        await Eventually.Equal("", async () => string.Join(", ", (await rabbit.Queues(four.Broker)).Where(queue => queue.Value > 0)));
        four.LoggedNothingPersonal();
    }

    [Fact]
    public async Task Kill_9_of_one_process_on_SQLite_at_several_moments_loses_and_doubles_nothing()
    {
        await using var one = await OneProcess.Start();
        await using var stores = one.Stores();
        var lines = await Facts.Of(Authorities);
        using var sending = one.Exchange.Sending();
        var flow = new Flow(sending, lines, stores, events: 4);

        for (var moment = 0; moment < 4; moment++)
        {
            await flow.Strike(one.Server.Kill, one.Server.Start);
        }
        var said = await flow.End();

        Assert.Contains("refused 0", said.Done().Out);
        await Published.IsReportedBy(one.Exchange, Authorities);
        await stores.HoldExactly(lines);
    }
}
