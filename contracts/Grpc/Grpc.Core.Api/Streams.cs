using System.Runtime.CompilerServices;

namespace Grpc.Core;

[Flags]
public enum WriteFlags
{
    /// <summary>The message may wait in a buffer for the next one.</summary>
    BufferHint = 0x1,

    /// <summary>The message is not compressed, though the call is.</summary>
    NoCompress = 0x2,
}

public class WriteOptions(WriteFlags flags = default)
{
    public static readonly WriteOptions Default = new();

    public WriteFlags Flags { get; } = flags;
}

public interface IAsyncStreamReader<out T>
{
    /// <summary>The message that <see cref="MoveNext"/> found.</summary>
    T Current { get; }

    /// <summary>False at the end of the stream. One read at a time.</summary>
    Task<bool> MoveNext(CancellationToken cancellationToken);
}

public interface IAsyncStreamWriter<in T>
{
    WriteOptions? WriteOptions { get; set; }

    /// <summary>Completes when the transport takes the message, which is how back-pressure reaches the writer. One write at a time.</summary>
    Task WriteAsync(T message);

    /// <exception cref="NotSupportedException">This writer has no cancellable writes, and the token could be cancelled.</exception>
    Task WriteAsync(T message, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled ? throw new NotSupportedException("This stream cannot cancel a write.") : WriteAsync(message);
}

public interface IClientStreamWriter<in T> : IAsyncStreamWriter<T>
{
    /// <summary>Tells the server that no message follows.</summary>
    Task CompleteAsync();
}

public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>;

public static class AsyncStreamReaderExtensions
{
    public static Task<bool> MoveNext<T>(this IAsyncStreamReader<T> streamReader)
        where T : class => streamReader.MoveNext(CancellationToken.None);

    /// <summary>Reads to the end of the stream; an early break leaves the rest unread.</summary>
    public static async IAsyncEnumerable<T> ReadAllAsync<T>(
        this IAsyncStreamReader<T> streamReader,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(streamReader);
        while (await streamReader.MoveNext(cancellationToken).ConfigureAwait(false))
        {
            yield return streamReader.Current;
        }
    }
}
