using System.CommandLine;
using Google.Protobuf;
using SendExchange.Aggregator.V1;

namespace SendExchange.Sendx;

/// <summary><c>sendx explain --case</c>: asks an exchange how one of its cases stands, and why.</summary>
internal static class ExplainCase
{
    public static Task<int> Run(
        Client.Options options,
        ParseResult parsed,
        string reference,
        string asKnownOn,
        string format,
        CancellationToken cancellationToken
    ) =>
        Client.Run(
            async () =>
            {
                var slash = reference.IndexOf('/', StringComparison.Ordinal);
                if (slash <= 0 || slash == reference.Length - 1)
                {
                    await Console.Error.WriteLineAsync(
                        "sendx: --case: the authority's DfE number and its reference are expected, e.g. 350/B-17."
                    );
                    return Exit.Usage;
                }
                using var client = options.Connect(parsed);
                var said = await new ReportService.ReportServiceClient(client.Invoker).GetCaseAsync(
                    new GetCaseRequest
                    {
                        Authority = reference[..slash],
                        CaseId = reference[(slash + 1)..],
                        AsKnownOn = asKnownOn,
                    },
                    client.As("inspectorate:sendx", "inspector"),
                    cancellationToken: cancellationToken
                );
                await (format == "json" ? Console.Out.WriteLineAsync(JsonFormatter.Default.Format(said)) : Tell(said, format));
                return Exit.Done;
            },
            parsed.GetValue(options.Server)!
        );

    private static async Task Tell(GetCaseResponse said, string format)
    {
        if (format == "csv")
        {
            await Output.Write(
                Console.Out,
                ["obligation", "adviceId", "occasion", "obligor", "due", "state", "doneOn", "why"],
                said.Obligations.ToAsyncEnumerable()
                    .Select(e =>
                        (IReadOnlyList<string>)
                            [
                                e.Obligation.Obligation_,
                                e.Obligation.AdviceId,
                                e.Obligation.Occasion,
                                e.Obligation.Obligor,
                                e.Obligation.Due,
                                e.Obligation.State,
                                e.Obligation.DoneOn,
                                string.Join(' ', e.Why),
                            ]
                    ),
                format
            );
            return;
        }
        Console.WriteLine($"As it stands on {said.AsOf}.\n\nFacts");
        foreach (var fact in said.Facts)
        {
            var replaces = fact.Replaces.Length > 0 ? $", in place of {fact.Replaces}" : "";
            Console.WriteLine($"  {fact.On}  {fact.Kind} ({fact.FactId} of {fact.Organisation}, known since {fact.RecordedAt}{replaces})");
        }
        Console.WriteLine("\nObligations\n");
        foreach (var explained in said.Obligations)
        {
            Console.Write(ExplainCommand.Told(explained.Obligation, explained.Why));
        }
        if (said.Days is { } days)
        {
            Console.WriteLine($"Who held it on its {days.Days} days from {days.From} to {days.To}");
            foreach (var held in days.Held)
            {
                Console.WriteLine($"  {held.Days, 5}  {held.Holder} {held.Organisation} {held.AdviceId}".TrimEnd());
            }
        }
        foreach (var finding in said.Findings)
        {
            Console.WriteLine($"Odd: {finding.Code}: {finding.Detail}");
        }
    }
}
