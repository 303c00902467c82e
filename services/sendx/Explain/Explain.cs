using System.Buffers;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;
using SendExchange.Aggregator.Reports;
using SendExchange.Statute;

namespace SendExchange.Sendx;

/// <summary>
/// <c>sendx explain</c>: what the facts of a file come to, without a server; or how one case of an exchange stands, and why.
/// </summary>
internal static class ExplainCommand
{
    private const int CasesAtOnce = 256;

    // An obligation has the same fields here as on the wire.
    private static readonly (FieldDescriptor Field, JsonEncodedText Name)[] _fields =
    [
        .. Aggregator.V1.Obligation.Descriptor.Fields.InFieldNumberOrder().Select(f => (f, JsonEncodedText.Encode(f.JsonName))),
    ];

    // As much as a screen holds.
    private static readonly string[] _tableColumns =
    [
        "caseId",
        "obligation",
        "adviceId",
        "obligor",
        "due",
        "state",
        "doneOn",
        "daysLate",
        "ground",
    ];
    private static readonly JsonWriterOptions _plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <param name="AsOf">The day asked about, Europe/London. What is dated later has not happened yet.</param>
    /// <param name="Format">table, json or csv.</param>
    /// <param name="Findings">Print each finding instead of counting them.</param>
    /// <param name="Why">Say of each obligation in words why it stands as it does.</param>
    /// <param name="Days">Print who held each case for how many days instead of its obligations.</param>
    internal sealed record Question(DateOnly AsOf, string Format, bool Findings, bool Why = false, bool Days = false);

    public static Command Create()
    {
        var file = new Argument<string?>("file")
        {
            Description = "Facts, one JSON object a line; - reads standard input. Left out with --case.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var asOf = new Option<DateOnly?>("--as-of")
        {
            Description = "The day asked about, e.g. 2024-07-01; left out: today in London.",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                {
                    return day;
                }
                result.AddError($"--as-of is '{text}'; a calendar date is expected, e.g. 2024-07-01.");
                return null;
            },
        };
        var format = Output.FormatOption();
        format.DefaultValueFactory = _ => "json";
        var findings = new Option<bool>("--findings")
        {
            Description = "Print what is odd in the facts, one JSON object a line on standard error, and exit with 1 if anything is.",
        };
        var why = new Option<bool>("--why") { Description = "Say of each obligation in words why it stands as it does." };
        var days = new Option<bool>("--days") { Description = "Who held each case for how many days, instead of its obligations." };
        var one = new Option<string>("--case")
        {
            Description = "Instead of a file: a case that an exchange holds, by authority and reference, e.g. 350/B-17.",
        };
        var asKnownOn = new Option<string>("--as-known-on")
        {
            Description = "With --case: as it stood at the end of that day, with what the exchange had been told by then.",
        };
        var options = new Client.Options();
        var command = new Command(
            "explain",
            "The obligations of the given facts, offline. Faulty lines are named on standard error; the others count. Exits with 1 if there were any."
        )
        {
            file,
            asOf,
            format,
            findings,
            why,
            days,
            one,
            asKnownOn,
        };
        options.AddTo(command);
        command.Validators.Add(result =>
        {
            var (hasFile, hasCase) = (result.GetResult(file)?.Tokens.Count > 0, result.GetResult(one) is not null);
            if (hasFile == hasCase)
            {
                result.AddError(hasFile ? "A file and --case are given; one is expected." : "A file of facts, or --case, is expected.");
            }
            else if (hasCase && result.GetResult(asOf) is not null)
            {
                result.AddError("--as-of is for a file; with --case there is --as-known-on.");
            }
            else if (hasFile && result.GetResult(asKnownOn) is not null)
            {
                result.AddError("--as-known-on is for --case: a file does not say when its facts became known.");
            }
        });
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                if (parsed.GetValue(one) is { } reference)
                {
                    return await ExplainCase.Run(
                        options,
                        parsed,
                        reference,
                        parsed.GetValue(asKnownOn) ?? "",
                        parsed.GetResult(format) is { Implicit: false } ? parsed.GetValue(format)! : "table",
                        cancellationToken
                    );
                }
                var path = parsed.GetValue(file)!;
                var question = new Question(
                    parsed.GetValue(asOf) ?? London.Today(TimeProvider.System),
                    parsed.GetValue(format)!,
                    parsed.GetValue(findings),
                    parsed.GetValue(why),
                    parsed.GetValue(days)
                );
                try
                {
                    await using var input = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
                    await using var output = Console.OpenStandardOutput();
                    return await Run(input, path, question, output, Console.Error, cancellationToken);
                }
                catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
                {
                    await Console.Error.WriteLineAsync($"sendx: {problem.Message}");
                    return Exit.Usage;
                }
            }
        );
        return command;
    }

    /// <summary>Reads all facts, then prints case by case in the order in which the file first names them.</summary>
    internal static async Task<int> Run(
        Stream input,
        string name,
        Question question,
        Stream output,
        TextWriter errors,
        CancellationToken cancellationToken
    )
    {
        var file = new CasesOfFile();
        var progress = Stopwatch.StartNew();
        await foreach (var read in InOrder(FactBlocks.Of(input, cancellationToken), FactBlocks.Read))
        {
            foreach (var fault in read.Faults)
            {
                await errors.WriteLineAsync($"{name}:{fault}");
            }
            file.Add(read);
            if (progress.Elapsed > TimeSpan.FromSeconds(2))
            {
                progress.Restart();
                await errors.WriteLineAsync($"{name}: {file.Facts:N0} facts of {file.Cases.Count:N0} cases read");
            }
        }
        file.AddReplacementsFromOtherCases();

        var odd = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var batches = InOrder(file.Cases.Chunk(CasesAtOnce).ToAsyncEnumerable(), cases => Explain(cases, question));
        if (question is { Format: "json", Days: false })
        {
            await foreach (var batch in batches)
            {
                await output.WriteAsync(batch.Json.WrittenMemory, cancellationToken);
                await Report(batch);
            }
            await output.FlushAsync(cancellationToken);
        }
        else if (question.Days)
        {
            await using var text = new StreamWriter(output, leaveOpen: true);
            await Output.Write(
                text,
                ["authority", "caseId", "from", "to", "holder", "organisation", "adviceId", "days"],
                DaysRows(),
                question.Format
            );
        }
        else if (question is { Why: true, Format: "table" })
        {
            await using var text = new StreamWriter(output, leaveOpen: true);
            await foreach (var batch in batches)
            {
                foreach (var (obligation, why) in batch.Obligations)
                {
                    await text.WriteAsync(Told(ObligationOnTheWire.Of(obligation), why));
                }
                await Report(batch);
            }
        }
        else
        {
            await using var text = new StreamWriter(output, leaveOpen: true);
            var shown = question.Format == "table" ? _fields.Where(f => _tableColumns.Contains(f.Field.JsonName)) : _fields;
            FieldDescriptor[] columns = [.. shown.Select(f => f.Field)];
            string[] reasons = question.Why ? ["why"] : [];
            await Output.Write(text, [.. columns.Select(c => c.JsonName), .. reasons], Rows(columns), question.Format);
        }
        foreach (var (code, count) in odd)
        {
            await errors.WriteLineAsync($"{name}: {count:N0} × {code}");
        }
        return file.Faults > 0 || (question.Findings && odd.Count > 0) ? Exit.Refused : Exit.Done;

        async IAsyncEnumerable<IReadOnlyList<string>> Rows(FieldDescriptor[] columns)
        {
            await foreach (var batch in batches)
            {
                foreach (var (obligation, why) in batch.Obligations)
                {
                    yield return question.Why ? [.. Row(obligation, columns), string.Join(' ', why)] : Row(obligation, columns);
                }
                await Report(batch);
            }
        }

        async IAsyncEnumerable<IReadOnlyList<string>> DaysRows()
        {
            await foreach (var batch in batches)
            {
                foreach (var (one, ledger) in batch.Ledgers)
                {
                    foreach (var held in ledger.Held)
                    {
                        yield return
                        [
                            one.Authority,
                            one.CaseId,
                            ledger.From,
                            ledger.To,
                            held.Holder,
                            held.Organisation,
                            held.AdviceId,
                            held.Days.ToString(CultureInfo.InvariantCulture),
                        ];
                    }
                }
                await Report(batch);
            }
        }

        async Task Report(Batch batch)
        {
            foreach (var finding in batch.Findings)
            {
                odd[finding.Code] = odd.GetValueOrDefault(finding.Code) + 1;
                if (question.Findings)
                {
                    await errors.WriteLineAsync(Text(finding));
                }
            }
        }
    }

    /// <summary>An obligation as a text for people: what it is and how it stands, then why, a sentence a line.</summary>
    internal static string Told(Aggregator.V1.Obligation obligation, IEnumerable<string> why)
    {
        var names = new[] { obligation.Obligation_, obligation.AdviceId, obligation.Occasion }.Where(name => name.Length > 0);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{obligation.CaseId}: {string.Join(' ', names)}, {obligation.State}\n");
        foreach (var sentence in why)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {sentence}\n");
        }
        return text.Append('\n').ToString();
    }

    private sealed record Batch(
        ArrayBufferWriter<byte> Json,
        List<(Obligation Obligation, IReadOnlyList<string> Why)> Obligations,
        List<(CasesOfFile.Case Case, Aggregator.V1.DaysLedger Ledger)> Ledgers,
        List<Finding> Findings
    );

    private static Batch Explain(CasesOfFile.Case[] cases, Question question)
    {
        var batch = new Batch(new ArrayBufferWriter<byte>(1 << 16), [], [], []);
        using var json = new Utf8JsonWriter(batch.Json, _plain);
        foreach (var one in cases)
        {
            var reading = CaseReading.Of(one.Facts, one.Authority, one.CaseId, question.AsOf);
            batch.Findings.AddRange(reading.Findings);
            if (question.Days)
            {
                if (DaysLedger.Of(one.Facts, one.Authority, one.CaseId, question.AsOf) is { } ledger)
                {
                    batch.Ledgers.Add((one, DaysOnTheWire.Of(ledger)));
                }
                continue;
            }
            foreach (var obligation in reading.Obligations)
            {
                var why = question.Why ? Why.Of(obligation, one.Facts) : [];
                if (question.Format != "json")
                {
                    batch.Obligations.Add((obligation, why));
                    continue;
                }
                Write(json, ObligationOnTheWire.Of(obligation), why);
                json.Flush();
                json.Reset();
                batch.Json.Write("\n"u8);
            }
        }
        return batch;
    }

    private static void Write(Utf8JsonWriter json, IMessage obligation, IReadOnlyList<string> why)
    {
        json.WriteStartObject();
        foreach (var (field, name) in _fields)
        {
            switch (field.Accessor.GetValue(obligation))
            {
                case string { Length: > 0 } text:
                    json.WriteString(name, text);
                    break;
                case int number:
                    json.WriteNumber(name, number);
                    break;
                case RepeatedField<string> many:
                    json.WriteStartArray(name);
                    foreach (var one in many)
                    {
                        json.WriteStringValue(one);
                    }
                    json.WriteEndArray();
                    break;
            }
        }
        if (why.Count > 0)
        {
            json.WriteStartArray("why");
            foreach (var sentence in why)
            {
                json.WriteStringValue(sentence);
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static List<string> Row(Obligation obligation, FieldDescriptor[] columns)
    {
        var message = ObligationOnTheWire.Of(obligation);
        return
        [
            .. columns.Select(column =>
                column.Accessor.GetValue(message) switch
                {
                    RepeatedField<string> many => string.Join(' ', many),
                    int number => number.ToString(CultureInfo.InvariantCulture),
                    var other => (string)other,
                }
            ),
        ];
    }

    private static string Text(Finding finding) =>
        JsonSerializer.Serialize(
            new
            {
                authority = finding.Authority,
                caseId = finding.CaseId,
                code = finding.Code,
                detail = finding.Detail,
                facts = finding.Facts,
            },
            _readable
        );

    private static readonly JsonSerializerOptions _readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Does the work on every core, a few items ahead, and hands the results out in the order of the items.</summary>
    private static async IAsyncEnumerable<TResult> InOrder<TItem, TResult>(IAsyncEnumerable<TItem> items, Func<TItem, TResult> work)
    {
        var ahead = Environment.ProcessorCount + 1;
        var running = new Queue<Task<TResult>>();
        await foreach (var item in items)
        {
            running.Enqueue(Task.Run(() => work(item)));
            if (running.Count > ahead)
            {
                yield return await running.Dequeue();
            }
        }
        while (running.TryDequeue(out var task))
        {
            yield return await task;
        }
    }
}
