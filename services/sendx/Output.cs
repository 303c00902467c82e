using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsvHelper;
using Spectre.Console;

namespace SendExchange.Sendx;

/// <summary>Records for people (table), programs (JSON, one object a line) and spreadsheets (CSV).</summary>
internal static class Output
{
    private const int MostColumnsAcross = 10; // Wider records are shown as one column each.
    private const int WidthOfFiles = 400;
    private static readonly JsonWriterOptions _plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A file or a pipe has no width to fit into, and a record broken over lines is no use in one.</summary>
    public static void FitToOutput()
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = WidthOfFiles;
        }
    }

    public static Option<string> FormatOption()
    {
        var format = new Option<string>("--format")
        {
            Description = "table, json (one object a line) or csv.",
            DefaultValueFactory = _ => "table",
        };
        format.AcceptOnlyFromAmong("table", "json", "csv");
        return format;
    }

    public static Task Write(
        TextWriter output,
        IReadOnlyList<string> columns,
        IAsyncEnumerable<IReadOnlyList<string>> rows,
        string format
    ) =>
        format switch
        {
            "json" => Json(output, columns, rows),
            "csv" => Csv(output, columns, rows),
            _ => Table(columns, rows),
        };

    private static async Task Json(TextWriter output, IReadOnlyList<string> columns, IAsyncEnumerable<IReadOnlyList<string>> rows)
    {
        using var line = new MemoryStream();
        await foreach (var row in rows)
        {
            line.SetLength(0);
            await using (var json = new Utf8JsonWriter(line, _plain))
            {
                json.WriteStartObject();
                for (var i = 0; i < columns.Count; i++)
                {
                    if (row[i].Length > 0)
                    {
                        WriteValue(json, columns[i], row[i]);
                    }
                }
                json.WriteEndObject();
            }
            await output.WriteLineAsync(System.Text.Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length));
        }
    }

    // Counts and percentages are numbers; codes such as 350 stay text, as DfE has them.
    private static void WriteValue(Utf8JsonWriter json, string column, string cell)
    {
        if (
            !column.EndsWith("code", StringComparison.Ordinal)
            && !column.EndsWith("Id", StringComparison.Ordinal)
            && decimal.TryParse(cell, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        )
        {
            json.WriteNumber(column, number);
        }
        else
        {
            json.WriteString(column, cell);
        }
    }

    private static async Task Csv(TextWriter output, IReadOnlyList<string> columns, IAsyncEnumerable<IReadOnlyList<string>> rows)
    {
        await using var csv = CsvWriter.Create(output, CsvWriterOptions.Default, leaveOpen: true);
        csv.WriteRecord(columns.ToArray());
        await foreach (var row in rows)
        {
            csv.WriteRecord(row.ToArray());
        }
    }

    private static async Task Table(IReadOnlyList<string> columns, IAsyncEnumerable<IReadOnlyList<string>> source)
    {
        var rows = await source.ToListAsync();
        var used = Enumerable.Range(0, columns.Count).Where(c => rows.Count == 0 || rows.Any(r => r[c].Length > 0)).ToList();
        var table = new Table().Border(TableBorder.Simple);
        if (used.Count > MostColumnsAcross && rows.Count <= 5)
        {
            // Few and wide: a line a column, so that a screen can hold it.
            table.AddColumn("").HideHeaders();
            foreach (var _ in rows)
            {
                table.AddColumn("");
            }
            foreach (var c in used)
            {
                table.AddRow([columns[c], .. rows.Select(r => Markup.Escape(r[c]))]);
            }
        }
        else
        {
            foreach (var c in used)
            {
                table.AddColumn(new TableColumn(Markup.Escape(columns[c])).NoWrap());
            }
            foreach (var row in rows)
            {
                table.AddRow(used.Select(c => Markup.Escape(row[c])).ToArray());
            }
        }
        AnsiConsole.Write(table);
    }
}
