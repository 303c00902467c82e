using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SendExchange.Sendx;

namespace SendExchange.Services.Tests;

public class ExplainTests
{
    private const string Request =
        """{"factId":"f1","organisation":"la:350","caseId":"c1","on":"2024-01-08","requestReceived":{"source":"SCHOOL"}}""";
    private const string Decision =
        """{"factId":"f2","organisation":"la:350","caseId":"c1","on":"2024-02-22","decisionNotified":{"outcome":"ASSESS"}}""";
    private static readonly DateOnly _asOf = new(2024, 7, 1);

    [Fact]
    public async Task An_obligation_is_one_object_a_line_with_the_wire_names()
    {
        var answer = await Explain([Request, Decision]);

        Assert.Equal(0, answer.Exit);
        Assert.Equal(
            """{"authority":"la:350","caseId":"c1","obligation":"decide_to_assess","obligor":"la:350","rule":"SEND Regulations 2014, reg 5(1)","rulePack":"2014","start":"2024-01-08","target":"2024-02-18","due":"2024-02-19","breachAt":"2024-02-20T00:00:00Z","state":"MET_LATE","doneOn":"2024-02-22","daysLate":3,"basis":["f1","f2"]}""",
            answer.Output[0]
        );
        Assert.Equal(["decide_to_assess", "notify_no_plan", "finalise_plan"], Values(answer, "obligation"));
    }

    [Fact]
    public async Task The_day_asked_about_decides()
    {
        Assert.Equal("OPEN", Values(await Explain([Request], asOf: new(2024, 2, 19)), "state")[0]);
        Assert.Equal("BREACHED", Values(await Explain([Request], asOf: new(2024, 2, 20)), "state")[0]);
    }

    [Fact]
    public async Task Why_adds_sentences_to_each_obligation()
    {
        var line = (await Explain([Request, Decision], why: true)).Output[0];

        var why = JsonDocument.Parse(line).RootElement.GetProperty("why").EnumerateArray().Select(s => s.GetString()!).ToList();
        Assert.Equal(
            "la:350 must notify the family whether an assessment will be secured by 19 February 2024: SEND Regulations 2014, reg 5(1).",
            why[0]
        );
        Assert.Equal("It was done on 22 February 2024, 3 days late.", why[^1]);

        var told = (await Explain([Request, Decision], format: "table", why: true)).Output;
        Assert.Equal("c1: decide_to_assess, MET_LATE", told[0]);
        Assert.Equal(why, told.Skip(1).Take(why.Count).Select(text => text.Trim()));
    }

    [Fact]
    public async Task Days_say_who_held_each_case_and_add_up()
    {
        var held = (await Explain([Request, Decision], format: "csv", days: true)).Output;

        Assert.Equal(
            [
                "authority,caseId,from,to,holder,organisation,adviceId,days",
                "la:350,c1,2024-01-08,2024-07-01,DECIDING,,,45",
                "la:350,c1,2024-01-08,2024-07-01,DRAFTING,,,130",
            ],
            held
        );
        Assert.Equal(45 + 130, _asOf.DayNumber - new DateOnly(2024, 1, 8).DayNumber);
    }

    [Fact]
    public async Task Cases_come_in_the_order_in_which_the_file_first_names_them_whatever_lies_between()
    {
        string[] second = [Request.Replace("c1", "c2"), Decision.Replace("c1", "c2")];
        var apart = await Explain([second[0], Request, second[1], Decision]);
        var together = await Explain([.. second, Request, Decision]);

        Assert.Equal(together.Output, apart.Output);
        Assert.Equal(["c2", "c2", "c2", "c1", "c1", "c1"], Values(apart, "caseId"));
    }

    [Fact]
    public async Task The_same_case_id_in_two_authorities_is_two_cases()
    {
        var answer = await Explain([Request, Request.Replace("la:350", "la:351")]);

        Assert.Equal(["la:350", "la:350", "la:351", "la:351"], Values(answer, "authority").Order());
    }

    [Fact]
    public async Task Every_faulty_line_is_named_with_all_its_faults_and_loses_nothing_else()
    {
        var answer = await Explain([
            "{",
            Request,
            """{"factId":"f3","organisation":"la:35","caseId":"c1","on":"2024-02-30","colour":"red","noPlanNotified":{}}""",
            "",
            """{"factId":"f4","organisation":"icb:QOP","authority":"la:350","caseId":"c1","on":"2024-02-01","noPlanNotified":{}}""",
            Decision,
        ]);

        Assert.Equal(1, answer.Exit);
        Assert.Equal((await Explain([Request, Decision])).Output, answer.Output);
        Assert.Contains(answer.Errors, line => line.StartsWith("facts:1: malformed JSON at byte 2", StringComparison.Ordinal));
        Assert.Contains("facts:3: colour: unknown field", answer.Errors);
        Assert.Contains(answer.Errors, line => line.StartsWith("facts:3: on: ", StringComparison.Ordinal));
        Assert.Contains(answer.Errors, line => line.StartsWith("facts:3: organisation: ", StringComparison.Ordinal));
        Assert.Contains("facts:5: organisation: is icb:QOP, which may not say noPlanNotified", answer.Errors);
    }

    [Fact]
    public async Task Findings_are_counted_and_printed_when_asked_for()
    {
        var counted = await Explain([Decision]);
        Assert.Equal((0, "facts: 1 × no_start"), (counted.Exit, Assert.Single(counted.Errors)));

        var printed = await Explain([Decision], findings: true);
        Assert.Equal(1, printed.Exit);
        var finding = JsonNode.Parse(printed.Errors[0])!;
        Assert.Equal(("la:350", "c1", "no_start"), ((string)finding["authority"]!, (string)finding["caseId"]!, (string)finding["code"]!));
    }

    [Fact]
    public async Task A_retraction_filed_under_another_case_takes_effect()
    {
        var retraction =
            """{"factId":"f3","organisation":"la:350","caseId":"other","on":"2024-03-01","retracted":{"factId":"f2","reason":"wrong child"}}""";

        var answer = await Explain([retraction, Request, Decision]);

        Assert.Equal("BREACHED", Values(answer, "state")[0]);
        // And taking the retraction back, from a third case, takes that back.
        var back = retraction
            .Replace("\"f2\"", "\"f3\"")
            .Replace("\"factId\":\"f3\",\"organisation\"", "\"factId\":\"f4\",\"organisation\"");
        Assert.Equal("MET_LATE", Values(await Explain([back.Replace("other", "third"), retraction, Request, Decision]), "state")[0]);
    }

    [Theory]
    [InlineData("\n", "", true)]
    [InlineData("\r\n", "", true)]
    [InlineData("\n", "\uFEFF", false)]
    [InlineData("\n \n\t\n", "", false)]
    public async Task Line_ends_and_byte_order_marks_do_not_matter(string lineEnd, string mark, bool lastLineEnds)
    {
        var text = mark + Request + lineEnd + Decision + (lastLineEnds ? lineEnd : "");

        var answer = await Explain(Encoding.UTF8.GetBytes(text));

        Assert.Equal((await Explain([Request, Decision])).Output, answer.Output);
        Assert.Equal(0, answer.Exit);
    }

    [Fact]
    public async Task A_file_of_many_blocks_reads_like_its_cases_one_by_one()
    {
        var simulated = new MemoryStream();
        var row = PublishedFigures.Embedded().Find(2023, "350", out _)!;
        await SimulateCommand.Write([row], 1, simulated, CancellationToken.None);
        var file = simulated.ToArray();
        Assert.True(file.Length > 2 << 20, "more than two blocks");

        var whole = await Explain(file);
        var parts = new List<string>();
        foreach (var part in Encoding.UTF8.GetString(file).Split('\n', StringSplitOptions.RemoveEmptyEntries).GroupBy(CaseOf).Chunk(50))
        {
            parts.AddRange((await Explain([.. part.SelectMany(lines => lines)])).Output);
        }

        Assert.Equal(parts, whole.Output);
        // Nor does it matter in what pieces the bytes come.
        Assert.Equal(whole.Output, (await Explain(new Dribble(file))).Output);
    }

    [Fact]
    public async Task A_line_longer_than_a_block_is_a_fault_of_that_line_only()
    {
        var monster = $$"""{"factId":"{{new string('x', 3 << 20)}}"}""";

        foreach (
            var lines in (string[][])
                [
                    [monster, Request, Decision],
                    [Request, monster, Decision],
                    [Request, Decision, monster],
                ]
        )
        {
            var answer = await Explain(lines);
            Assert.Equal((await Explain([Request, Decision])).Output, answer.Output);
            Assert.Equal(
                $"facts:{Array.IndexOf(lines, monster) + 1}: the line is longer than 1,048,576 bytes",
                Assert.Single(answer.Errors)
            );
        }
        var after = await Explain([monster, "{"]);
        Assert.StartsWith("facts:2: malformed", after.Errors[1]);
    }

    [Fact]
    public async Task Csv_has_the_same_fields_in_columns()
    {
        var answer = await Explain([Request, Decision], format: "csv");

        Assert.Equal(
            "authority,caseId,obligation,adviceId,obligor,rule,rulePack,start,target,due,breachAt,state,doneOn,daysLate,ground,groundRejected,basis,occasion",
            answer.Output[0]
        );
        Assert.StartsWith("la:350,c1,decide_to_assess,,la:350,\"SEND Regulations 2014, reg 5(1)\",2014,2024-01-08,", answer.Output[1]);
        Assert.EndsWith(",MET_LATE,2024-02-22,3,,,f1 f2,", answer.Output[1]);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_wrong_usage()
    {
        Assert.Equal(
            2,
            await ExplainCommand.Create().Parse(["/nowhere/facts.jsonl"]).InvokeAsync(null, TestContext.Current.CancellationToken)
        );
    }

    private sealed record Answer(int Exit, List<string> Output, List<string> Errors);

    private static Task<Answer> Explain(
        string[] lines,
        DateOnly? asOf = null,
        string format = "json",
        bool findings = false,
        bool why = false,
        bool days = false
    ) =>
        Explain(
            new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines) + '\n')),
            new ExplainCommand.Question(asOf ?? _asOf, format, findings, why, days)
        );

    private static Task<Answer> Explain(byte[] file) => Explain(new MemoryStream(file));

    private static async Task<Answer> Explain(Stream input, ExplainCommand.Question? question = null)
    {
        using var output = new MemoryStream();
        await using var errors = new StringWriter();
        question ??= new ExplainCommand.Question(_asOf, "json", Findings: false);
        var exit = await ExplainCommand.Run(input, "facts", question, output, errors, TestContext.Current.CancellationToken);
        return new Answer(exit, Lines(Encoding.UTF8.GetString(output.ToArray())), Lines(errors.ToString()));
    }

    private static List<string> Lines(string text) => [.. text.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];

    private static List<string> Values(Answer answer, string field) =>
        answer.Output.ConvertAll(line => JsonDocument.Parse(line).RootElement.GetProperty(field).GetString()!);

    private static string CaseOf(string line) => (string)JsonNode.Parse(line)!["caseId"]!;

    /// <summary>A stream that gives its bytes in odd pieces, as a pipe may.</summary>
    private sealed class Dribble(byte[] bytes) : MemoryStream(bytes)
    {
        private int _piece;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1 + (_piece++ * 7919 % 65_536))], cancellationToken);
    }
}
