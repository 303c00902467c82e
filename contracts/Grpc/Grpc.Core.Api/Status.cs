namespace Grpc.Core;

/// <summary>The status codes of the gRPC protocol; the numbers travel on the wire.</summary>
public enum StatusCode
{
    OK = 0,
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}

/// <summary>How a call ended. <see cref="DebugException"/> stays on the side where it arose.</summary>
public readonly struct Status(StatusCode statusCode, string detail, Exception? debugException)
{
    public static readonly Status DefaultSuccess = new(StatusCode.OK, "");
    public static readonly Status DefaultCancelled = new(StatusCode.Cancelled, "");

    public Status(StatusCode statusCode, string detail)
        : this(statusCode, detail, debugException: null) { }

    public StatusCode StatusCode { get; } = statusCode;

    public string Detail { get; } = detail;

    public Exception? DebugException { get; } = debugException;

    public override string ToString() =>
        DebugException is null
            ? $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\")"
            : $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\", DebugException=\"{DebugException.GetType()}: {DebugException.Message}\")";
}

/// <summary>Thrown by a server method to end its call with a status; thrown to the client when a call ended with any but OK.</summary>
public class RpcException(Status status, Metadata trailers, string message) : Exception(message, status.DebugException)
{
    public RpcException(Status status)
        : this(status, Metadata.Empty, status.ToString()) { }

    public RpcException(Status status, string message)
        : this(status, Metadata.Empty, message) { }

    public RpcException(Status status, Metadata trailers)
        : this(status, trailers, status.ToString()) { }

    public Status Status { get; } = status;

    public StatusCode StatusCode => Status.StatusCode;

    public Metadata Trailers { get; } = trailers ?? throw new ArgumentNullException(nameof(trailers));
}
