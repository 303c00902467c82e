using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using SendExchange.Testing;

namespace SendExchange.EndToEnd.Tests;

/// <summary>The exchange's own services, called by a gRPC client that nobody here wrote: grpcio, as Debian packages it.</summary>
/// <remarks>
/// Each test is the function of its name (but for its first letter) in conformance/client.py, run in a Python of its own
/// against one <c>sendx up</c>, which must not log an error meanwhile.
/// </remarks>
public sealed class GrpcConformanceTests(GrpcConformanceTests.RunningExchange exchange)
    : IClassFixture<GrpcConformanceTests.RunningExchange>
{
    [Fact]
    public Task A_fact_gets_a_receipt_and_the_same_again_when_it_is_repeated() => exchange.Holds();

    [Fact]
    public Task A_fact_with_faults_is_no_error_but_a_receipt_that_names_them_all() => exchange.Holds();

    [Fact]
    public Task Receipts_come_in_the_order_of_the_facts() => exchange.Holds();

    [Fact]
    public Task A_receipt_does_not_wait_for_the_next_fact() => exchange.Holds();

    [Fact]
    public Task Half_closing_a_stream_without_facts_ends_it_well() => exchange.Holds();

    [Fact]
    public Task Streams_over_one_connection_do_not_mix() => exchange.Holds();

    [Fact]
    public Task What_had_a_receipt_before_the_client_cancelled_is_kept() => exchange.Holds();

    [Fact]
    public Task A_sender_that_takes_no_receipts_is_made_to_wait() => exchange.Holds();

    [Fact]
    public Task Breaches_and_obligations_are_streamed() => exchange.Holds();

    [Fact]
    public Task A_report_without_rows_is_an_empty_stream_that_ends_well() => exchange.Holds();

    [Fact]
    public Task A_report_can_be_cancelled_half_read() => exchange.Holds();

    [Fact]
    public Task A_stream_past_its_deadline_ends_with_DEADLINE_EXCEEDED_and_keeps_its_facts() => exchange.Holds();

    [Fact]
    public Task The_server_keeps_the_deadline_when_the_client_does_not() => exchange.Holds();

    [Fact]
    public Task The_server_ends_the_calls_that_its_client_cancelled() => exchange.Holds();

    [Fact]
    public async Task A_stream_open_at_shutdown_ends_with_UNAVAILABLE_and_is_told_what_to_do()
    {
        await using var ending = new RunningExchange();
        await ending.InitializeAsync();
        await ending.Holds();
        Assert.Equal(0, await ending.Ended());
    }

    [Fact]
    public Task A_call_without_a_token_is_UNAUTHENTICATED() => exchange.Holds();

    [Fact]
    public Task A_forged_token_is_UNAUTHENTICATED() => exchange.Holds();

    [Fact]
    public Task A_token_out_of_its_time_is_UNAUTHENTICATED_and_told_so() => exchange.Holds();

    [Fact]
    public Task A_role_that_may_not_call_is_PERMISSION_DENIED_and_told_which_may() => exchange.Holds();

    [Fact]
    public Task A_token_without_an_organisation_is_UNAUTHENTICATED_and_told_so() => exchange.Holds();

    [Fact]
    public Task An_authority_is_PERMISSION_DENIED_the_report_of_another() => exchange.Holds();

    [Fact]
    public Task An_INVALID_ARGUMENT_names_every_field_in_the_standard_details() => exchange.Holds();

    [Fact]
    public Task A_stream_that_fails_before_its_first_message_has_the_details_too() => exchange.Holds();

    [Fact]
    public Task The_text_of_an_error_survives_its_header() => exchange.Holds();

    [Fact]
    public Task A_NOT_FOUND_has_no_details() => exchange.Holds();

    [Fact]
    public Task Metadata_that_the_server_does_not_know_changes_nothing() => exchange.Holds();

    [Fact]
    public Task A_fact_over_64_kB_is_refused_by_its_receipt() => exchange.Holds();

    [Fact]
    public Task A_message_over_4_MB_is_RESOURCE_EXHAUSTED_and_the_server_goes_on() => exchange.Holds();

    [Fact]
    public Task A_stream_with_a_message_over_4_MB_gets_the_receipts_of_those_before_it() => exchange.Holds();

    [Fact]
    public Task Advice_of_a_megabyte_is_taken_and_one_byte_more_is_not() => exchange.Holds();

    [Fact]
    public Task Compressed_requests_are_taken() => exchange.Holds();

    [Fact]
    public Task A_small_message_that_unpacks_to_more_than_4_MB_is_RESOURCE_EXHAUSTED() => exchange.Holds();

    [Fact]
    public Task A_message_that_is_no_protobuf_fails_alone() => exchange.Holds(errorsLogged: 3);

    [Fact]
    public Task What_does_not_exist_is_UNIMPLEMENTED() => exchange.Holds();

    [Fact]
    public Task Health_is_told_of_every_service_and_without_a_token() => exchange.Holds();

    [Fact]
    public Task Health_of_a_service_that_is_not_here_is_NOT_FOUND_to_Check_and_SERVICE_UNKNOWN_to_Watch() => exchange.Holds();

    [Fact]
    public Task Watching_health_tells_at_once_and_then_stays_open() => exchange.Holds();

    [Fact]
    public Task Reflection_lists_every_service() => exchange.Holds();

    [Fact]
    public Task Reflection_tells_what_is_needed_to_call_every_service() => exchange.Holds();

    [Fact]
    public Task Reflection_finds_files_by_symbol_and_by_name() => exchange.Holds();

    [Fact]
    public Task What_reflection_does_not_know_is_an_error_of_that_answer_only() => exchange.Holds();

    [Fact]
    public async Task Every_claim_of_the_client_is_tested()
    {
        var claims = await exchange.Client();

        var tests =
            from method in typeof(GrpcConformanceTests).GetMethods()
            where method.GetCustomAttribute<FactAttribute>() is not null && method.Name != nameof(Every_claim_of_the_client_is_tested)
            select Claim(method.Name);
        Assert.Equal(claims.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(), tests.Order());
    }

    private static string Claim(string test) => char.ToLowerInvariant(test[0]) + test[1..];

    /// <summary>A <c>sendx up</c> in a process of its own, on an empty data folder.</summary>
    public sealed class RunningExchange : IAsyncLifetime
    {
        private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
        private static readonly string Conformance = Path.Combine(AppContext.BaseDirectory, "conformance");

        // Debian's own, which has grpcio, before another that may be on PATH.
        private static readonly string Python = Programs.Find("python3", "/usr/bin") ?? "python3";

        private readonly string folder = Directory.CreateTempSubdirectory("sendx-conformance-").FullName;
        private readonly int grpc = FreePort.Next();
        private readonly int http = FreePort.Next();
        private readonly Dictionary<string, string?> environment = [];
        private OwnProcess? process;

        private string Log => Path.Combine(folder, "log");

        public async ValueTask InitializeAsync()
        {
            process = await OwnProcess.Start(
                Sendx("up", "--grpc", $"http://127.0.0.1:{grpc}", "--http", $"http://127.0.0.1:{http}"),
                new Dictionary<string, string?>(),
                Log,
                folder,
                removeFolder: true
            );
            using var client = new HttpClient();
            await process.Ready(() => IsReady(client), Patience);

            var tokens = new Dictionary<string, string>
            {
                ["sender"] = await Token("la:350", "sender"),
                ["inspector"] = await Token("inspectorate:ofsted", "inspector"),
                ["health"] = await Token("icb:QJ2", "adviser"),
                ["care"] = await Token("care:350", "adviser"),
            };
            environment["SENDX_GRPC"] = $"127.0.0.1:{grpc}";
            environment["SENDX_PROTOS"] = Path.Combine(Conformance, "protos.bin");
            environment["SENDX_TOKENS"] = JsonSerializer.Serialize(tokens);
            environment["SENDX_KEY"] = (await File.ReadAllTextAsync(Path.Combine(folder, "development-key"))).Trim();
            environment["SENDX_PID"] = $"{process.Id}";
        }

        public ValueTask DisposeAsync()
        {
            process?.Dispose();
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true); // A process that has ended by itself leaves it.
            }
            return ValueTask.CompletedTask;
        }

        /// <summary>Runs the claim of the test that calls.</summary>
        /// <param name="errorsLogged">How many errors the exchange is to log meanwhile.</param>
        public async Task Holds(int errorsLogged = 0, [CallerMemberName] string test = "")
        {
            var before = Errors().Count;
            await Client(Claim(test));
            var errors = Errors()[before..];
            Assert.True(errors.Count == errorsLogged, $"{errors.Count} errors were logged: {string.Join('\n', errors)}");
        }

        public Task<string> Client(params string[] claim) =>
            Programs.Run([Python, Path.Combine(Conformance, "client.py"), .. claim], environment);

        /// <summary>Its exit code.</summary>
        public Task<int> Ended() => process!.Exited(Patience);

        private string[] Sendx(string command, params string[] arguments) =>
            ["dotnet", Path.Combine(AppContext.BaseDirectory, "sendx.dll"), command, "--data", folder, .. arguments];

        private async Task<string> Token(string organisation, string role) =>
            (await Programs.Run(Sendx("token", "--organisation", organisation, "--role", role))).Trim();

        private async Task<bool> IsReady(HttpClient client)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{http}/health/ready"));
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }

        /// <summary>Each with the line after it, which says what it is about.</summary>
        private List<string> Errors()
        {
            var lines = File.ReadAllLines(Log);
            return
            [
                .. lines
                    .Select((line, i) => line + (i + 1 < lines.Length ? lines[i + 1] : ""))
                    .Where(line =>
                        line.StartsWith("fail:", StringComparison.Ordinal) || line.StartsWith("crit:", StringComparison.Ordinal)
                    ),
            ];
        }
    }
}
