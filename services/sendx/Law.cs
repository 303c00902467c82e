using System.CommandLine;
using System.Globalization;
using Grpc.Core;
using SendExchange.Aggregator.V1;

namespace SendExchange.Sendx;

/// <summary><c>sendx law</c>: what a proposed rule pack would move, putting one in force, and which are.</summary>
internal static class LawCommand
{
    private static readonly string[] _effect =
    [
        "breakdown",
        "of",
        "obligations",
        "dueMoved",
        "added",
        "gone",
        "breachesAdded",
        "breachesGone",
    ];

    private static readonly string[] _pack = ["id", "title", "citation", "appliedAt", "appliedBy", "reason"];

    public static Command Create() =>
        new("law", "Proposed versions of the law (rule packs): what one would change, applying it, listing those in force.")
        {
            DryRun(),
            Apply(),
            List(),
        };

    private static Command DryRun()
    {
        var file = FileArgument();
        var format = Output.FormatOption();
        var options = new Client.Options();
        var command = new Command(
            "dry-run",
            "Reads every case under the law in force and under the pack; counts what moves. Stores nothing."
        )
        {
            file,
            format,
        };
        options.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
                Client.Run(
                    async () =>
                    {
                        using var client = options.Connect(parsed);
                        var summary = await DryRun(client, await Read(parsed.GetValue(file)!, cancellationToken), cancellationToken);
                        await Console.Error.WriteLineAsync(
                            $"sendx: {summary.CasesRead:N0} cases read, {summary.CasesChanged:N0} change, {summary.Total.DueMoved:N0} due days move."
                        );
                        ReportCommand.Warn(summary.UnreadableCases, "They are in no count.");
                        await Output.Write(Console.Out, _effect, Rows(summary).ToAsyncEnumerable(), parsed.GetValue(format)!);
                        return Exit.Done;
                    },
                    parsed.GetValue(options.Server)!
                )
        );
        return command;
    }

    private static Command Apply()
    {
        var file = FileArgument();
        var reason = new Option<string>("--reason") { Description = "Why, for the journal.", Required = true };
        var by = new Option<string>("--organisation")
        {
            Description = "Who applies it, where the token is made with the data folder's key.",
            DefaultValueFactory = _ => "op:sendx",
        };
        var options = new Client.Options();
        var command = new Command(
            "apply",
            "Puts a pack in force for good and has every case read again. The same pack again changes nothing."
        )
        {
            file,
            reason,
            by,
        };
        options.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
                Client.Run(
                    async () =>
                    {
                        using var client = options.Connect(parsed);
                        var request = new ApplyPackRequest
                        {
                            Document = await Read(parsed.GetValue(file)!, cancellationToken),
                            Reason = parsed.GetValue(reason)!,
                        };
                        var applied = await new LawService.LawServiceClient(client.Invoker).ApplyPackAsync(
                            request,
                            client.As(parsed.GetValue(by)!, "operator"),
                            cancellationToken: cancellationToken
                        );
                        Console.WriteLine(
                            applied.AlreadyApplied
                                ? $"{applied.Pack.Id} has been in force since {applied.Pack.AppliedAt}; nothing changed"
                                : $"{applied.Pack.Id} applied at {applied.Pack.AppliedAt}; {applied.Cases:N0} cases will be read again (sendx law list)"
                        );
                        return Exit.Done;
                    },
                    parsed.GetValue(options.Server)!
                )
        );
        return command;
    }

    private static Command List()
    {
        var format = Output.FormatOption();
        var options = new Client.Options();
        var command = new Command("list", "The packs in force, in the order in which they were applied.") { format };
        options.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
                Client.Run(
                    async () =>
                    {
                        using var client = options.Connect(parsed);
                        var listed = await new LawService.LawServiceClient(client.Invoker).ListPacksAsync(
                            new ListPacksRequest(),
                            client.As("inspectorate:sendx", "inspector"),
                            cancellationToken: cancellationToken
                        );
                        var rows = listed.Packs.Select(p =>
                            (IReadOnlyList<string>)[p.Id, p.Title, p.Citation, p.AppliedAt, p.AppliedBy, p.Reason]
                        );
                        await Output.Write(Console.Out, _pack, rows.ToAsyncEnumerable(), parsed.GetValue(format)!);
                        if (listed.CasesWaiting > 0)
                        {
                            await Console.Error.WriteLineAsync($"sendx: {listed.CasesWaiting:N0} cases still to be read under them.");
                        }
                        return Exit.Done;
                    },
                    parsed.GetValue(options.Server)!
                )
        );
        return command;
    }

    private static async Task<DryRunSummary> DryRun(Client client, string document, CancellationToken cancellationToken)
    {
        using var call = new LawService.LawServiceClient(client.Invoker).DryRunPack(
            new DryRunPackRequest { Document = document },
            client.As("inspectorate:sendx", "inspector"),
            cancellationToken: cancellationToken
        );
        await foreach (var part in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            if (part.Summary is { } summary)
            {
                return summary;
            }
            await Console.Error.WriteLineAsync($"sendx: {part.Progress.CasesRead:N0} of {part.Progress.Cases:N0} cases read");
        }
        throw new IOException("The exchange ended its answer before the summary.");
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(DryRunSummary summary)
    {
        yield return Row("total", summary.Total);
        foreach (var effect in summary.ByObligation)
        {
            yield return Row("obligation", effect);
        }
        foreach (var effect in summary.ByAuthority)
        {
            yield return Row("authority", effect);
        }
        foreach (var moved in summary.ByDays)
        {
            yield return
            [
                "daysMoved",
                moved.Days.ToString("+0;-0", CultureInfo.InvariantCulture),
                "",
                Number(moved.Obligations),
                "",
                "",
                "",
                "",
            ];
        }

        static IReadOnlyList<string> Row(string breakdown, PackEffect e) =>
            [
                breakdown,
                e.Of,
                Number(e.Obligations),
                Number(e.DueMoved),
                Number(e.Added),
                Number(e.Gone),
                Number(e.BreachesAdded),
                Number(e.BreachesGone),
            ];
    }

    private static string Number(long count) => count.ToString(CultureInfo.InvariantCulture);

    private static Argument<string> FileArgument() => new("file") { Description = "The pack: a JSON document; - reads standard input." };

    private static async Task<string> Read(string path, CancellationToken cancellationToken) =>
        path == "-" ? await Console.In.ReadToEndAsync(cancellationToken) : await File.ReadAllTextAsync(path, cancellationToken);
}
