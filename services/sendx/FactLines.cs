using System.Buffers;
using System.IO.Pipelines;
using SendExchange.Contracts;

namespace SendExchange.Sendx;

/// <summary>Fact files, read line by line without holding them in memory.</summary>
internal static class FactLines
{
    /// <summary>Each line with its number, from 1; empty lines are passed over. A fault of one line loses no other.</summary>
    public static async IAsyncEnumerable<(long Line, FactLine Read)> Read(
        Stream input,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var reader = PipeReader.Create(input, new StreamPipeReaderOptions(bufferSize: 64 * 1024));
        long line = 0;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            while (TryTakeLine(ref buffer, result.IsCompleted, out var text))
            {
                line++;
                if (text.Length > 0)
                {
                    yield return (line, Parse(text));
                }
            }
            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                yield break;
            }
        }
    }

    private static FactLine Parse(ReadOnlySequence<byte> text) =>
        text.IsSingleSegment ? FactJson.Read(text.FirstSpan) : FactJson.Read(text.ToArray());

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, bool last, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            line = WithoutReturn(buffer.Slice(0, end));
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return true;
        }
        line = WithoutReturn(buffer);
        if (!last || buffer.IsEmpty)
        {
            return false;
        }
        buffer = buffer.Slice(buffer.End);
        return true;
    }

    private static ReadOnlySequence<byte> WithoutReturn(ReadOnlySequence<byte> line)
    {
        if (!line.IsEmpty && line.Slice(line.Length - 1).FirstSpan[0] == (byte)'\r')
        {
            return line.Slice(0, line.Length - 1);
        }
        return line;
    }
}
