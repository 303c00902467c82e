using SendExchange.Education.V1;

namespace SendExchange.EndToEnd.Tests;

/// <summary>What is wrong is named, by line and field, and takes nothing else with it.</summary>
public sealed class BadInputTests(BadInputTests.Running running) : IClassFixture<BadInputTests.Running>
{
    private const int Done = 0;
    private const int Refused = 1;
    private const int Usage = 2;
    private const int Unreachable = 3;

    private const string Good =
        """{"factId":"{id}","organisation":"la:350","caseId":"c1","on":"2024-01-08","requestReceived":{"source":"SCHOOL"}}""";

    [Fact]
    public async Task Each_faulty_line_is_named_with_its_field_and_the_others_are_recorded()
    {
        var said = await Send(
            Fact("mixed-1"),
            """{"factId":"mixed-2","organisation":"la:350","caseId":"c1","on":"2024-01-08","requestReceived":{""",
            """{"factId":"mixed-3","organisation":"la:350","caseId":"c1","on":"2024-01-08","requestRecieved":{}}""",
            """{"factId":"mixed-4","organisation":"la:350","caseId":"c1","on":"2024-01-08","requestReceived":{},"draftPlanServed":{}}""",
            """{"factId":"mixed-5","organisation":"la:350","caseId":"c1","on":"2024-02-30","draftPlanServed":{}}""",
            """{"factId":"mixed-6","organisation":"la:350","caseId":"c1","on":"2024-01-08","at":"2024-01-08T09:00:00Z","draftPlanServed":{}}""",
            """{"factId":"mixed-7","organisation":"la:350","caseId":"c1","at":"2024-01-08 09:00","becameResponsible":{"awareOn":"8 January"}}""",
            """{"factId":"mixed-8","organisation":"la:350","caseId":"c1","on":"2024-01-08"}""",
            """{"factId":"mixed-9","organisation":"la:99","caseId":"c1","on":"2024-01-08","draftPlanServed":{}}""",
            """["not","a","fact"]""",
            "",
            Fact("mixed-12")
        );

        Assert.Equal("accepted 2, duplicate 0, refused 9\n", said.Out);
        Assert.Equal(Refused, said.Exit);
        Names(said, 2, "malformed JSON at byte ");
        Names(said, 3, "requestRecieved: unknown body; did you mean requestReceived?");
        Names(said, 4, "draftPlanServed: a second body beside requestReceived: a fact has exactly one");
        Names(said, 5, "on: is '2024-02-30'; a calendar date is expected, e.g. 2024-01-08");
        Names(said, 6, "at: is given beside on; exactly one of the two is expected");
        Names(said, 7, "at: is '2024-01-08 09:00'; an RFC 3339 instant with its offset is expected, e.g. 2024-01-08T09:30:00Z");
        Names(said, 7, "becameResponsible.awareOn: is a text of 9 characters; a calendar date is expected, e.g. 2024-01-08");
        Names(said, 8, "no body: expected exactly one, such as requestReceived or adviceSought");
        Names(said, 9, "organisation: ");
        Names(said, 10, "expected one JSON object, saw a list");
        Assert.Equal(["mixed-1", "mixed-12"], await running.Recorded("mixed-"));
    }

    [Fact]
    public async Task An_organisation_that_the_token_does_not_speak_for_is_refused_fact_by_fact()
    {
        var token = await Sendx.Run("token", "--organisation", "la:350", "--role", "sender", "--data", running.Exchange.Data);
        var file = running.File(Fact("token-1"), Fact("token-2").Replace("la:350", "la:936"), Fact("token-3"));

        var said = await running.Exchange.Send(file, "--token", token.Done().Out.Trim());

        Assert.Equal("accepted 2, duplicate 0, refused 1\n", said.Out);
        Assert.Equal(Refused, said.Exit);
        Names(said, 2, "organisation: is la:936, but the token speaks for la:350");
        Assert.Equal(["token-1", "token-3"], await running.Recorded("token-"));
    }

    [Fact]
    public async Task A_fact_beyond_64_kB_is_refused_alone()
    {
        var said = await Send(Fact("large-1"), Withdrawal("large-2", bytes: 70_000), Fact("large-3"));

        Assert.Equal("accepted 2, duplicate 0, refused 1\n", said.Out);
        Assert.Equal(Refused, said.Exit);
        Names(said, 2, "the fact has 70,0");
        Assert.Contains("bytes; at most 65,536 are taken", said.Error);
        Assert.Equal(["large-1", "large-3"], await running.Recorded("large-"));
    }

    [Fact]
    public async Task A_fact_beyond_what_a_message_may_hold_is_refused_alone()
    {
        var said = await Send(Fact("huge-1"), Withdrawal("huge-2", bytes: 5_000_000), Fact("huge-3"));

        Assert.Equal("accepted 2, duplicate 0, refused 1\n", said.Out);
        Assert.Equal(Refused, said.Exit);
        Names(said, 2, "the fact has 5,000,0");
        Assert.Equal(["huge-1", "huge-3"], await running.Recorded("huge-"));
    }

    [Fact]
    public async Task A_stream_cut_in_the_middle_of_a_message_goes_on_where_its_receipts_ended()
    {
        using var proxy = new CuttingProxy(running.Exchange.Education, 5_001, 30_003, 12_345);
        var file = running.File([.. Enumerable.Range(1, 600).Select(i => Fact($"cut-{i:000}"))]);

        var said = await (running.Exchange with { Education = proxy.Address }).Send(file);

        Assert.Equal(3, proxy.Cut);
        Assert.Equal(Done, said.Exit);
        Assert.Matches(@"^accepted \d+, duplicate \d+, refused 0\n$", said.Out);
        Assert.Equal(Enumerable.Range(1, 600).Select(i => $"cut-{i:000}"), await running.Recorded("cut-"));
    }

    [Fact]
    public async Task An_exchange_that_does_not_answer_is_told_by_its_address_and_exit_code_3()
    {
        var nowhere = running.Exchange with { Education = "http://127.0.0.1:9", Aggregator = "http://127.0.0.1:9" };

        var send = await nowhere.Send(running.File(Fact("nowhere-1")));
        var report = await Sendx.Run("report", "timeliness", "--year", "2023", "--server", nowhere.Aggregator, "--data", nowhere.Data);

        foreach (var said in new[] { send, report })
        {
            Assert.Equal(Unreachable, said.Exit);
            Assert.StartsWith("sendx: http://127.0.0.1:9 does not answer: ", said.Error);
            Assert.Equal("", said.Out);
        }
    }

    [Theory]
    [InlineData("Option '--year' is required", "report", "timeliness")]
    [InlineData("Argument 'punctuality' not recognized", "report", "punctuality", "--year", "2023")]
    [InlineData("'--frmat'", "report", "timeliness", "--year", "2023", "--frmat", "csv")]
    [InlineData("no-such-file.jsonl", "send", "no-such-file.jsonl")]
    [InlineData("No token", "report", "timeliness", "--year", "2023", "--data", "no-such-folder")]
    [InlineData("la350", "token", "--organisation", "la350", "--role", "sender")]
    public async Task What_was_called_wrongly_is_said_with_exit_code_2(string problem, params string[] command)
    {
        var said = await Sendx.Run(command);

        Assert.Contains(problem, said.Error);
        Assert.Equal(Usage, said.Exit);
    }

    [Fact]
    public async Task A_report_of_what_does_not_exist_is_refused_with_the_reason()
    {
        var exchange = running.Exchange;
        var said = await Sendx.Run([
            "report",
            "timeliness",
            "--year",
            "1999",
            "--authority",
            "350",
            "--server",
            exchange.Aggregator,
            "--data",
            exchange.Data,
        ]);

        Assert.Equal(Refused, said.Exit);
        Assert.Contains("year: is 1999; a year from 2014 to 2100 is expected", said.Error);
    }

    private static string Fact(string id) => Good.Replace("{id}", id);

    private static string Withdrawal(string id, int bytes) =>
        $$$"""{"factId":"{{{id}}}","organisation":"la:350","caseId":"c1","on":"2024-01-08","requestWithdrawn":{"reason":"{{{new string('x', bytes)}}}"}}""";

    private static void Names(Said said, int line, string problem) =>
        Assert.Contains(said.Complaints, complaint => complaint.Contains($".jsonl:{line}: {problem}"));

    private Task<Said> Send(params string[] lines) => running.Exchange.Send(running.File(lines));

    /// <summary>One exchange for all of these.</summary>
    public sealed class Running : IAsyncLifetime
    {
        private readonly TemporaryFolder folder = new();
        private OneProcess? one;
        private int files;

        internal Exchange Exchange => one!.Exchange;

        public async ValueTask InitializeAsync() => one = await OneProcess.Start();

        public async ValueTask DisposeAsync()
        {
            await one!.DisposeAsync();
            folder.Dispose();
        }

        internal string File(params string[] lines) => folder.With($"facts-{Interlocked.Increment(ref files)}.jsonl", lines);

        /// <summary>Ids of the facts on record, in order of id.</summary>
        internal async Task<IReadOnlyList<string>> Recorded(string prefix)
        {
            await using var stores = one!.Stores();
            return await stores.Query<string>("education", $"select fact_id from facts where fact_id like '{prefix}%' order by fact_id");
        }
    }
}
