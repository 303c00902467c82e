using SendExchange.Sendx;

namespace SendExchange.Benchmarks;

/// <summary>The same path in one process, on SQLite files and the in-memory bus: <c>sendx up</c>.</summary>
internal static class EmbeddedBenchmark
{
    public static async Task Run(SimulatedAuthority authority, int facts, int runs, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("sendx-up-");
        try
        {
            using var exchange = await ServiceProcess.StartAll(folder);
            using var client = new Client(exchange.GrpcUrl, token: null, folder.FullName);
            Console.WriteLine($"embedded: {facts:N0} facts a run of authority {authority.Number}; one process, SQLite, in-memory bus");
            var rates = new List<double>();
            for (var run = 0; run <= runs; run++)
            {
                var warmUp = run == 0;
                var count = warmUp ? Math.Min(facts, 20_000) : facts;
                var before = Machine.ProcessorSeconds();
                var (sent, whole) = await PathBenchmark.SendAndWait(client, client, authority.Facts(count, $"r{run}"), cancellationToken);
                var after = Machine.ProcessorSeconds();
                if (!warmUp)
                {
                    rates.Add(count / whole.TotalSeconds);
                }
                Console.WriteLine(
                    $"  {(warmUp ? "warm-up" : $"run {run}  ")} {count / whole.TotalSeconds, 7:N0} facts/s (receipts: {count / sent.TotalSeconds:N0}/s); processor seconds: {Machine.Used(before, after)}"
                );
            }
            Console.WriteLine($"  median: {rates.Median():N0} facts/s");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
