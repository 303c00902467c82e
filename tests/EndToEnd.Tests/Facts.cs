using System.Text.Json.Nodes;

namespace SendExchange.EndToEnd.Tests;

/// <summary>Facts whose figures are the published ones, with a word in them that nobody may read elsewhere.</summary>
internal static class Facts
{
    /// <summary>In every child's id and in all free text: must come up in no log, queue name, address or error.</summary>
    public const string Canary = "canary-9f3b17";

    /// <summary>In all free text: must not even leave the service that it was told to.</summary>
    public const string CanaryWords = $"{Canary} words";

    /// <summary>The facts of these authorities' 2023, a line each.</summary>
    public static async Task<IReadOnlyList<string>> Of(params IEnumerable<string> authorities)
    {
        var said = await Sendx.Run("simulate", "--year", "2023", "--authority", string.Join(',', authorities));
        return [.. said.Done().Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(WithCanary)];
    }

    private static string WithCanary(string line)
    {
        var fact = JsonNode.Parse(line)!.AsObject();
        fact["childId"] = $"{Canary}-{fact["childId"]}";
        foreach (var body in fact.Select(field => field.Value).OfType<JsonObject>())
        {
            foreach (var field in new[] { "reason", "providedFor" }.Where(body.ContainsKey))
            {
                body[field] = $"{CanaryWords} {body[field]}";
            }
        }
        return fact.ToJsonString();
    }
}
