using System.Collections;
using System.Text;

namespace Grpc.Core;

/// <summary>Headers or trailers of a call, in order; a key may occur more than once.</summary>
public sealed class Metadata : IList<Metadata.Entry>
{
    /// <summary>Keys with this ending hold bytes; all others hold ASCII text.</summary>
    public const string BinaryHeaderSuffix = "-bin";

    public static readonly Metadata Empty = new() { IsReadOnly = true };

    private readonly List<Entry> entries = [];

    public int Count => entries.Count;

    public bool IsReadOnly { get; private init; }

    public Entry this[int index]
    {
        get => entries[index];
        set => Writable()[index] = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>The last entry of this key (any case); null when there is none.</summary>
    public Entry? Get(string key) => entries.FindLast(entry => entry.HasKey(key));

    /// <summary>The text of the last entry of this key; null when there is none.</summary>
    public string? GetValue(string key) => Get(key)?.Value;

    /// <summary>The bytes of the last entry of this key; null when there is none.</summary>
    public byte[]? GetValueBytes(string key) => Get(key)?.ValueBytes;

    public IEnumerable<Entry> GetAll(string key) => entries.Where(entry => entry.HasKey(key));

    public void Add(Entry item) => Writable().Add(item ?? throw new ArgumentNullException(nameof(item)));

    public void Add(string key, string value) => Add(new Entry(key, value));

    public void Add(string key, byte[] valueBytes) => Add(new Entry(key, valueBytes));

    public void Insert(int index, Entry item) => Writable().Insert(index, item ?? throw new ArgumentNullException(nameof(item)));

    public bool Remove(Entry item) => Writable().Remove(item);

    public void RemoveAt(int index) => Writable().RemoveAt(index);

    public void Clear() => Writable().Clear();

    public bool Contains(Entry item) => entries.Contains(item);

    public int IndexOf(Entry item) => entries.IndexOf(item);

    public void CopyTo(Entry[] array, int arrayIndex) => entries.CopyTo(array, arrayIndex);

    public IEnumerator<Entry> GetEnumerator() => entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private List<Entry> Writable() => IsReadOnly ? throw new InvalidOperationException("This metadata is read-only.") : entries;

    public class Entry
    {
        private readonly string? text;
        private readonly byte[]? bytes;

        /// <exception cref="ArgumentException">The key is not a valid one, or ends in <see cref="BinaryHeaderSuffix"/>.</exception>
        public Entry(string key, string value)
        {
            Key = Normalised(key);
            if (IsBinary)
            {
                throw new ArgumentException(
                    $"Metadata '{Key}' ends in '{BinaryHeaderSuffix}', so its value is bytes, not text.",
                    nameof(key)
                );
            }
            text = value ?? throw new ArgumentNullException(nameof(value));
        }

        /// <exception cref="ArgumentException">The key is not a valid one, or does not end in <see cref="BinaryHeaderSuffix"/>.</exception>
        public Entry(string key, byte[] valueBytes)
        {
            Key = Normalised(key);
            if (!IsBinary)
            {
                throw new ArgumentException(
                    $"Metadata '{Key}' has bytes for a value, so it must end in '{BinaryHeaderSuffix}'.",
                    nameof(key)
                );
            }
            ArgumentNullException.ThrowIfNull(valueBytes);
            bytes = [.. valueBytes];
        }

        /// <summary>In lower case.</summary>
        public string Key { get; }

        public bool IsBinary => Key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal);

        /// <exception cref="InvalidOperationException">The entry is binary.</exception>
        public string Value => text ?? throw new InvalidOperationException($"Metadata '{Key}' is binary: read its bytes.");

        /// <summary>A copy of the bytes; of a text entry, its ASCII bytes.</summary>
        public byte[] ValueBytes => bytes is null ? Encoding.ASCII.GetBytes(text!) : [.. bytes];

        internal bool HasKey(string key) => Key.Equals(key, StringComparison.OrdinalIgnoreCase);

        public override string ToString() => IsBinary ? $"[Entry: key={Key}, {bytes!.Length} bytes]" : $"[Entry: key={Key}, value={text}]";

        private static string Normalised(string key)
        {
            ArgumentNullException.ThrowIfNull(key);
            return key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
                ? key.ToLowerInvariant()
                : throw new ArgumentException($"Metadata key '{key}' may hold only letters, digits, '_', '-' and '.'.", nameof(key));
        }
    }
}
