using SendExchange.Testing;

namespace SendExchange.EndToEnd.Tests;

/// <summary>What a newcomer's first command does.</summary>
public sealed class DemoTests
{
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Demo_prints_the_breach_report_of_a_real_authority_and_serves_until_it_is_told_to_end(string signal)
    {
        using var folder = new TemporaryFolder();
        var grpc = $"http://127.0.0.1:{FreePort.Next()}";
        var http = $"http://127.0.0.1:{FreePort.Next()}";
        using var demo = new Server(
            "demo",
            ["dotnet", BuiltPrograms.Sendx, "demo", "--grpc", grpc, "--http", http, .. Authority(signal)],
            new Dictionary<string, string?>(),
            folder.Path,
            http
        );
        await demo.Start();
        await Eventually.True(async () => (await File.ReadAllTextAsync(demo.Log)).Contains("Ctrl-C stops it"));
        var said = await File.ReadAllTextAsync(demo.Log, TestContext.Current.CancellationToken);

        Assert.Contains($"gRPC on {grpc}", said);
        if (signal == "INT")
        {
            // Bolton, as DfE has it.
            Says(said, "la_name", "Bolton");
            Says(said, "plans_issued_den", "630");
            Says(said, "plans_issued_within_20_weeks", "277");
            Says(said, "pc_plans_issued_within_20_weeks", "44");
            Says(said, "PC_plans_issued_20_weeks_ex", "46.3");
        }
        Assert.Matches(@"[\d,]+ breaches of limits that fell in 2023", said);
        Assert.Matches(@"finalise_plan +la:\d+ +SEND Regulations 2014, reg 13\(2\)", said);

        var stillServing = await Sendx.Run("report", "breaches", "--year", "2023", "--server", grpc, "--data", folder[".sendx"]);
        Assert.Contains("finalise_plan", stillServing.Done().Out);
        Assert.Equal(0, await demo.Stop(signal));
    }

    // One of the two may be small: what differs is how it ends.
    private static string[] Authority(string signal) => signal == "INT" ? [] : ["--authority", "857"];

    private static void Says(string said, string column, string cell) => Assert.Matches($@"\b{column} +{cell}\s*\n", said);
}
