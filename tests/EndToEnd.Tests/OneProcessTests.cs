using SendExchange.Testing;

namespace SendExchange.EndToEnd.Tests;

/// <summary>From facts to DfE's figures through <c>sendx up</c>, and nothing else on the second sending.</summary>
public sealed class OneProcessTests
{
    [Fact]
    public Task Figures_of_a_few_authorities_are_those_that_DfE_published() => GoThrough(Published.Few);

    [Fact]
    public Task Figures_of_24_authorities_are_those_that_DfE_published()
    {
        Assert.SkipUnless(Slow.Wanted, "226,000 facts take minutes; the few take seconds. tests/run --slow.");
        return GoThrough(Published.All);
    }

    private static async Task GoThrough(IReadOnlyList<string> authorities)
    {
        await using var one = await OneProcess.Start();
        await using var stores = one.Stores();
        using var folder = new TemporaryFolder();
        var lines = await Facts.Of(authorities);
        var file = folder.With("facts.jsonl", lines);

        var first = await one.Exchange.Send(file);

        Assert.Equal($"accepted {lines.Count}, duplicate 0, refused 0\n", first.Done().Out);
        await Published.IsReportedBy(one.Exchange, authorities);
        await stores.HoldExactly(lines);

        var breaches = await stores.Breaches();
        var again = await one.Exchange.Send(file);

        Assert.Equal($"accepted 0, duplicate {lines.Count}, refused 0\n", again.Done().Out);
        await Published.IsReportedBy(one.Exchange, authorities);
        await stores.HoldExactly(lines);
        Assert.Equal(breaches, await stores.Breaches());
        Assert.DoesNotContain(Facts.Canary, await File.ReadAllTextAsync(one.Server.Log));
    }
}
