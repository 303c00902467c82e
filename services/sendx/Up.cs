using System.CommandLine;

namespace SendExchange.Sendx;

/// <summary><c>sendx up</c>: the whole exchange in one process.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var options = new Options();
        var command = new Command("up", "Runs all four services in this process, on SQLite files and the in-memory bus.");
        options.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
                Serve(
                    parsed.GetValue(options.Data)!,
                    parsed.GetValue(options.Grpc)!,
                    parsed.GetValue(options.Http)!,
                    _ =>
                    {
                        Console.WriteLine(
                            """
                            Try next, in another terminal:
                              sendx simulate --year 2023 --authority 350 --out facts.jsonl
                              sendx send facts.jsonl --wait
                              sendx report timeliness --year 2023
                            (sendx is: dotnet run --project services/sendx --)
                            """
                        );
                        return Task.CompletedTask;
                    },
                    cancellationToken
                )
        );
        return command;
    }

    /// <summary>Serves until Ctrl-C; <paramref name="whenReady"/> runs once everything answers.</summary>
    public static async Task<int> Serve(
        string data,
        string grpc,
        string http,
        Func<CancellationToken, Task> whenReady,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await using var app = Exchange.Build(data, grpc, http);
            await app.StartAsync(cancellationToken);
            Console.WriteLine($"SendExchange is up: gRPC on {grpc}, health on {http}/health/ready, data in {Path.GetFullPath(data)}.");
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, app.Lifetime.ApplicationStopping);
            await whenReady(stopping.Token);
            await app.WaitForShutdownAsync(cancellationToken);
            return Exit.Done;
        }
        catch (OperationCanceledException)
        {
            return Exit.Done;
        }
        catch (DataFolderInUseException inUse)
        {
            await Console.Error.WriteLineAsync($"sendx: {inUse.Message}");
            return Exit.Refused;
        }
        catch (IOException taken)
        {
            await Console.Error.WriteLineAsync($"sendx: cannot listen: {taken.Message} Choose other addresses with --grpc and --http.");
            return Exit.Refused;
        }
    }

    internal sealed class Options
    {
        public Option<string> Data { get; } =
            new("--data")
            {
                Description = "Folder of the databases and the development key.",
                DefaultValueFactory = _ => DataFolder.Default,
            };

        public Option<string> Grpc { get; } =
            new("--grpc") { Description = "Where gRPC listens.", DefaultValueFactory = _ => "http://127.0.0.1:5100" };

        public Option<string> Http { get; } =
            new("--http")
            {
                Description = "Where health (and later the pages) listens.",
                DefaultValueFactory = _ => "http://127.0.0.1:8080",
            };

        public void AddTo(Command command)
        {
            command.Options.Add(Data);
            command.Options.Add(Grpc);
            command.Options.Add(Http);
        }
    }
}
