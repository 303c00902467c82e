using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SendExchange.Education.V1;

namespace SendExchange.Contracts;

/// <summary>One line of a fact file, read.</summary>
/// <param name="Fact">The fact; null when the line has a fault.</param>
/// <param name="AsFarAsRead">What could be read of it, for naming further faults beside those of <paramref name="Faults"/>.</param>
/// <param name="Faults">Every fault of the line. A fault of the line as a whole has an empty field.</param>
public sealed record FactLine(AssessmentFact? Fact, AssessmentFact AsFarAsRead, IReadOnlyList<FactFault> Faults);

/// <summary>The JSON form of a fact: one object per line, the envelope's fields and one body.</summary>
/// <remarks>
/// It is protobuf's JSON with two liberties: enum values are written without their prefix (SCHOOL), and the reader takes both.
/// Field names are lowerCamelCase; the reader takes the proto names as well. Null means left out. The reader checks shape and
/// types only; whether a date is one, or the sender may say it, is Education's to judge. The proto is the only list of
/// fields: a body added there is read and written here without a change.
/// </remarks>
public static class FactJson
{
    private static readonly MessageShape Envelope = MessageShape.Of(AssessmentFact.Descriptor);
    private static readonly string[] KindOfField = KindsByFieldNumber();

    private static readonly object BoxedTrue = true;
    private static readonly object BoxedFalse = false;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 16 };

    // Fact files hold plain text, not HTML: escaping only what JSON requires keeps them readable.
    private static readonly JsonWriterOptions Plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? writer;

    /// <summary>Reads one line, without its line end. Never throws on bad input: every fault is in the answer.</summary>
    public static FactLine Read(ReadOnlySpan<byte> utf8Line)
    {
        var fact = new AssessmentFact();
        var faults = new Faults();
        if (!Utf8.IsValid(utf8Line))
        {
            faults.Add("", "not valid UTF-8");
            return new FactLine(null, fact, faults.All);
        }
        var reader = new Utf8JsonReader(utf8Line, Strict);
        try
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadMessage(ref reader, Envelope, fact, "", faults);
            }
            else
            {
                faults.Add("", $"expected one JSON object, saw {Seen(ref reader)}");
                faults.BodySeen = true; // A fact that is none has no missing body.
                reader.Skip();
            }
            reader.Read(); // Throws on anything after the object.
        }
        catch (JsonException malformed)
        {
            faults.Add("", Malformed(malformed, utf8Line.Length));
            return new FactLine(null, fact, faults.All);
        }
        if (fact.BodyCase == AssessmentFact.BodyOneofCase.None && !faults.BodySeen)
        {
            faults.Add("", "no body: expected exactly one, such as requestReceived or adviceSought");
        }
        return new FactLine(faults.Any ? null : fact, fact, faults.All);
    }

    /// <summary>Writes the fact as one object: envelope, then body; what has its default value is left out.</summary>
    public static void Write(AssessmentFact fact, Utf8JsonWriter json) => WriteMessage(fact, Envelope, json);

    /// <inheritdoc cref="Write(AssessmentFact, Utf8JsonWriter)"/>
    /// <remarks>No line end is added.</remarks>
    public static void Write(AssessmentFact fact, IBufferWriter<byte> output)
    {
        writer ??= new Utf8JsonWriter(output, Plain);
        writer.Reset(output);
        WriteMessage(fact, Envelope, writer);
        writer.Flush();
    }

    /// <summary>The fact's canonical text: the same fact always gives the same text.</summary>
    public static string ToText(AssessmentFact fact)
    {
        buffer ??= new ArrayBufferWriter<byte>(1024);
        buffer.ResetWrittenCount();
        Write(fact, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The wire name of the body, e.g. requestReceived; empty where the fact has none.</summary>
    public static string Kind(AssessmentFact fact) => KindOfField[(int)fact.BodyCase];

    /// <summary>An enum value as facts write it: its wire name without the prefix, e.g. SCHOOL.</summary>
    public static string ShortName<T>(T value)
        where T : struct, Enum => ShortNamesOf<T>.ByNumber[Convert.ToInt32(value, CultureInfo.InvariantCulture)];

    /// <summary>All that a field of this enum may say, for an error text.</summary>
    public static string ShortNames(EnumDescriptor type) =>
        string.Join(", ", type.Values.Where(value => value.Number != 0).Select(value => value.Name[EnumShape.PrefixOf(type).Length..]));

    /// <summary>A copy without the words people typed, which stay with Education. What was given reads "given".</summary>
    public static AssessmentFact WithoutFreeText(AssessmentFact fact)
    {
        static string Hide(string words) => words.Length > 0 ? "given" : "";
        var thin = fact.Clone();
        switch (thin.BodyCase)
        {
            case AssessmentFact.BodyOneofCase.ExceptionClaimed:
                thin.ExceptionClaimed.Reason = Hide(thin.ExceptionClaimed.Reason);
                break;
            case AssessmentFact.BodyOneofCase.RequestWithdrawn:
                thin.RequestWithdrawn.Reason = Hide(thin.RequestWithdrawn.Reason);
                break;
            case AssessmentFact.BodyOneofCase.PlanCeased:
                thin.PlanCeased.Reason = Hide(thin.PlanCeased.Reason);
                break;
            case AssessmentFact.BodyOneofCase.Retracted:
                thin.Retracted.Reason = Hide(thin.Retracted.Reason);
                break;
            case AssessmentFact.BodyOneofCase.AdviceReused:
                thin.AdviceReused.ProvidedFor = Hide(thin.AdviceReused.ProvidedFor);
                break;
        }
        return thin;
    }

    private static void ReadMessage(ref Utf8JsonReader reader, MessageShape shape, IMessage message, string path, Faults faults)
    {
        ulong given = 0;
        FieldShape? body = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var field = Find(ref reader, shape, out var unknown);
            reader.Read();
            if (field is null)
            {
                // Every body is an object and nothing else of the envelope is, so this was meant as one.
                var meantAsBody = shape == Envelope && reader.TokenType == JsonTokenType.StartObject;
                faults.BodySeen |= meantAsBody;
                faults.Add(path + Shorten(unknown!), $"unknown {(meantAsBody ? "body" : "field")}{shape.Nearest(unknown!)}");
                reader.Skip();
                continue;
            }
            var bit = 1UL << field.Index;
            if ((given & bit) != 0)
            {
                faults.Add(path + field.Name, "given twice");
            }
            given |= bit;
            if (reader.TokenType == JsonTokenType.Null)
            {
                continue;
            }
            if (field.IsBody)
            {
                faults.BodySeen = true;
                if (body is not null && body != field)
                {
                    faults.Add(field.Name, $"a second body beside {body.Name}: a fact has exactly one");
                }
                body ??= field;
            }
            ReadValue(ref reader, field, message, path, faults);
        }
    }

    private static void ReadValue(ref Utf8JsonReader reader, FieldShape field, IMessage message, string path, Faults faults)
    {
        switch (field.Type)
        {
            case FieldType.String when reader.TokenType == JsonTokenType.String:
                if (TryGetText(ref reader, out var text))
                {
                    field.Accessor.SetValue(message, text);
                }
                else
                {
                    faults.Add(path + field.Name, "holds half of a surrogate pair");
                }
                break;
            case FieldType.Bool when reader.TokenType is JsonTokenType.True or JsonTokenType.False:
                field.Accessor.SetValue(message, reader.TokenType == JsonTokenType.True ? BoxedTrue : BoxedFalse);
                break;
            case FieldType.Enum when reader.TokenType == JsonTokenType.String:
                var value = field.Values!.Find(ref reader);
                if (value is not null)
                {
                    field.Accessor.SetValue(message, value);
                }
                else
                {
                    faults.Add(path + field.Name, $"unknown value {Seen(ref reader)}; expected one of {field.Values.Allowed}");
                }
                break;
            // What the writer writes of a value that has no name here: a fact stored with one stays readable.
            case FieldType.Enum
                when reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) && field.Values!.HasNoName(number):
                field.Accessor.SetValue(message, field.Values.Boxed(number));
                break;
            case FieldType.Message when reader.TokenType == JsonTokenType.StartObject:
                var inner = field.Message!.New();
                ReadMessage(ref reader, field.Message, inner, $"{path}{field.Name}.", faults);
                field.Accessor.SetValue(message, inner);
                break;
            default:
                faults.Add(path + field.Name, $"expected {field.Expected}, saw {Seen(ref reader)}");
                reader.Skip();
                break;
        }
    }

    private static FieldShape? Find(ref Utf8JsonReader reader, MessageShape shape, out string? unknown)
    {
        FieldShape? field;
        if (!reader.ValueIsEscaped)
        {
            field = shape.Find(reader.ValueSpan);
            unknown = field is null ? Encoding.UTF8.GetString(reader.ValueSpan) : null;
            return field;
        }
        unknown = TryGetText(ref reader, out var name) ? name : "?";
        field = shape.Find(Encoding.UTF8.GetBytes(unknown));
        return field;
    }

    /// <summary>False for an escape that is no text: half of a surrogate pair.</summary>
    private static bool TryGetText(ref Utf8JsonReader reader, out string text)
    {
        try
        {
            text = reader.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            text = "";
            return false;
        }
    }

    private static string Seen(ref Utf8JsonReader reader) =>
        reader.TokenType switch
        {
            JsonTokenType.String => TryGetText(ref reader, out var text) ? $"'{Shorten(text)}'" : "broken text",
            JsonTokenType.Number => "a number",
            JsonTokenType.True or JsonTokenType.False => "a boolean",
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "a list",
            JsonTokenType.Null => "null",
            _ => "nothing",
        };

    private static string Shorten(string text) => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 39), "…");

    private static string Malformed(JsonException malformed, int length)
    {
        if (length == 0)
        {
            return "malformed JSON: the line is empty";
        }
        var place = malformed.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var what = place < 0 ? malformed.Message : malformed.Message[..place];
        // The reader quotes what it saw, and a broken line may hold anything: the place is enough.
        var quoted = what.IndexOf("' is ", StringComparison.Ordinal);
        what = quoted < 0 ? what : string.Concat("what stands there", what.AsSpan(quoted + 1));
        return string.Create(CultureInfo.InvariantCulture, $"malformed JSON at byte {malformed.BytePositionInLine + 1}: {what}");
    }

    private static void WriteMessage(IMessage message, MessageShape shape, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var field in shape.Scalars)
        {
            var value = field.Accessor.GetValue(message);
            switch (field.Type)
            {
                case FieldType.String:
                    if (value is string { Length: > 0 } text)
                    {
                        json.WriteString(field.Encoded, text);
                    }
                    break;
                case FieldType.Bool:
                    if ((bool)value)
                    {
                        json.WriteBoolean(field.Encoded, true);
                    }
                    break;
                case FieldType.Enum:
                    if ((int)value is not 0 and var number)
                    {
                        field.Values!.Write(json, field.Encoded, number);
                    }
                    break;
                case FieldType.Message when value is IMessage inner:
                    json.WritePropertyName(field.Encoded);
                    WriteMessage(inner, field.Message!, json);
                    break;
            }
        }
        if (shape == Envelope && message is AssessmentFact { BodyCase: not AssessmentFact.BodyOneofCase.None } fact)
        {
            var body = shape.Bodies[(int)fact.BodyCase]!;
            json.WritePropertyName(body.Encoded);
            WriteMessage((IMessage)body.Accessor.GetValue(fact), body.Message!, json);
        }
        json.WriteEndObject();
    }

    private static string[] KindsByFieldNumber()
    {
        var kinds = new string[AssessmentFact.Descriptor.Fields.InFieldNumberOrder()[^1].FieldNumber + 1];
        Array.Fill(kinds, "");
        foreach (var field in AssessmentFact.Descriptor.Oneofs[0].Fields)
        {
            kinds[field.FieldNumber] = field.JsonName;
        }
        return kinds;
    }

    private sealed class Faults
    {
        private List<FactFault>? list;

        /// <summary>Something stood where a body belongs, so "no body" would be one fault too many.</summary>
        public bool BodySeen { get; set; }

        public bool Any => list is not null;

        public IReadOnlyList<FactFault> All => list ?? (IReadOnlyList<FactFault>)[];

        public void Add(string field, string problem) => (list ??= []).Add(new FactFault { Field = field, Problem = problem });
    }

    /// <summary>What a message may hold, laid out for looking up a name by its bytes.</summary>
    private sealed class MessageShape
    {
        private static readonly Dictionary<MessageDescriptor, MessageShape> Known = [];

        private readonly FieldShape[][] byNameLength;
        private readonly Type type;

        private MessageShape(MessageDescriptor descriptor)
        {
            type = descriptor.ClrType;
            var all = descriptor.Fields.InFieldNumberOrder().Select((field, index) => new FieldShape(field, index)).ToArray();
            if (all.Length > 64)
            {
                throw new NotSupportedException($"{descriptor.FullName} has {all.Length} fields; the reader marks at most 64 as given.");
            }
            Scalars = [.. all.Where(field => !field.IsBody)];
            Bodies = new FieldShape?[all.Length == 0 ? 0 : all.Max(field => field.Number) + 1];
            foreach (var body in all.Where(field => field.IsBody))
            {
                Bodies[body.Number] = body;
            }
            var names = all.SelectMany(field => field.Names.Select(name => (name.Length, field)))
                .Distinct()
                .ToLookup(x => x.Length, x => x.field);
            byNameLength =
            [
                .. Enumerable.Range(0, names.Select(x => x.Key).DefaultIfEmpty().Max() + 1).Select(length => names[length].ToArray()),
            ];
        }

        /// <summary>All fields but the bodies, in the order they are written.</summary>
        public FieldShape[] Scalars { get; }

        /// <summary>By field number.</summary>
        public FieldShape?[] Bodies { get; }

        public static MessageShape Of(MessageDescriptor descriptor)
        {
            if (!Known.TryGetValue(descriptor, out var shape))
            {
                Known.Add(descriptor, shape = new MessageShape(descriptor));
            }
            return shape;
        }

        public IMessage New() => (IMessage)Activator.CreateInstance(type)!;

        public FieldShape? Find(ReadOnlySpan<byte> name)
        {
            if (name.Length >= byNameLength.Length)
            {
                return null;
            }
            foreach (var field in byNameLength[name.Length])
            {
                if (name.SequenceEqual(field.Names[0]) || name.SequenceEqual(field.Names[1]))
                {
                    return field;
                }
            }
            return null;
        }

        /// <summary>"; did you mean …?" where a name is at most three edits away.</summary>
        public string Nearest(string unknown)
        {
            if (unknown.Length > 40)
            {
                return "";
            }
            var nearest = byNameLength
                .SelectMany(fields => fields)
                .Select(field => (field.Name, Edits: Edits(field.Name, unknown)))
                .OrderBy(x => x.Edits)
                .ThenBy(x => x.Name, StringComparer.Ordinal)
                .FirstOrDefault(x => x.Edits <= Math.Min(3, unknown.Length / 2));
            return nearest.Name is null ? "" : $"; did you mean {nearest.Name}?";
        }

        /// <summary>Levenshtein's distance, upper and lower case the same.</summary>
        private static int Edits(string a, string b)
        {
            var row = Enumerable.Range(0, b.Length + 1).ToArray();
            for (var i = 1; i <= a.Length; i++)
            {
                var diagonal = row[0];
                row[0] = i;
                for (var j = 1; j <= b.Length; j++)
                {
                    var substitute = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                    diagonal = row[j];
                    row[j] = Math.Min(substitute, 1 + Math.Min(row[j], row[j - 1]));
                }
            }
            return row[^1];
        }
    }

    private sealed class FieldShape
    {
        public FieldShape(FieldDescriptor field, int index)
        {
            if (field.IsRepeated || field.FieldType is not (FieldType.String or FieldType.Bool or FieldType.Enum or FieldType.Message))
            {
                throw new NotSupportedException($"{field.FullName}: a fact holds text, booleans, enums and messages, once each.");
            }
            Index = index;
            Number = field.FieldNumber;
            Name = field.JsonName;
            Names = [Encoding.UTF8.GetBytes(field.JsonName), Encoding.UTF8.GetBytes(field.Name)];
            Encoded = JsonEncodedText.Encode(field.JsonName);
            Type = field.FieldType;
            Accessor = field.Accessor;
            IsBody = field.ContainingType == AssessmentFact.Descriptor && field.ContainingOneof is not null;
            Message = Type == FieldType.Message ? MessageShape.Of(field.MessageType) : null;
            Values = Type == FieldType.Enum ? new EnumShape(field.EnumType) : null;
            Expected = Type switch
            {
                FieldType.String => "text in quotes",
                FieldType.Bool => "true or false",
                FieldType.Enum => $"one of {Values!.Allowed}",
                _ => "an object",
            };
        }

        public int Index { get; }
        public int Number { get; }
        public string Name { get; }

        /// <summary>The JSON name and the proto name, UTF-8.</summary>
        public byte[][] Names { get; }
        public JsonEncodedText Encoded { get; }
        public FieldType Type { get; }
        public IFieldAccessor Accessor { get; }
        public bool IsBody { get; }
        public MessageShape? Message { get; }
        public EnumShape? Values { get; }

        /// <summary>For the error text.</summary>
        public string Expected { get; }
    }

    private static class ShortNamesOf<T>
        where T : struct, Enum
    {
        public static readonly IReadOnlyDictionary<int, string> ByNumber = FactReflection
            .Descriptor.EnumTypes.Single(type => type.ClrType == typeof(T))
            .Values.ToDictionary(value => value.Number, value => value.Name[EnumShape.PrefixOf(value.EnumDescriptor).Length..]);
    }

    private sealed class EnumShape
    {
        private readonly (byte[] Short, byte[] Full, object Boxed)[] values;
        private readonly Dictionary<int, JsonEncodedText> texts = [];
        private readonly Type type;

        public EnumShape(EnumDescriptor type)
        {
            this.type = type.ClrType;
            var prefix = PrefixOf(type);
            values =
            [
                .. type.Values.Select(value =>
                    (
                        Encoding.UTF8.GetBytes(value.Name[prefix.Length..]),
                        Encoding.UTF8.GetBytes(value.Name),
                        Enum.ToObject(type.ClrType, value.Number)
                    )
                ),
            ];
            Allowed = ShortNames(type);
            foreach (var value in type.Values)
            {
                texts[value.Number] = JsonEncodedText.Encode(value.Name[prefix.Length..]);
            }
        }

        public static string PrefixOf(EnumDescriptor type) => type.FindValueByNumber(0).Name[..^"UNSPECIFIED".Length];

        /// <summary>The short names, without UNSPECIFIED.</summary>
        public string Allowed { get; }

        /// <summary>The value as its own enum type, boxed once; null for a name that is none.</summary>
        public object? Find(ref Utf8JsonReader reader)
        {
            foreach (var (shortName, fullName, boxed) in values)
            {
                if (reader.ValueTextEquals(shortName) || reader.ValueTextEquals(fullName))
                {
                    return boxed;
                }
            }
            return null;
        }

        public bool HasNoName(int number) => !texts.ContainsKey(number);

        public object Boxed(int number) => Enum.ToObject(type, number);

        public void Write(Utf8JsonWriter json, JsonEncodedText name, int number)
        {
            if (texts.TryGetValue(number, out var text))
            {
                json.WriteString(name, text);
            }
            else
            {
                json.WriteNumber(name, number); // A newer sender's value, kept as protobuf keeps it.
            }
        }
    }
}
