using Grpc.Core;
using SendExchange.Testing;

namespace SendExchange.EndToEnd.Tests;

/// <summary>An authority asks a health body, which gives its advice: through all four processes and back.</summary>
public sealed class AdviceTests
{
    [Fact]
    public async Task What_an_authority_asks_of_an_icb_reaches_it_with_its_due_day_and_its_answer_meets_the_obligation()
    {
        var rabbit = await PrivateRabbitMq.Shared;
        await using var four = await FourProcesses.Start(rabbit, await PrivatePostgres.Shared);
        var heard = await PublishedMessages.Listen(four.Broker, PublishedMessages.All);
        using var folder = new TemporaryFolder();
        var file = folder.With(
            "facts.jsonl",
            [
                """{"factId":"f1","organisation":"la:350","caseId":"c1","on":"2023-01-09","requestReceived":{"source":"SCHOOL"}}""",
                """{"factId":"f2","organisation":"la:350","caseId":"c1","on":"2023-02-13","decisionNotified":{"outcome":"ASSESS"}}""",
                """
                {"factId":"f3","organisation":"la:350","caseId":"c1","on":"2023-02-13",
                "adviceSought":{"adviceId":"a1","kind":"MEDICAL","from":"icb:QOP","receivedByBodyOn":"2023-02-15"}}
                """.ReplaceLineEndings(""),
            ]
        );
        (await four.Exchange.Send(file)).Done();
        using var icb = new HealthBody(four.Exchange, "icb:QOP");
        using var otherIcb = new HealthBody(four.Exchange, "icb:QJ2");
        Task<bool> Give(HealthBody body) => body.Give("la:350", "a1", "2023-03-20", $"{Facts.CanaryWords}: speech therapy, weekly");

        await Eventually.True(async () => (await icb.Asked()).Count > 0);
        var asked = Assert.Single(await icb.Asked(owedOnly: true));

        Assert.Equal(("la:350", "c1", "a1", "MEDICAL"), (asked.Authority, asked.CaseId, asked.AdviceId, asked.Kind));
        Assert.Equal(("2023-02-15", "2023-03-29"), (asked.ReceivedOn, asked.Due)); // Six weeks from when the body had it, reg 8(1).
        Assert.Equal("a1 BREACHED", await GiveAdvice(four.Exchange));
        Assert.Empty(await otherIcb.Asked());
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => Give(otherIcb))).StatusCode);

        Assert.True(await Give(icb));

        await Eventually.Equal("a1 MET", () => GiveAdvice(four.Exchange));
        Assert.Empty(await icb.Asked(owedOnly: true));
        Assert.False(await Give(icb));
        four.LoggedNoError();
        Assert.NotEmpty(await heard.Bodies());
        Assert.DoesNotContain(await heard.Bodies(), body => body.Contains(Facts.Canary));
    }

    /// <summary>The advice id and the state of the one give_advice.</summary>
    private static async Task<string> GiveAdvice(Exchange exchange)
    {
        var obligations = await exchange.Records("obligations", ["350"]);
        var giveAdvice = Assert.Single(obligations, o => o.GetProperty("obligation").GetString() == "give_advice");
        return $"{giveAdvice.GetProperty("adviceId")} {giveAdvice.GetProperty("state")}";
    }
}
