using System.Runtime.CompilerServices;

namespace Grpc.Core;

/// <summary>What every call in progress has, however its messages flow.</summary>
internal sealed class CallInProgress(
    Func<object, Task<Metadata>> responseHeaders,
    Func<object, Status> status,
    Func<object, Metadata> trailers,
    Action<object> dispose,
    object state
)
{
    public CallInProgress(Task<Metadata> responseHeaders, Func<Status> status, Func<Metadata> trailers, Action dispose)
        : this(_ => responseHeaders, _ => status(), _ => trailers(), _ => dispose(), state: responseHeaders) { }

    public Task<Metadata> ResponseHeaders => responseHeaders(state);

    public Status Status => status(state);

    public Metadata Trailers => trailers(state);

    public void Dispose() => dispose(state);
}

/// <summary>A call with one request and one response. Awaiting it gives the response.</summary>
public sealed class AsyncUnaryCall<TResponse> : IDisposable
{
    private readonly CallInProgress call;

    public AsyncUnaryCall(
        Task<TResponse> responseAsync,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction
    )
    {
        ResponseAsync = responseAsync;
        call = new(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction);
    }

    public AsyncUnaryCall(
        Task<TResponse> responseAsync,
        Func<object, Task<Metadata>> responseHeadersAsync,
        Func<object, Status> getStatusFunc,
        Func<object, Metadata> getTrailersFunc,
        Action<object> disposeAction,
        object state
    )
    {
        ResponseAsync = responseAsync;
        call = new(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction, state);
    }

    public Task<TResponse> ResponseAsync { get; }

    public Task<Metadata> ResponseHeadersAsync => call.ResponseHeaders;

    public TaskAwaiter<TResponse> GetAwaiter() => ResponseAsync.GetAwaiter();

    public ConfiguredTaskAwaitable<TResponse> ConfigureAwait(bool continueOnCapturedContext) =>
        ResponseAsync.ConfigureAwait(continueOnCapturedContext);

    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Status GetStatus() => call.Status;

    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Metadata GetTrailers() => call.Trailers;

    /// <summary>Cancels the call if it is still running.</summary>
    public void Dispose() => call.Dispose();
}

/// <summary>A call with a stream of requests and one response. Awaiting it gives the response.</summary>
public sealed class AsyncClientStreamingCall<TRequest, TResponse> : IDisposable
{
    private readonly CallInProgress call;

    public AsyncClientStreamingCall(
        IClientStreamWriter<TRequest> requestStream,
        Task<TResponse> responseAsync,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction
    )
    {
        RequestStream = requestStream;
        ResponseAsync = responseAsync;
        call = new(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction);
    }

    public AsyncClientStreamingCall(
        IClientStreamWriter<TRequest> requestStream,
        Task<TResponse> responseAsync,
        Func<object, Task<Metadata>> responseHeadersAsync,
        Func<object, Status> getStatusFunc,
        Func<object, Metadata> getTrailersFunc,
        Action<object> disposeAction,
        object state
    )
    {
        RequestStream = requestStream;
        ResponseAsync = responseAsync;
        call = new(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction, state);
    }

    public IClientStreamWriter<TRequest> RequestStream { get; }

    public Task<TResponse> ResponseAsync { get; }

    public Task<Metadata> ResponseHeadersAsync => call.ResponseHeaders;

    public TaskAwaiter<TResponse> GetAwaiter() => ResponseAsync.GetAwaiter();

    public ConfiguredTaskAwaitable<TResponse> ConfigureAwait(bool continueOnCapturedContext) =>
        ResponseAsync.ConfigureAwait(continueOnCapturedContext);

    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Status GetStatus() => call.Status;

    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Metadata GetTrailers() => call.Trailers;

    /// <summary>Cancels the call if it is still running.</summary>
    public void Dispose() => call.Dispose();
}

/// <summary>A call with one request and a stream of responses.</summary>
public sealed class AsyncServerStreamingCall<TResponse> : IDisposable
{
    private readonly CallInProgress call;

    public AsyncServerStreamingCall(
        IAsyncStreamReader<TResponse> responseStream,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction
    )
    {
        ResponseStream = responseStream;
        call = new(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction);
    }

    public AsyncServerStreamingCall(
        IAsyncStreamReader<TResponse> responseStream,
        Func<object, Task<Metadata>> responseHeadersAsync,
        Func<object, Status> getStatusFunc,
        Func<object, Metadata> getTrailersFunc,
        Action<object> disposeAction,
        object state
    )
    {
        ResponseStream = responseStream;
        call = new(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction, state);
    }

    public IAsyncStreamReader<TResponse> ResponseStream { get; }

    public Task<Metadata> ResponseHeadersAsync => call.ResponseHeaders;

    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Status GetStatus() => call.Status;

    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Metadata GetTrailers() => call.Trailers;

    /// <summary>Cancels the call if it is still running.</summary>
    public void Dispose() => call.Dispose();
}

/// <summary>A call with a stream each way; they need not take turns.</summary>
public sealed class AsyncDuplexStreamingCall<TRequest, TResponse> : IDisposable
{
    private readonly CallInProgress call;

    public AsyncDuplexStreamingCall(
        IClientStreamWriter<TRequest> requestStream,
        IAsyncStreamReader<TResponse> responseStream,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction
    )
    {
        RequestStream = requestStream;
        ResponseStream = responseStream;
        call = new(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction);
    }

    public AsyncDuplexStreamingCall(
        IClientStreamWriter<TRequest> requestStream,
        IAsyncStreamReader<TResponse> responseStream,
        Func<object, Task<Metadata>> responseHeadersAsync,
        Func<object, Status> getStatusFunc,
        Func<object, Metadata> getTrailersFunc,
        Action<object> disposeAction,
        object state
    )
    {
        RequestStream = requestStream;
        ResponseStream = responseStream;
        call = new(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction, state);
    }

    public IClientStreamWriter<TRequest> RequestStream { get; }

    public IAsyncStreamReader<TResponse> ResponseStream { get; }

    public Task<Metadata> ResponseHeadersAsync => call.ResponseHeaders;

    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Status GetStatus() => call.Status;

    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Metadata GetTrailers() => call.Trailers;

    /// <summary>Cancels the call if it is still running.</summary>
    public void Dispose() => call.Dispose();
}
