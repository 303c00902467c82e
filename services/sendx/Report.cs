using System.CommandLine;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using SendExchange.Aggregator.V1;
using FigureReport = SendExchange.Aggregator.V1.Figures;

namespace SendExchange.Sendx;

/// <summary><c>sendx report</c>: DfE's figures in DfE's columns, and the records beneath them.</summary>
internal static class ReportCommand
{
    private static readonly string[] _kinds =
    [
        "timeliness",
        "requests",
        "assessments",
        "days",
        "breaches",
        "obligations",
        "warnings",
        "findings",
        "clocks",
    ];

    public static Command Create()
    {
        var kind = new Argument<string>("report") { Description = string.Join(", ", _kinds) + "." };
        kind.AcceptOnlyFromAmong(_kinds);
        var year = new Option<int>("--year") { Description = "Calendar year." };
        var authority = new Option<string>("--authority") { Description = "DfE numbers, e.g. 350,936; left out: all." };
        var asKnownOn = new Option<string>("--as-known-on")
        {
            Description = "Only what the exchange had been told by the end of that day.",
        };
        var format = Output.FormatOption();
        var options = new Client.Options();
        var command = new Command(
            "report",
            "Figures in DfE's own column names; breaches, obligations, warnings and findings as records; whether every clock runs."
        )
        {
            kind,
            year,
            authority,
            asKnownOn,
            format,
        };
        options.AddTo(command);
        command.Validators.Add(result =>
        {
            var asked = result.GetResult(kind)?.Tokens is [var token, ..] ? token.Value : null;
            if (asked is not null && !_kinds.Contains(asked))
            {
                result.AddError($"Argument '{asked}' not recognized. Must be one of: {string.Join(", ", _kinds)}.");
            }
            else if (asked is not (null or "findings" or "clocks") && result.GetResult(year) is null)
            {
                result.AddError("Option '--year' is required.");
            }
        });
        command.SetAction(
            (parsed, cancellationToken) =>
                Client.Run(
                    async () =>
                    {
                        using var client = options.Connect(parsed);
                        var query = new Query(
                            parsed.GetValue(kind)!,
                            parsed.GetValue(year),
                            (parsed.GetValue(authority) ?? "").Split(
                                ',',
                                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
                            ),
                            parsed.GetValue(asKnownOn) ?? ""
                        );
                        await Print(client, query, parsed.GetValue(format)!, cancellationToken);
                        return Exit.Done;
                    },
                    parsed.GetValue(options.Server)!
                )
        );
        return command;
    }

    /// <param name="Kind">One of the report names.</param>
    /// <param name="Authorities">DfE numbers; empty: all.</param>
    /// <param name="AsKnownOn">ISO date, or empty.</param>
    public sealed record Query(string Kind, int Year, string[] Authorities, string AsKnownOn);

    /// <summary>Asks and prints, record by record, without holding a long answer in memory.</summary>
    public static async Task Print(Client client, Query query, string format, CancellationToken cancellationToken)
    {
        var (columns, rows) = await Ask(client, query, cancellationToken);
        await Output.Write(Console.Out, columns, rows, format);
    }

    public static async Task<(IReadOnlyList<string> Columns, IAsyncEnumerable<IReadOnlyList<string>> Rows)> Ask(
        Client client,
        Query query,
        CancellationToken cancellationToken
    )
    {
        var reports = new ReportService.ReportServiceClient(client.Invoker);
        var headers = client.As("inspectorate:sendx", "inspector");
        switch (query.Kind)
        {
            case "breaches":
                var breaches = reports.ListBreaches(
                    new ListBreachesRequest
                    {
                        Year = query.Year,
                        Authorities = { query.Authorities },
                        AsKnownOn = query.AsKnownOn,
                    },
                    headers,
                    cancellationToken: cancellationToken
                );
                return (ColumnsOf(Breach.Descriptor), Rows(breaches, r => r.Breach, cancellationToken));
            case "obligations":
                var obligations = reports.ListObligations(
                    new ListObligationsRequest
                    {
                        Year = query.Year,
                        Authorities = { query.Authorities },
                        AsKnownOn = query.AsKnownOn,
                    },
                    headers,
                    cancellationToken: cancellationToken
                );
                return (ColumnsOf(Obligation.Descriptor), Rows(obligations, r => r.Obligation, cancellationToken));
            case "warnings":
                var warnings = reports.ListWarnings(
                    new ListWarningsRequest
                    {
                        Year = query.Year,
                        Authorities = { query.Authorities },
                        AsKnownOn = query.AsKnownOn,
                    },
                    headers,
                    cancellationToken: cancellationToken
                );
                return (ColumnsOf(Warning.Descriptor), Rows(warnings, r => r.Warning, cancellationToken));
            case "clocks":
                var health = await reports.GetClockHealthAsync(new GetClockHealthRequest(), headers, cancellationToken: cancellationToken);
                return (["measure", "value"], Measures(health, "").ToAsyncEnumerable());
            case "findings":
                var findings = reports.ListFindings(
                    new ListFindingsRequest { Authorities = { query.Authorities } },
                    headers,
                    cancellationToken: cancellationToken
                );
                return (ColumnsOf(Finding.Descriptor), Rows(findings, r => r.Finding, cancellationToken));
            default:
                var table = await reports.GetFiguresAsync(
                    new GetFiguresRequest
                    {
                        Figures = query.Kind switch
                        {
                            "timeliness" => FigureReport.Timeliness,
                            "requests" => FigureReport.Requests,
                            "days" => FigureReport.Days,
                            _ => FigureReport.Assessments,
                        },
                        Year = query.Year,
                        Authorities = { query.Authorities },
                        AsKnownOn = query.AsKnownOn,
                    },
                    headers,
                    cancellationToken: cancellationToken
                );
                Warn(table.UnreadableCases);
                return (table.Columns, table.Rows.Select(r => (IReadOnlyList<string>)r.Cells).ToAsyncEnumerable());
        }
    }

    private static List<string> ColumnsOf(MessageDescriptor message) =>
        message.Fields.InFieldNumberOrder().Select(f => f.JsonName).ToList();

    /// <summary>A row a number or instant, named by its path, e.g. lastSweep.disagreements.</summary>
    private static IEnumerable<IReadOnlyList<string>> Measures(IMessage message, string within) =>
        from field in message.Descriptor.Fields.InFieldNumberOrder()
        let name = within + field.JsonName
        from row in field.Accessor.GetValue(message) switch
        {
            IMessage part => Measures(part, $"{name}."),
            null => [],
            var value =>
            [
                [name, Convert.ToString(value, CultureInfo.InvariantCulture)!],
            ],
        }
        select row;

    private static async IAsyncEnumerable<IReadOnlyList<string>> Rows<T>(
        AsyncServerStreamingCall<T> call,
        Func<T, IMessage> record,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using (call)
        {
            await foreach (var response in call.ResponseStream.ReadAllAsync(cancellationToken))
            {
                var message = record(response);
                yield return message
                    .Descriptor.Fields.InFieldNumberOrder()
                    .Select(f =>
                        f.Accessor.GetValue(message) switch
                        {
                            IEnumerable<string> many => string.Join(' ', many),
                            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
                            var other => other?.ToString() ?? "",
                        }
                    )
                    .ToList();
            }
            Warn(int.TryParse(call.GetTrailers().GetValue("unreadable-cases"), CultureInfo.InvariantCulture, out var cases) ? cases : 0);
        }
    }

    /// <summary>A report that is short of something says so, beside its records.</summary>
    public static void Warn(long unreadableCases, string what = "They are as last read, or with --as-known-on left out.")
    {
        if (unreadableCases > 0)
        {
            Console.Error.WriteLine(
                $"sendx: {unreadableCases:N0} cases hold a fact that the exchange cannot read. {what} "
                    + "sendx report findings names them (unreadable_fact)."
            );
        }
    }
}
