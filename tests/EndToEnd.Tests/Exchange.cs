using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using SendExchange.Chassis;

namespace SendExchange.EndToEnd.Tests;

/// <summary>A running exchange as its users see it: four gRPC addresses, which may be one, and a key for tokens.</summary>
/// <param name="Data">Folder of the development key.</param>
internal sealed record Exchange(string Education, string Health, string SocialCare, string Aggregator, string Data)
{
    public const string Key = "a key of these tests that guards nothing at all";

    /// <summary>Sends a file and waits until all of it is in the obligations.</summary>
    public Task<Said> Send(string file, params string[] options) => Sendx.Run([.. SendCommand(file), .. options]);

    /// <summary>The same of what will be written to its input.</summary>
    public Sendx Sending() => Sendx.Start(SendCommand("-"));

    /// <summary>A table of 2023, its rows by authority.</summary>
    public async Task<IReadOnlyDictionary<string, Dictionary<string, string>>> Figures(string report, IEnumerable<string> authorities)
    {
        var said = await Report(report, authorities, "csv");
        Assert.DoesNotContain('"', said); // So that a comma is the end of a cell.
        var lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var columns = lines[0].Split(',');
        return lines
            .Skip(1)
            .Select(line => columns.Zip(line.Split(',')).ToDictionary(cell => cell.First, cell => cell.Second))
            .ToDictionary(row => row["old_la_code"]);
    }

    /// <summary>Breaches or obligations due in 2023, one JSON object each.</summary>
    public async Task<IReadOnlyList<JsonElement>> Records(string report, IEnumerable<string> authorities) =>
        [
            .. (await Report(report, authorities, "json"))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement),
        ];

    /// <summary>Headers of a call as that organisation in that role.</summary>
    public static Metadata As(string organisation, string role)
    {
        var token = Auth.DevelopmentToken(Key, organisation, [role], TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(1));
        return new Metadata { { "authorization", $"Bearer {token}" } };
    }

    public static GrpcChannel Connect(string address) => GrpcChannel.ForAddress(address);

    private async Task<string> Report(string report, IEnumerable<string> authorities, string format)
    {
        string[] command = ["report", report, "--year", "2023", "--authority", string.Join(',', authorities), "--format", format];
        return (await Sendx.Run([.. command, "--server", Aggregator, "--data", Data])).Done().Out;
    }

    private string[] SendCommand(string file) =>
        ["send", file, "--wait", "--server", Education, "--aggregator", Aggregator, "--data", Data];
}
