using System.Buffers;
using System.Runtime.CompilerServices;
using SendExchange.Aggregator.Facts;
using SendExchange.Contracts;
using SendExchange.Education.Intake;
using SendExchange.Education.V1;
using Fact = SendExchange.Statute.Fact;

namespace SendExchange.Sendx;

/// <summary>A fact file in blocks of whole lines, so that several can be read at once.</summary>
internal static class FactBlocks
{
    private const int BlockBytes = 1 << 20;

    /// <summary>Whole lines, in an array that <see cref="Read"/> gives back to its pool.</summary>
    /// <param name="LinesBefore">Lines of the file before this block.</param>
    /// <param name="TooLong">The block stands for one line that is longer than a block, and holds none of it.</param>
    internal sealed record Block(byte[] Bytes, int Length, long LinesBefore, bool TooLong = false);

    /// <param name="Faults">LINE: field: problem.</param>
    internal sealed record BlockRead(List<Fact> Facts, List<string> Faults);

    /// <summary>Cuts the stream at line ends.</summary>
    public static async IAsyncEnumerable<Block> Of(Stream input, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pool = ArrayPool<byte>.Shared;
        var (bytes, filled, lines, skipping) = (pool.Rent(BlockBytes), 0, 0L, false);
        while (true)
        {
            var count = await input.ReadAsync(bytes.AsMemory(filled), cancellationToken);
            filled += count;
            if (count > 0 && filled < bytes.Length)
            {
                continue;
            }
            var end = count == 0 ? filled : bytes.AsSpan(0, filled).LastIndexOf((byte)'\n') + 1;
            if (skipping)
            {
                // The rest of a line that was too long: up to its end, or all there is.
                var lineEnd = bytes.AsSpan(0, filled).IndexOf((byte)'\n') + 1;
                skipping = lineEnd == 0;
                var rest = skipping ? filled : lineEnd;
                bytes.AsSpan(rest, filled - rest).CopyTo(bytes);
                filled -= rest;
            }
            else if (end == 0 && count > 0)
            {
                yield return new Block([], 0, lines++, TooLong: true);
                (filled, skipping) = (0, true);
            }
            else if (end > 0)
            {
                var next = pool.Rent(BlockBytes);
                bytes.AsSpan(end, filled - end).CopyTo(next);
                var block = new Block(bytes, end, lines);
                lines += bytes.AsSpan(0, end).Count((byte)'\n');
                (bytes, filled) = (next, filled - end);
                yield return block;
            }
            if (count == 0 && filled == 0)
            {
                pool.Return(bytes);
                yield break;
            }
        }
    }

    /// <summary>The facts of the block that intake would take, and every fault of the other lines.</summary>
    public static BlockRead Read(Block block)
    {
        var read = new BlockRead([], []);
        var line = block.LinesBefore;
        if (block.TooLong)
        {
            read.Faults.Add($"{line + 1}: the line is longer than {BlockBytes:N0} bytes");
            return read;
        }
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var rest = block.Bytes.AsSpan(0, block.Length);
        if (line == 0 && rest.StartsWith("\uFEFF"u8))
        {
            rest = rest[3..];
        }
        while (!rest.IsEmpty)
        {
            line++;
            var end = rest.IndexOf((byte)'\n');
            var text = (end < 0 ? rest : rest[..end]).Trim(" \t\r"u8);
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (!text.IsEmpty)
            {
                ReadLine(text, line, names, read);
            }
        }
        ArrayPool<byte>.Shared.Return(block.Bytes);
        return read;
    }

    private static void ReadLine(ReadOnlySpan<byte> text, long line, Dictionary<string, string> names, BlockRead read)
    {
        var json = FactJson.Read(text);
        var faults = Faults(json);
        foreach (var fault in faults)
        {
            read.Faults.Add($"{line}: {(fault.Field.Length > 0 ? $"{fault.Field}: " : "")}{fault.Problem}");
        }
        if (faults.Count > 0)
        {
            return;
        }
        var fact = json.Fact!;
        // The same few names stand in every line of a case: one string each is enough.
        fact.Organisation = Same(names, fact.Organisation);
        fact.Authority = Same(names, fact.Authority);
        fact.CaseId = Same(names, fact.CaseId);
        if (StatuteFacts.TryFrom(fact, out var result, out var problem))
        {
            read.Facts.Add(result);
        }
        else
        {
            read.Faults.Add($"{line}: {problem}");
        }
    }

    /// <summary>Faults of form, and beside them those of meaning that do not merely follow from them.</summary>
    private static IReadOnlyList<FactFault> Faults(FactLine line)
    {
        if (line.Fact is { } fact)
        {
            return FactRules.Faults(fact);
        }
        if (line.Faults.Any(fault => fault.Field.Length == 0) || line.AsFarAsRead.BodyCase == AssessmentFact.BodyOneofCase.None)
        {
            return line.Faults;
        }
        var named = line.Faults.Select(fault => fault.Field).ToHashSet(StringComparer.Ordinal);
        return [.. line.Faults, .. FactRules.Faults(line.AsFarAsRead).Where(fault => !named.Contains(fault.Field))];
    }

    private static string Same(Dictionary<string, string> names, string name)
    {
        if (names.TryGetValue(name, out var known))
        {
            return known;
        }
        names.Add(name, name);
        return name;
    }
}
