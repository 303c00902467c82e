using System.Collections.Concurrent;
using System.CommandLine;
using Grpc.Core;
using Grpc.Net.Client;
using SendExchange.Chassis;

namespace SendExchange.Sendx;

/// <summary>How a client command reaches an exchange and as whom.</summary>
/// <remarks>
/// The token is <c>--token</c>, else <c>SENDX_TOKEN</c>; else, where the data folder of a local exchange is at hand, one is
/// made with its development key for whoever the command needs to be.
/// </remarks>
internal sealed class Client : IDisposable
{
    private static readonly TimeSpan _tokenValidFor = TimeSpan.FromHours(12);

    private readonly string? _token;
    private readonly string? _key;
    private readonly GrpcChannel _channel;
    private readonly ConcurrentDictionary<string, Metadata> _headers = new(StringComparer.Ordinal);

    public Client(string server, string? token, string data)
    {
        Server = server;
        _token = token ?? Environment.GetEnvironmentVariable("SENDX_TOKEN");
        _key = string.IsNullOrEmpty(_token) ? DataFolder.KeyAt(data) : null;
        _channel = GrpcChannel.ForAddress(
            server,
            new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true },
                DisposeHttpClient = true,
            }
        );
    }

    public string Server { get; }

    public CallInvoker Invoker => _channel.CreateCallInvoker();

    /// <summary>Headers of a call as that organisation in that role.</summary>
    /// <exception cref="NoTokenException">There is no token and no key to make one with.</exception>
    public Metadata As(string organisation, string role) =>
        _headers.GetOrAdd($"{organisation} {role}", _ => new Metadata { { "authorization", "Bearer " + Token(organisation, role) } });

    private string Token(string organisation, string role)
    {
        if (!string.IsNullOrEmpty(_token))
        {
            return _token;
        }
        return _key is null
            ? throw new NoTokenException(
                "No token: give --token, set SENDX_TOKEN, or name the data folder of a local exchange with --data."
            )
            : Auth.DevelopmentToken(_key, organisation, [role], TimeProvider.System.GetUtcNow(), _tokenValidFor);
    }

    public void Dispose() => _channel.Dispose();

    /// <summary>The options that every client command has.</summary>
    public sealed class Options
    {
        public Option<string> Server { get; } =
            new("--server") { Description = "Where the exchange answers gRPC.", DefaultValueFactory = _ => "http://127.0.0.1:5100" };

        public Option<string> Token { get; } =
            new("--token") { Description = "Bearer token; else SENDX_TOKEN, else the data folder's key." };

        public Option<string> Data { get; } =
            new("--data") { Description = "Data folder of a local exchange.", DefaultValueFactory = _ => DataFolder.Default };

        public void AddTo(Command command)
        {
            command.Options.Add(Server);
            command.Options.Add(Token);
            command.Options.Add(Data);
        }

        public Client Connect(ParseResult parsed) => To(parsed, parsed.GetValue(Server)!);

        /// <summary>The same caller at another address.</summary>
        public Client To(ParseResult parsed, string server) => new(server, parsed.GetValue(Token), parsed.GetValue(Data)!);
    }

    /// <summary>Runs a command against an exchange and turns what it answers into an exit code and one clear line.</summary>
    public static async Task<int> Run(Func<Task<int>> command, string server)
    {
        try
        {
            return await command();
        }
        catch (RpcException refused) when (refused.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            await Console.Error.WriteLineAsync($"sendx: {server} does not answer: {refused.Status.Detail}");
            return Exit.Unreachable;
        }
        catch (RpcException refused)
        {
            await Console.Error.WriteLineAsync($"sendx: {server} refused: {refused.StatusCode}: {refused.Status.Detail}");
            return Exit.Refused;
        }
        catch (Exception problem) when (problem is NoTokenException or IOException or UnauthorizedAccessException or UriFormatException)
        {
            await Console.Error.WriteLineAsync($"sendx: {problem.Message}");
            return Exit.Usage;
        }
    }
}

internal sealed class NoTokenException(string message) : Exception(message);
