namespace Grpc.Core;

/// <summary>What a client asks of one call. The <c>With…</c> methods give a changed copy.</summary>
public struct CallOptions(
    Metadata? headers = null,
    DateTime? deadline = null,
    CancellationToken cancellationToken = default,
    WriteOptions? writeOptions = null,
    ContextPropagationToken? propagationToken = null,
    CallCredentials? credentials = null
)
{
    public Metadata? Headers { get; private set; } = headers;

    /// <summary>In UTC; the call fails with <see cref="StatusCode.DeadlineExceeded"/> when it passes. Null waits for ever.</summary>
    public DateTime? Deadline { get; private set; } = deadline;

    public CancellationToken CancellationToken { get; private set; } = cancellationToken;

    public WriteOptions? WriteOptions { get; private set; } = writeOptions;

    public ContextPropagationToken? PropagationToken { get; private set; } = propagationToken;

    public CallCredentials? Credentials { get; private set; } = credentials;

    /// <summary>The call waits for a connection instead of failing when there is none.</summary>
    public bool IsWaitForReady { get; private set; }

    public CallOptions WithHeaders(Metadata headers) => this with { Headers = headers };

    public CallOptions WithDeadline(DateTime deadline) => this with { Deadline = deadline };

    public CallOptions WithCancellationToken(CancellationToken cancellationToken) => this with { CancellationToken = cancellationToken };

    public CallOptions WithWriteOptions(WriteOptions writeOptions) => this with { WriteOptions = writeOptions };

    public CallOptions WithPropagationToken(ContextPropagationToken propagationToken) => this with { PropagationToken = propagationToken };

    public CallOptions WithCredentials(CallCredentials credentials) => this with { Credentials = credentials };

    public CallOptions WithWaitForReady(bool waitForReady = true) => this with { IsWaitForReady = waitForReady };
}

public abstract class ChannelBase(string target)
{
    /// <summary>The address as it was given.</summary>
    public string Target { get; } = target ?? throw new ArgumentNullException(nameof(target));

    public abstract CallInvoker CreateCallInvoker();

    public Task ShutdownAsync() => ShutdownAsyncCore();

    protected virtual Task ShutdownAsyncCore() => Task.CompletedTask;
}

/// <summary>Starts calls; generated clients go through this. A null host means the channel's own.</summary>
public abstract class CallInvoker
{
    public abstract TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request
    )
        where TRequest : class
        where TResponse : class;

    public abstract AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request
    )
        where TRequest : class
        where TResponse : class;

    public abstract AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request
    )
        where TRequest : class
        where TResponse : class;

    public abstract AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options
    )
        where TRequest : class
        where TResponse : class;

    public abstract AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options
    )
        where TRequest : class
        where TResponse : class;
}

public abstract class ClientBase
{
    /// <summary>Of a client without a server, as a test double is.</summary>
    protected ClientBase()
        : this(new NoCallInvoker()) { }

    protected ClientBase(ChannelBase channel)
        : this(channel.CreateCallInvoker()) { }

    protected ClientBase(CallInvoker callInvoker)
        : this(new ClientBaseConfiguration(callInvoker, host: null)) { }

    protected ClientBase(ClientBaseConfiguration configuration)
    {
        Configuration = configuration ?? throw new ArgumentNullException(nameof(configuration));
        CallInvoker = configuration.Host is null
            ? configuration.CallInvoker
            : new HostCallInvoker(configuration.CallInvoker, configuration.Host);
    }

    protected CallInvoker CallInvoker { get; }

    internal ClientBaseConfiguration Configuration { get; }

    protected internal class ClientBaseConfiguration
    {
        internal ClientBaseConfiguration(CallInvoker callInvoker, string? host) =>
            (CallInvoker, Host) = (callInvoker ?? throw new ArgumentNullException(nameof(callInvoker)), host);

        internal CallInvoker CallInvoker { get; }

        internal string? Host { get; }
    }
}

public abstract class ClientBase<T> : ClientBase
    where T : ClientBase<T>
{
    protected ClientBase() { }

    protected ClientBase(ChannelBase channel)
        : base(channel) { }

    protected ClientBase(CallInvoker callInvoker)
        : base(callInvoker) { }

    protected ClientBase(ClientBaseConfiguration configuration)
        : base(configuration) { }

    /// <summary>The same client, whose calls name this host.</summary>
    public T WithHost(string host) => NewInstance(new ClientBaseConfiguration(Configuration.CallInvoker, host));

    protected abstract T NewInstance(ClientBaseConfiguration configuration);
}

internal sealed class HostCallInvoker(CallInvoker inner, string named) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request
    ) => inner.BlockingUnaryCall(method, host ?? named, options, request);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request
    ) => inner.AsyncUnaryCall(method, host ?? named, options, request);

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request
    ) => inner.AsyncServerStreamingCall(method, host ?? named, options, request);

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options
    ) => inner.AsyncClientStreamingCall(method, host ?? named, options);

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options
    ) => inner.AsyncDuplexStreamingCall(method, host ?? named, options);
}

internal sealed class NoCallInvoker : CallInvoker
{
    private static NotImplementedException NoServer => new("This client was made without a channel.");

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request
    ) => throw NoServer;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request
    ) => throw NoServer;

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        TRequest request
    ) => throw NoServer;

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options
    ) => throw NoServer;

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options
    ) => throw NoServer;
}
