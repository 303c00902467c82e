using System.Diagnostics;
using System.Text.Json;
using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Education.V1;
using SendExchange.Sendx;
using SendExchange.Testing;

namespace SendExchange.Benchmarks;

/// <summary>
/// The product as it is run, education and the aggregator as processes of their own over RabbitMQ and PostgreSQL, from the
/// first fact on the wire until every obligation is stored; beside <see cref="Floor"/>, on the same servers, in turns.
/// </summary>
internal static class PathBenchmark
{
    private const int UnaryCalls = 1_000;

    public static async Task Run(SimulatedAuthority authority, int facts, int runs, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("sendx-path-");
        await using var broker = await PrivateRabbitMq.Start();
        await using var postgres = await PrivatePostgres.Start();
        await using var floor = await Floor.Start(
            await postgres.CreateDatabase("floor_sending"),
            await postgres.CreateDatabase("floor_taking"),
            await broker.CreateVirtualHost("floor"),
            cancellationToken
        );
        var key = Auth.NewDevelopmentKey();
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "development-key"), key, cancellationToken); // Where the client looks.
        var bus = await broker.CreateVirtualHost("product");
        using var education = await ServiceProcess.Start("education", await postgres.CreateDatabase("education"), bus, key, folder);
        using var aggregator = await ServiceProcess.Start("aggregator", await postgres.CreateDatabase("aggregator"), bus, key, folder);
        using var sender = new Client(education.GrpcUrl, token: null, folder.FullName);
        using var reader = new Client(aggregator.GrpcUrl, token: null, folder.FullName);

        var payloads = authority.Facts(facts, "floor").ConvertAll(Payload);
        Console.WriteLine(
            $"path: {facts:N0} facts a run of authority {authority.Number}, {payloads.Average(p => p.Length):N0} B a message on average; "
                + "gRPC, PostgreSQL, quorum queue with confirms, PostgreSQL, obligations; floor and product in turns after a warm-up of each"
        );
        var (floors, products) = (new List<double>(), new List<double>());
        for (var run = 0; run <= runs; run++)
        {
            var warmUp = run == 0;
            var count = warmUp ? Math.Min(facts, 20_000) : facts;
            var before = Machine.ProcessorSeconds();
            var byHand = await floor.Run(payloads[..count], cancellationToken);
            var between = Machine.ProcessorSeconds();
            Console.WriteLine(
                $"  {(warmUp ? "warm-up" : $"run {run}  ")} floor   {count / byHand.TotalSeconds, 7:N0} facts/s; processor seconds: {Machine.Used(before, between)}"
            );
            var (sent, whole) = await SendAndWait(sender, reader, authority.Facts(count, $"r{run}"), cancellationToken);
            var after = Machine.ProcessorSeconds();
            if (!warmUp)
            {
                floors.Add(count / byHand.TotalSeconds);
                products.Add(count / whole.TotalSeconds);
            }
            Console.WriteLine(
                $"          product {count / whole.TotalSeconds, 7:N0} facts/s (receipts: {count / sent.TotalSeconds:N0}/s); processor seconds: {Machine.Used(between, after)}"
            );
        }
        Console.WriteLine(
            $"  medians: floor {floors.Median():N0} facts/s, product {products.Median():N0} facts/s, ratio {products.Median() / floors.Median():F2}"
        );
        var latencies = await Unary(sender, authority.Facts(UnaryCalls, "unary"), cancellationToken);
        Console.WriteLine(
            $"  RecordFact, one call at a time, {UnaryCalls:N0} calls: p50 {latencies.Percentile(0.5):F1} ms, p99 {latencies.Percentile(0.99):F1} ms"
        );
    }

    /// <summary>One stream an organisation, as <c>sendx send --wait</c>: until all have receipts, and until no case waits.</summary>
    public static async Task<(TimeSpan Sent, TimeSpan Whole)> SendAndWait(
        Client sender,
        Client reader,
        IReadOnlyList<AssessmentFact> facts,
        CancellationToken cancellationToken
    )
    {
        GC.Collect();
        var watch = Stopwatch.StartNew();
        var result = new SendResult("benchmark");
        var streams = new OrganisationStreams(sender, result, cancellationToken);
        long line = 0;
        foreach (var fact in facts)
        {
            await streams.Send(++line, fact);
        }
        await streams.Finish();
        var sent = watch.Elapsed;
        await SendCommand.WaitUntilTakenIn(reader, result, cancellationToken);
        return result.Accepted == facts.Count
            ? (sent, watch.Elapsed)
            : throw new InvalidOperationException($"Of {facts.Count} facts {result.Accepted} were accepted.");
    }

    private static async Task<List<double>> Unary(Client client, IReadOnlyList<AssessmentFact> facts, CancellationToken cancellationToken)
    {
        var intake = new AssessmentIntakeService.AssessmentIntakeServiceClient(client.Invoker);
        var milliseconds = new List<double>();
        foreach (var fact in facts)
        {
            var watch = Stopwatch.StartNew();
            await intake.RecordFactAsync(
                new RecordFactRequest { Fact = fact },
                client.As(fact.Organisation, "sender"),
                cancellationToken: cancellationToken
            );
            milliseconds.Add(watch.Elapsed.TotalMilliseconds);
        }
        return milliseconds;
    }

    /// <summary>What education publishes of the fact, without the bus's envelope.</summary>
    private static byte[] Payload(AssessmentFact fact) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new AssessmentFactRecorded(
                Position: 1_000_000,
                DateTimeOffset.UnixEpoch,
                fact.Organisation,
                fact.FactId,
                fact.Organisation,
                fact.CaseId,
                FactJson.Kind(fact),
                default,
                null,
                FactJson.ToText(fact)
            )
        );
}
