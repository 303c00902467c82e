using System.Reflection;
using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;
using SendExchange.Contracts;
using SendExchange.Education.V1;
using SendExchange.Testing;

namespace SendExchange.Services.Tests;

/// <summary>What others see does not change by accident: <c>wire.approved.txt</c> lists every name and number that travels.</summary>
public sealed partial class WireTests
{
    private const string Approved = "tests/Services.Tests/wire.approved.txt";

    [Fact]
    public void Names_and_numbers_on_the_wire_are_those_approved()
    {
        var now = Protos().Concat(BusMessages()).ToList();
        if (Environment.GetEnvironmentVariable("SENDX_APPROVE") == "1")
        {
            File.WriteAllLines(Repository.PathOf(Approved), now);
        }
        var before = File.ReadAllLines(Repository.PathOf(Approved));

        var changes = before.Except(now).Select(line => $"- {line}").Concat(now.Except(before).Select(line => $"+ {line}")).ToList();

        Assert.True(
            changes.Count == 0,
            $"""
            The wire has changed:
            {string.Join('\n', changes)}
            What is gone or different breaks those who hold the old form: add beside it instead (a new field, a V2 message).
            If it is meant, add a line to CHANGELOG.md and approve it: SENDX_APPROVE=1 dotnet test tests/Services.Tests --filter WireTests
            """
        );
    }

    [Fact]
    public void Bus_messages_hold_plain_values_only_or_lists_of_each_other()
    {
        Type[] plain =
        [
            typeof(string),
            typeof(int),
            typeof(long),
            typeof(bool),
            typeof(decimal),
            typeof(Guid),
            typeof(DateOnly),
            typeof(DateTimeOffset),
            .. Messages().Select(message => typeof(IReadOnlyList<>).MakeGenericType(message)),
        ];
        var others =
            from message in Messages()
            from property in message.GetProperties()
            where !plain.Contains(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType)
            select $"{message.Name}.{property.Name} is a {property.PropertyType.Name}";
        Assert.Empty(others);
    }

    private static IEnumerable<string> Protos()
    {
        var files = typeof(AssessmentFact)
            .Assembly.GetTypes()
            .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
            .OfType<FileDescriptor>()
            .OrderBy(file => file.Name, StringComparer.Ordinal);
        foreach (var file in files)
        {
            foreach (var service in file.Services.OrderBy(s => s.FullName, StringComparer.Ordinal))
            {
                foreach (var method in service.Methods)
                {
                    var takes = (method.IsClientStreaming ? "stream " : "") + method.InputType.FullName;
                    var gives = (method.IsServerStreaming ? "stream " : "") + method.OutputType.FullName;
                    yield return $"rpc {service.FullName}/{method.Name} ({takes}) returns ({gives})";
                }
            }
            foreach (var line in file.MessageTypes.OrderBy(m => m.FullName, StringComparer.Ordinal).SelectMany(Message))
            {
                yield return line;
            }
            foreach (var line in file.EnumTypes.OrderBy(e => e.FullName, StringComparer.Ordinal).SelectMany(Enumeration))
            {
                yield return line;
            }
        }
    }

    private static IEnumerable<string> Message(MessageDescriptor message) =>
        message
            .Fields.InFieldNumberOrder()
            .Select(field =>
                $"message {message.FullName} {field.FieldNumber} {field.Name}: {(field.IsRepeated ? "repeated " : "")}{TypeOf(field)}"
            )
            .DefaultIfEmpty($"message {message.FullName}")
            .Concat(message.NestedTypes.SelectMany(Message))
            .Concat(message.EnumTypes.SelectMany(Enumeration));

    private static string TypeOf(FieldDescriptor field) =>
        field.FieldType switch
        {
            FieldType.Message => field.MessageType.FullName,
            FieldType.Enum => field.EnumType.FullName,
            var scalar => scalar.ToString().ToLowerInvariant(),
        };

    private static IEnumerable<string> Enumeration(EnumDescriptor enumeration) =>
        enumeration.Values.Select(value => $"enum {enumeration.FullName} {value.Number} {value.Name}");

    /// <summary>MassTransit names a message by its namespace and type, and its properties in JSON by their names.</summary>
    private static IEnumerable<string> BusMessages() =>
        from message in Messages()
        from line in message
            .GetProperties()
            .OrderBy(p => p.Name, StringComparer.Ordinal)
            .Select(p => $"bus {message.Namespace}:{message.Name} {p.Name}: {NameOf(p)}")
        select line;

    private static string NameOf(PropertyInfo property)
    {
        var optional = new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return (type.IsGenericType ? $"{type.GenericTypeArguments[0].Name}[]" : type.Name) + (optional ? "?" : "");
    }

    private static IEnumerable<Type> Messages() =>
        from Match record in MessageRecord().Matches(Repository.Read("contracts/Contracts/Messages.cs"))
        let name = record.Groups["name"].Value
        orderby name
        select typeof(AssessmentFactRecorded).Assembly.GetType($"SendExchange.Contracts.{name}", throwOnError: true)!;

    [GeneratedRegex(@"public sealed record (?<name>\w+)\(")]
    private static partial Regex MessageRecord();
}
