using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SendExchange.Services.Tests.Echoing;

namespace SendExchange.Services.Tests;

/// <summary>The official server and client over a real HTTP/2 connection, with our API assemblies between them.</summary>
public sealed class GrpcDropInTests : IAsyncLifetime
{
    private readonly Seen seen = new();
    private readonly Encodings encodings = new();
    private WebApplication server = null!;
    private GrpcChannel channel = null!;
    private EchoService.EchoServiceClient client = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, o => o.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(seen);
        builder.Services.AddGrpc(options =>
        {
            options.Interceptors.Add<ServerWitness>();
            options.ResponseCompressionAlgorithm = "gzip";
        });
        server = builder.Build();
        server.MapGrpcService<Echo>();
        await server.StartAsync(Stop);

        encodings.InnerHandler = new SocketsHttpHandler();
        channel = GrpcChannel.ForAddress(
            server.Urls.Single(),
            new GrpcChannelOptions { HttpHandler = encodings, UnsafeUseInsecureChannelCallCredentials = true }
        );
        client = new(channel);
    }

    public async ValueTask DisposeAsync()
    {
        channel.Dispose();
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData("Grpc.AspNetCore.Server")]
    [InlineData("Grpc.Net.Client")]
    public void Every_type_and_member_that_the_official_assemblies_refer_to_is_there(string official)
    {
        var assembly = Assembly.Load(official);
        Assert.NotEmpty(assembly.GetTypes()); // Throws where an override or an interface does not fit its base.
        var module = assembly.ManifestModule;
        var anyTypes = Enumerable.Repeat(typeof(object), 4).ToArray();

        Assert.Empty(Missing(0x01000001, token => module.ResolveType(token)));
        Assert.Empty(Missing(0x0A000001, token => module.ResolveMember(token, anyTypes, anyTypes)));

        // References are numbered without a gap; the first number out of range is past the last of them.
        static List<string> Missing(int first, Action<int> resolve)
        {
            var missing = new List<string>();
            for (var token = first; ; token++)
            {
                try
                {
                    resolve(token);
                }
                catch (TypeLoadException refused) when (refused.Message.Contains("violates the constraint"))
                {
                    // The type is there; it only will not take `object` for its parameter.
                }
                catch (Exception absent) when (absent is MissingMemberException or TypeLoadException or FileNotFoundException)
                {
                    missing.Add(absent.Message);
                }
                catch (ArgumentOutOfRangeException)
                {
                    Assert.NotEqual(first, token);
                    return missing;
                }
            }
        }
    }

    [Fact]
    public async Task A_unary_call_carries_headers_response_and_trailers()
    {
        using var call = client.SayAsync(new Line { Text = "hello" }, new Metadata { { "Asked-By", "la:350" } }, cancellationToken: Stop);

        Assert.Equal("hello", (await call).Text);
        Assert.Equal("la:350", (await call.ResponseHeadersAsync).GetValue("heard"));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Equal([1, 2, 3], call.GetTrailers().GetValueBytes("tail-bin"));
    }

    [Fact]
    public void A_blocking_call_waits_for_its_response() =>
        Assert.Equal("hello", client.Say(new Line { Text = "hello" }, cancellationToken: Stop).Text);

    [Fact]
    public async Task A_stream_of_requests_gives_one_response()
    {
        using var call = client.Join(cancellationToken: Stop);
        foreach (var text in new[] { "a", "b", "c" })
        {
            await call.RequestStream.WriteAsync(new Line { Text = text }, Stop);
        }
        await call.RequestStream.CompleteAsync();

        Assert.Equal("a b c", (await call).Text);
    }

    [Fact]
    public async Task One_request_gives_a_stream_of_responses_in_order()
    {
        using var call = client.Split(new Line { Text = "a b c" }, cancellationToken: Stop);

        Assert.Equal(["a", "b", "c"], await Texts(call.ResponseStream));
    }

    [Fact]
    public async Task Both_streams_flow_at_once()
    {
        using var call = client.Chat(cancellationToken: Stop);
        foreach (var text in new[] { "first", "second" })
        {
            // Each answer is read while the request stream is still open.
            await call.RequestStream.WriteAsync(new Line { Text = text }, Stop);
            Assert.True(await call.ResponseStream.MoveNext(Stop));
            Assert.Equal(text, call.ResponseStream.Current.Text);
        }
        await call.RequestStream.CompleteAsync();

        Assert.False(await call.ResponseStream.MoveNext(Stop));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_deadline_ends_the_call_on_both_sides()
    {
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(1);

        var error = await Assert.ThrowsAsync<RpcException>(async () =>
            await client.SayAsync(new Line { Text = "wait" }, deadline: deadline, cancellationToken: Stop)
        );

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.InRange(await seen.Deadline.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop), deadline.AddSeconds(-1), deadline.AddSeconds(5));
        await seen.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }

    [Fact]
    public async Task A_client_that_cancels_ends_the_call_on_both_sides()
    {
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        using var call = client.SayAsync(new Line { Text = "wait" }, cancellationToken: cancelling.Token);
        Assert.Equal(DateTime.MaxValue, await seen.Deadline.Task.WaitAsync(Stop));

        await cancelling.CancelAsync();

        var error = await Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        await seen.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }

    [Fact]
    public async Task A_client_that_leaves_a_stream_ends_the_call_on_the_server()
    {
        using (var call = client.Chat(cancellationToken: Stop))
        {
            await call.RequestStream.WriteAsync(new Line { Text = "first" }, Stop);
            Assert.True(await call.ResponseStream.MoveNext(Stop));
        }

        await seen.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }

    [Fact]
    public async Task A_refusal_carries_code_detail_and_trailers()
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
            await client.SayAsync(new Line { Text = "refuse" }, cancellationToken: Stop)
        );

        Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
        Assert.Equal("Not today: 100 % späť.", error.Status.Detail);
        Assert.Equal("because", error.Trailers.GetValue("reason"));
        Assert.Equal([0, 255], error.Trailers.GetValueBytes("proof-bin"));
    }

    [Fact]
    public async Task A_refusal_after_some_responses_comes_after_them()
    {
        using var call = client.Split(new Line { Text = "a b refuse" }, cancellationToken: Stop);

        Assert.True(await call.ResponseStream.MoveNext(Stop));
        Assert.True(await call.ResponseStream.MoveNext(Stop));
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Stop));
        Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
    }

    [Fact]
    public async Task A_bug_in_the_server_tells_the_client_no_more_than_that()
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
            await client.SayAsync(new Line { Text = "break" }, cancellationToken: Stop)
        );

        Assert.Equal(StatusCode.Unknown, error.StatusCode);
        Assert.DoesNotContain("secret", error.Status.Detail);
    }

    [Fact]
    public async Task A_method_that_the_server_has_not_is_unimplemented()
    {
        var method = new Method<string, string>(
            MethodType.Unary,
            "sendexchange.tests.v1.EchoService",
            "Sing",
            Marshallers.StringMarshaller,
            Marshallers.StringMarshaller
        );

        var error = await Assert.ThrowsAsync<RpcException>(async () =>
            await channel.CreateCallInvoker().AsyncUnaryCall(method, host: null, new CallOptions(cancellationToken: Stop), "la")
        );

        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }

    [Fact]
    public async Task Interceptors_see_every_kind_of_call_on_both_sides_the_first_given_first()
    {
        var witness = new ClientWitness("outer", seen);
        client = new(
            channel.Intercept(witness, new ClientWitness("inner", seen)).Intercept(headers => [.. headers, new("asked-by", "all")])
        );

        using var say = client.SayAsync(new Line { Text = "a" }, cancellationToken: Stop);
        await say;
        Assert.Equal("all", (await say.ResponseHeadersAsync).GetValue("heard"));
        client.Say(new Line { Text = "a" }, cancellationToken: Stop);
        using var join = client.Join(cancellationToken: Stop);
        await join.RequestStream.CompleteAsync();
        await join;
        using var split = client.Split(new Line { Text = "a" }, cancellationToken: Stop);
        await Texts(split.ResponseStream);
        using var chat = client.Chat(cancellationToken: Stop);
        await chat.RequestStream.CompleteAsync();
        await Texts(chat.ResponseStream);

        Assert.Equal(
            new[] { "Say", "Say", "Join", "Split", "Chat" }.SelectMany(call =>
                new[] { $"outer {call}", $"inner {call}", $"server {call}" }
            ),
            seen.Calls
        );
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Messages_are_compressed_both_ways_when_asked_for(string encoding)
    {
        var text = new string('a', 100_000);

        var answer = await client.SayAsync(
            new Line { Text = text },
            new Metadata { { "grpc-internal-encoding-request", encoding } },
            cancellationToken: Stop
        );

        Assert.Equal(text, answer.Text);
        Assert.Equal(encoding, encodings.Request);
        Assert.Equal("gzip", encodings.Response);
    }

    [Fact]
    public async Task Composed_call_credentials_all_add_their_headers()
    {
        var credentials = CallCredentials.Compose(
            CallCredentials.FromInterceptor((context, headers) => Add(headers, "asked-by", context.MethodName)),
            CallCredentials.FromInterceptor((_, headers) => Add(headers, "asked-by", "la:350"))
        );

        using var call = client.SayAsync(new Line { Text = "a" }, new CallOptions(credentials: credentials, cancellationToken: Stop));

        await call;
        // HTTP joins headers of one name.
        Assert.Equal("Say, la:350", (await call.ResponseHeadersAsync).GetValue("heard"));

        static Task Add(Metadata headers, string key, string value)
        {
            headers.Add(key, value);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public void Metadata_keys_are_in_lower_case_and_tell_bytes_from_text()
    {
        var metadata = new Metadata
        {
            { "Key", "first" },
            { "KEY", "last" },
            { "key-bin", new byte[] { 7 } },
        };

        Assert.Equal(["key", "key", "key-bin"], metadata.Select(entry => entry.Key));
        Assert.Equal("last", metadata.GetValue("Key"));
        Assert.Equal(["first", "last"], metadata.GetAll("key").Select(entry => entry.Value));
        Assert.Null(metadata.Get("other"));
        Assert.Throws<InvalidOperationException>(() => metadata.GetValue("key-bin"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("key-bin", "text"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("key", [7]));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("not a key", "text"));
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("key", "text"));
    }

    private static async Task<List<string>> Texts(IAsyncStreamReader<Line> lines)
    {
        var texts = new List<string>();
        await foreach (var line in lines.ReadAllAsync(Stop))
        {
            texts.Add(line.Text);
        }
        return texts;
    }

    /// <summary>What reached the other side.</summary>
    private sealed class Seen
    {
        public ConcurrentQueue<string> Calls { get; } = [];

        public TaskCompletionSource<DateTime> Deadline { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Echo(Seen seen) : EchoService.EchoServiceBase
    {
        public override async Task<Line> Say(Line request, ServerCallContext context)
        {
            using var cancelled = context.CancellationToken.Register(() => seen.Cancelled.TrySetResult());
            seen.Deadline.TrySetResult(context.Deadline);
            if (request.Text == "wait")
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            }
            Refuse(request.Text);
            await context.WriteResponseHeadersAsync(new() { { "heard", context.RequestHeaders.GetValue("asked-by") ?? "nobody" } });
            context.ResponseTrailers.Add("tail-bin", [1, 2, 3]);
            return request;
        }

        public override async Task<Line> Join(IAsyncStreamReader<Line> requestStream, ServerCallContext context) =>
            new() { Text = string.Join(' ', await Texts(requestStream)) };

        public override async Task Split(Line request, IServerStreamWriter<Line> responseStream, ServerCallContext context)
        {
            foreach (var text in request.Text.Split(' '))
            {
                Refuse(text);
                await responseStream.WriteAsync(new Line { Text = text }, context.CancellationToken);
            }
        }

        public override async Task Chat(
            IAsyncStreamReader<Line> requestStream,
            IServerStreamWriter<Line> responseStream,
            ServerCallContext context
        )
        {
            using var cancelled = context.CancellationToken.Register(() => seen.Cancelled.TrySetResult());
            await foreach (var line in requestStream.ReadAllAsync(context.CancellationToken))
            {
                await responseStream.WriteAsync(line, context.CancellationToken);
            }
        }

        private static void Refuse(string text)
        {
            if (text == "refuse")
            {
                throw new RpcException(
                    new Status(StatusCode.FailedPrecondition, "Not today: 100 % späť."),
                    new Metadata { { "reason", "because" }, { "proof-bin", [0, 255] } }
                );
            }
            if (text == "break")
            {
                throw new InvalidOperationException("secret");
            }
        }
    }

    private sealed class ServerWitness(Seen seen) : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request,
            ServerCallContext context,
            UnaryServerMethod<TRequest, TResponse> continuation
        )
        {
            Note(context);
            return base.UnaryServerHandler(request, context, continuation);
        }

        public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream,
            ServerCallContext context,
            ClientStreamingServerMethod<TRequest, TResponse> continuation
        )
        {
            Note(context);
            return base.ClientStreamingServerHandler(requestStream, context, continuation);
        }

        public override Task ServerStreamingServerHandler<TRequest, TResponse>(
            TRequest request,
            IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context,
            ServerStreamingServerMethod<TRequest, TResponse> continuation
        )
        {
            Note(context);
            return base.ServerStreamingServerHandler(request, responseStream, context, continuation);
        }

        public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream,
            IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context,
            DuplexStreamingServerMethod<TRequest, TResponse> continuation
        )
        {
            Note(context);
            return base.DuplexStreamingServerHandler(requestStream, responseStream, context, continuation);
        }

        private void Note(ServerCallContext context) => seen.Calls.Enqueue($"server {context.Method.Split('/')[^1]}");
    }

    private sealed class ClientWitness(string name, Seen seen) : Interceptor
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            BlockingUnaryCallContinuation<TRequest, TResponse> continuation
        )
        {
            Note(context.Method);
            return base.BlockingUnaryCall(request, context, continuation);
        }

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation
        )
        {
            Note(context.Method);
            return base.AsyncUnaryCall(request, context, continuation);
        }

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation
        )
        {
            Note(context.Method);
            return base.AsyncClientStreamingCall(context, continuation);
        }

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation
        )
        {
            Note(context.Method);
            return base.AsyncServerStreamingCall(request, context, continuation);
        }

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation
        )
        {
            Note(context.Method);
            return base.AsyncDuplexStreamingCall(context, continuation);
        }

        private void Note(IMethod method) => seen.Calls.Enqueue($"{name} {method.Name}");
    }

    /// <summary>The message encodings that really went over the connection.</summary>
    private sealed class Encodings : DelegatingHandler
    {
        public string? Request { get; private set; }

        public string? Response { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Request = One(request.Headers);
            var response = await base.SendAsync(request, cancellationToken);
            Response = One(response.Headers);
            return response;
        }

        private static string? One(System.Net.Http.Headers.HttpHeaders headers) =>
            headers.TryGetValues("grpc-encoding", out var values) ? values.Single() : null;
    }
}
