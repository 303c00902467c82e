using System.CommandLine;
using System.Diagnostics;
using SendExchange.Aggregator.V1;
using SendExchange.Contracts;
using SendExchange.Education.V1;

namespace SendExchange.Sendx;

/// <summary><c>sendx send</c>: facts from a file to the exchange, one gRPC stream an organisation.</summary>
internal static class SendCommand
{
    private const int LargestFact = 1024 * 1024; // Bytes; well below the 4 MB of a gRPC message.

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "Facts, one JSON object a line; - reads standard input." };
        var wait = new Option<bool>("--wait") { Description = "Return only when the aggregator has taken all of it in." };
        var aggregator = new Option<string>("--aggregator")
        {
            Description = "With --wait: where the aggregator answers gRPC, if not at --server.",
        };
        var options = new Client.Options();
        var command = new Command("send", "Sends facts; names each refused line; prints accepted, duplicate and refused counts.")
        {
            file,
            wait,
            aggregator,
        };
        options.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
                Client.Run(
                    async () =>
                    {
                        using var client = options.Connect(parsed);
                        var path = parsed.GetValue(file)!;
                        await using var input = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
                        var result = await Send(client, FactLines.Read(input, cancellationToken), path, cancellationToken);
                        Console.WriteLine($"accepted {result.Accepted}, duplicate {result.Duplicate}, refused {result.Refused}");
                        if (parsed.GetValue(wait) && result.LastPosition > 0)
                        {
                            using var waitingAt = options.To(parsed, parsed.GetValue(aggregator) ?? client.Server);
                            await WaitUntilTakenIn(waitingAt, result, cancellationToken);
                        }
                        return result.Refused == 0 ? Exit.Done : Exit.Refused;
                    },
                    parsed.GetValue(options.Server)!
                )
        );
        return command;
    }

    /// <summary>Sends every line; refusals go to standard error as FILE:LINE: field: problem.</summary>
    public static async Task<SendResult> Send(
        Client client,
        IAsyncEnumerable<(long Line, FactLine Read)> lines,
        string name,
        CancellationToken cancellationToken
    )
    {
        var result = new SendResult(name);
        var streams = new OrganisationStreams(client, result, cancellationToken);
        var progress = Stopwatch.StartNew();
        await foreach (var (line, read) in lines.WithCancellation(cancellationToken))
        {
            if (read.Fact is { } fact && fact.CalculateSize() is > LargestFact and var size)
            {
                // What no message can hold would end the whole stream; the server names the smaller ones itself.
                result.Refuse(line, [new FactFault { Problem = $"the fact has {size:N0} bytes; at most 65,536 are taken" }]);
            }
            else if (read.Fact is not null)
            {
                await streams.Send(line, read.Fact);
            }
            else
            {
                result.Refuse(line, read.Faults);
            }
            if (progress.Elapsed > TimeSpan.FromSeconds(2))
            {
                progress.Restart();
                await Console.Error.WriteLineAsync(
                    $"{name}: line {line:N0}; accepted {result.Accepted:N0}, duplicate {result.Duplicate:N0}, refused {result.Refused:N0}"
                );
            }
        }
        await streams.Finish();
        return result;
    }

    /// <summary>Returns when every fact up to the last position sent is in the obligations.</summary>
    public static async Task WaitUntilTakenIn(Client client, SendResult sent, CancellationToken cancellationToken)
    {
        var reports = new ReportService.ReportServiceClient(client.Invoker);
        var said = Stopwatch.StartNew();
        while (true)
        {
            var progress = await reports.GetProgressAsync(
                new GetProgressRequest(),
                client.As(sent.AnOrganisation, "sender"),
                cancellationToken: cancellationToken
            );
            if (progress.ArrivedUpTo >= sent.LastPosition && progress.CasesWaiting == 0)
            {
                return;
            }
            if (said.Elapsed > TimeSpan.FromSeconds(2))
            {
                said.Restart();
                await Console.Error.WriteLineAsync(
                    $"waiting: {progress.ArrivedUpTo:N0} of {sent.LastPosition:N0} facts arrived, {progress.CasesWaiting:N0} cases to read"
                );
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }
}

/// <summary>The counts of a sending. Receipts of several streams arrive at once.</summary>
internal sealed class SendResult(string name)
{
    private readonly Lock _gate = new();

    public long Accepted { get; private set; }
    public long Duplicate { get; private set; }
    public long Refused { get; private set; }
    public long LastPosition { get; private set; }
    public string AnOrganisation { get; private set; } = "";

    /// <summary>The exchange has been there once: that it is away now may pass. One that never answered is not waited for.</summary>
    public bool Reached { get; set; }

    public void Take(long line, string organisation, FactReceipt receipt)
    {
        lock (_gate)
        {
            LastPosition = Math.Max(LastPosition, receipt.Position);
            AnOrganisation = organisation;
            switch (receipt.Outcome)
            {
                case FactOutcome.Accepted:
                    Accepted++;
                    break;
                case FactOutcome.Duplicate:
                    Duplicate++;
                    break;
                default:
                    Refuse(line, receipt.Faults);
                    break;
            }
        }
    }

    public void Refuse(long line, IEnumerable<FactFault> faults)
    {
        lock (_gate)
        {
            Refused++;
            foreach (var fault in faults)
            {
                Console.Error.WriteLine($"{name}:{line}: {(fault.Field.Length > 0 ? fault.Field + ": " : "")}{fault.Problem}");
            }
        }
    }
}
