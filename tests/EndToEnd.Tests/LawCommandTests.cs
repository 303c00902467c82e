using System.Text.Json;
using SendExchange.Testing;

namespace SendExchange.EndToEnd.Tests;

/// <summary>A rule pack through <c>sendx law</c>: tried out, refused, applied, and read through to its end whatever dies on the way.</summary>
public sealed class LawCommandTests
{
    private const int Cases = 3_000;

    private const string Reform = """
        {"id":"reform","title":"Eighteen weeks","citation":"Bill, clause 3",
         "amend":[{"obligation":"finalise_plan","amends":"SEND Regulations 2014, reg 13(2)","weeks":18,"from":"2023-01-01"}]}
        """;

    [Fact]
    public async Task A_pack_is_tried_out_and_applied_and_a_kill_9_on_the_way_loses_and_doubles_nothing()
    {
        await using var one = await OneProcess.Start();
        using var folder = new TemporaryFolder();
        var reform = folder.With("reform.json", [Reform]);
        var facts = Enumerable
            .Range(0, Cases)
            .Select(n =>
                $$"""{"factId":"r{{n}}","organisation":"la:350","caseId":"c{{n}}","on":"2023-01-09","requestReceived":{"source":"SCHOOL"} }"""
            );
        (await one.Exchange.Send(folder.With("facts.jsonl", facts))).Done();

        var tried = (await Law("dry-run", reform, "--format", "json")).Done();

        Assert.Equal(
            [
                $$"""{"breakdown":"total","obligations":{{2 * Cases}},"dueMoved":{{Cases}},"added":0,"gone":0,"breachesAdded":0,"breachesGone":0}""",
                $$"""{"breakdown":"obligation","of":"finalise_plan","obligations":{{Cases}},"dueMoved":{{Cases}},"added":0,"gone":0,"breachesAdded":0,"breachesGone":0}""",
                $$"""{"breakdown":"authority","of":"la:350","obligations":{{2 * Cases}},"dueMoved":{{Cases}},"added":0,"gone":0,"breachesAdded":0,"breachesGone":0}""",
                $$"""{"breakdown":"daysMoved","of":"-14","dueMoved":{{Cases}}}""",
            ],
            tried.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        );

        var applied = (await Law("apply", reform, "--reason", "The Bill is law.")).Done();
        await one.Server.Kill();
        await one.Server.Start();

        Assert.Contains($"{Cases:N0} cases will be read again", applied.Out);
        await Eventually.Equal("", async () => (await Law("list")).Done().Error);
        var plans = (await one.Exchange.Records("obligations", ["350"])).Where(o => Text(o, "obligation") == "finalise_plan").ToList();
        Assert.Equal((Cases, Cases), (plans.Count, plans.Count(o => Text(o, "due") == "2023-05-15" && Text(o, "rulePack") == "reform")));
        var corrected = (await one.Exchange.Records("breaches", ["350"])).Where(b => Text(b, "obligation") == "finalise_plan").ToList();
        Assert.Equal(Cases, corrected.Count);
        Assert.All(
            corrected,
            b => Assert.Equal("Under rule pack reform (Bill, clause 3): Due 2023-05-15, not 2023-05-29.", Text(b, "correction"))
        );
        await using var stores = one.Stores();
        Assert.Equal(Cases, await stores.Count("aggregator", "breach_events where correction is not null"));

        var again = (await Law("apply", reform, "--reason", "Once more.")).Done();
        Assert.Contains("nothing changed", again.Out);
        Assert.Contains("The Bill is law.", (await Law("list", "--format", "json")).Done().Out);

        Task<Said> Law(params IEnumerable<string> arguments) =>
            Sendx.Run(["law", .. arguments, "--server", one.Exchange.Aggregator, "--data", one.Exchange.Data]);

        static string Text(JsonElement record, string field) => record.TryGetProperty(field, out var value) ? value.GetString()! : "";
    }

    [Fact]
    public async Task What_is_refused_or_not_there_has_its_exit_code()
    {
        await using var one = await OneProcess.Start();
        using var folder = new TemporaryFolder();
        var faulty = folder.With("faulty.json", [Reform.Replace("18", "-1").Replace("2023-01-01", "soon")]);

        var refused = await Sendx.Run(["law", "dry-run", faulty, "--server", one.Exchange.Aggregator, "--data", one.Exchange.Data]);
        var noFile = await Sendx.Run(["law", "dry-run", folder["none"], "--server", one.Exchange.Aggregator, "--data", one.Exchange.Data]);
        var noReason = await Sendx.Run(["law", "apply", faulty, "--server", one.Exchange.Aggregator, "--data", one.Exchange.Data]);
        var nobody = await Sendx.Run(["law", "list", "--server", $"http://127.0.0.1:{FreePort.Next()}", "--data", one.Exchange.Data]);

        Assert.Equal((1, 2, 2, 3), (refused.Exit, noFile.Exit, noReason.Exit, nobody.Exit));
        Assert.Contains("document.amend[0].weeks: is '-1'", refused.Error);
        Assert.Contains("document.amend[0].from: is 'soon'", refused.Error);
    }
}
