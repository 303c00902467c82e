using System.Buffers;
using System.Text;

namespace Grpc.Core;

public enum MethodType
{
    Unary,
    ClientStreaming,
    ServerStreaming,
    DuplexStreaming,
}

public interface IMethod
{
    MethodType Type { get; }

    /// <summary>With its package, as <c>grpc.health.v1.Health</c>.</summary>
    string ServiceName { get; }

    string Name { get; }

    /// <summary>The path of the HTTP request, as <c>/grpc.health.v1.Health/Check</c>.</summary>
    string FullName { get; }
}

public class Method<TRequest, TResponse>(
    MethodType type,
    string serviceName,
    string name,
    Marshaller<TRequest> requestMarshaller,
    Marshaller<TResponse> responseMarshaller
) : IMethod
{
    public MethodType Type { get; } = type;

    public string ServiceName { get; } = serviceName ?? throw new ArgumentNullException(nameof(serviceName));

    public string Name { get; } = name ?? throw new ArgumentNullException(nameof(name));

    public string FullName { get; } = $"/{serviceName}/{name}";

    public Marshaller<TRequest> RequestMarshaller { get; } =
        requestMarshaller ?? throw new ArgumentNullException(nameof(requestMarshaller));

    public Marshaller<TResponse> ResponseMarshaller { get; } =
        responseMarshaller ?? throw new ArgumentNullException(nameof(responseMarshaller));
}

/// <summary>Where a message is written to: either one array, or a buffer that is filled and then completed.</summary>
public abstract class SerializationContext
{
    public virtual void Complete(byte[] payload) => throw new NotImplementedException();

    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotImplementedException();

    /// <summary>Bytes that will be written; set before <see cref="GetBufferWriter"/> is called, or not at all.</summary>
    public virtual void SetPayloadLength(int payloadLength) => throw new NotImplementedException();

    public virtual void Complete() => throw new NotImplementedException();
}

public abstract class DeserializationContext
{
    public abstract int PayloadLength { get; }

    public virtual byte[] PayloadAsNewBuffer() => throw new NotImplementedException();

    /// <summary>Valid only while the message is being read.</summary>
    public virtual ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(PayloadAsNewBuffer());
}

/// <summary>Writes and reads one type of message. Each form is derived from the other when only that one is given.</summary>
public class Marshaller<T>
{
    public Marshaller(Func<T, byte[]> serializer, Func<byte[], T> deserializer)
    {
        Serializer = serializer ?? throw new ArgumentNullException(nameof(serializer));
        Deserializer = deserializer ?? throw new ArgumentNullException(nameof(deserializer));
        ContextualSerializer = (message, context) => context.Complete(serializer(message));
        ContextualDeserializer = context => deserializer(context.PayloadAsNewBuffer());
    }

    public Marshaller(Action<T, SerializationContext> serializer, Func<DeserializationContext, T> deserializer)
    {
        ContextualSerializer = serializer ?? throw new ArgumentNullException(nameof(serializer));
        ContextualDeserializer = deserializer ?? throw new ArgumentNullException(nameof(deserializer));
        Serializer = message =>
        {
            var context = new ArrayWriting();
            serializer(message, context);
            return context.Payload;
        };
        Deserializer = payload => deserializer(new ArrayReading(payload));
    }

    public Func<T, byte[]> Serializer { get; }

    public Func<byte[], T> Deserializer { get; }

    public Action<T, SerializationContext> ContextualSerializer { get; }

    public Func<DeserializationContext, T> ContextualDeserializer { get; }
}

public static class Marshallers
{
    public static Marshaller<string> StringMarshaller { get; } = Create(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);

    public static Marshaller<T> Create<T>(Func<T, byte[]> serializer, Func<byte[], T> deserializer) => new(serializer, deserializer);

    public static Marshaller<T> Create<T>(Action<T, SerializationContext> serializer, Func<DeserializationContext, T> deserializer) =>
        new(serializer, deserializer);
}

internal sealed class ArrayWriting : SerializationContext
{
    private ArrayBufferWriter<byte>? buffer;
    private byte[]? payload;

    public byte[] Payload => payload ?? throw new InvalidOperationException("The serializer did not complete its message.");

    public override void SetPayloadLength(int payloadLength) => buffer = new(Math.Max(payloadLength, 1));

    public override IBufferWriter<byte> GetBufferWriter() => buffer ??= new();

    public override void Complete(byte[] payload) => this.payload = payload;

    public override void Complete() => payload = buffer?.WrittenSpan.ToArray() ?? [];
}

internal sealed class ArrayReading(byte[] payload) : DeserializationContext
{
    public override int PayloadLength => payload.Length;

    public override byte[] PayloadAsNewBuffer() => [.. payload];

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(payload);
}
