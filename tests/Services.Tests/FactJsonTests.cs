using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SendExchange.Contracts;
using SendExchange.Education.V1;

namespace SendExchange.Services.Tests;

public class FactJsonTests
{
    private const string Request =
        """{"factId":"f1","organisation":"la:350","caseId":"c1","on":"2023-01-09","requestReceived":{"source":"SCHOOL"}}""";

    [Fact]
    public void A_fact_reads_back_as_it_was_written()
    {
        Assert.Equal(Request, FactJson.ToText(Read(Request)));
    }

    [Fact]
    public void Every_field_of_every_body_survives_writing_and_reading()
    {
        foreach (var body in AssessmentFact.Descriptor.Oneofs[0].Fields)
        {
            var fact = new AssessmentFact
            {
                FactId = "f",
                Organisation = "la:350",
                On = "2023-01-09",
            };
            body.Accessor.SetValue(fact, Filled(body.MessageType));

            var read = FactJson.Read(Encoding.UTF8.GetBytes(FactJson.ToText(fact)));

            Assert.Empty(read.Faults);
            Assert.Equal(fact, read.Fact);
            Assert.Equal(body.JsonName, FactJson.Kind(fact));
        }
    }

    // A newer sender's: intake takes a request whoever made it, and then nobody may be unable to read the case.
    [Fact]
    public void A_value_without_a_name_survives_writing_and_reading()
    {
        var fact = new AssessmentFact
        {
            FactId = "f1",
            Organisation = "la:350",
            CaseId = "c1",
            On = "2023-01-09",
            RequestReceived = new() { Source = (RequestSource)99 },
        };

        var read = FactJson.Read(Encoding.UTF8.GetBytes(FactJson.ToText(fact)));

        Assert.Empty(read.Faults);
        Assert.Equal(fact, read.Fact);
        Assert.True(Aggregator.Facts.StatuteFacts.TryFrom(read.Fact!, out _, out _));
    }

    [Fact]
    public void An_empty_body_is_written_because_its_presence_is_the_statement()
    {
        var fact = new AssessmentFact { FactId = "f1", NoPlanNotified = new() };

        Assert.Equal("""{"factId":"f1","noPlanNotified":{}}""", FactJson.ToText(fact));
    }

    [Fact]
    public void Envelope_then_body_whatever_the_order_of_the_line()
    {
        var shuffled = """{"requestReceived":{"source":"SCHOOL"},"on":"2023-01-09","caseId":"c1","organisation":"la:350","factId":"f1"}""";

        Assert.Equal(Request, FactJson.ToText(Read(shuffled)));
    }

    [Theory]
    [InlineData("""{"fact_id":"f1","organisation":"la:350","case_id":"c1","on":"2023-01-09","request_received":{"source":"SCHOOL"}}""")]
    [InlineData(
        """{"factId":"f1","organisation":"la:350","caseId":"c1","on":"2023-01-09","requestReceived":{"source":"REQUEST_SOURCE_SCHOOL"}}"""
    )]
    [InlineData(
        """{"factId":"f1","organisation":"la:350","caseId":"c1","\u006fn":"2023-01-09","childId":null,"requestReceived":{"source":"SCHOOL"}}"""
    )]
    [InlineData(
        """ { "factId" : "f1", "organisation":"la:350","caseId":"c1","on":"2023-01-09","requestReceived":{"source":"SCHOOL","detained":false}} """
    )]
    public void Other_spellings_of_the_same_fact_are_the_same_fact(string line)
    {
        Assert.Equal(Request, FactJson.ToText(Read(line)));
    }

    [Theory]
    [InlineData("", "", "the line is empty")]
    [InlineData("nomen nescio", "", "malformed JSON at byte 2: what stands there is an invalid JSON literal")]
    [InlineData("{", "", "malformed JSON at byte 2")]
    [InlineData("""{"factId":"f1","noPlanNotified":{}} x""", "", "malformed JSON at byte 37")]
    [InlineData("""{"factId":"f1","noPlanNotified":{},}""", "", "malformed JSON at byte 36")]
    [InlineData("[]", "", "expected one JSON object, saw a list")]
    [InlineData("""{"factId":"f1"}""", "", "no body")]
    [InlineData("""{"factId":"f1","noPlanNotified":null}""", "", "no body")]
    [InlineData("""{"factId":"f1","noPlanNotifed":{}}""", "noPlanNotifed", "unknown body; did you mean noPlanNotified?")]
    [InlineData("""{"colour":"red","noPlanNotified":{}}""", "colour", "unknown field")]
    [InlineData("""{"noPlanNotified":{},"draftPlanServed":{}}""", "draftPlanServed", "a second body beside noPlanNotified")]
    [InlineData("""{"noPlanNotified":{},"on":20230109}""", "on", "expected text in quotes, saw a number")]
    [InlineData("""{"noPlanNotified":[]}""", "noPlanNotified", "expected an object, saw a list")]
    [InlineData("""{"requestReceived":{"detained":"yes"}}""", "requestReceived.detained", "expected true or false, saw 'yes'")]
    [InlineData("""{"requestReceived":{"source":2}}""", "requestReceived.source", "expected one of PARENT_OR_YOUNG_PERSON, SCHOOL")]
    [InlineData(
        """{"requestReceived":{"source":"SCHOL"}}""",
        "requestReceived.source",
        "unknown value 'SCHOL'; expected one of PARENT_OR_YOUNG_PERSON, SCHOOL, HEALTH, SOCIAL_CARE, OTHER"
    )]
    [InlineData(
        """{"adviceReused":{"satisfied":{"adviser":1}}}""",
        "adviceReused.satisfied.adviser",
        "expected true or false, saw a number"
    )]
    [InlineData("""{"on":"2023-01-09","noPlanNotified":{},"on":"2023-01-10"}""", "on", "given twice")]
    [InlineData("""{"factId":"\ud800","noPlanNotified":{}}""", "factId", "half of a surrogate pair")]
    [InlineData("""{"noPlanNotified":{},"x":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}""", "", "malformed JSON at byte")]
    public void A_fault_is_named_with_its_field(string line, string field, string problem)
    {
        var read = FactJson.Read(Encoding.UTF8.GetBytes(line));

        Assert.Null(read.Fact);
        Assert.Contains(read.Faults, fault => fault.Field == field && fault.Problem.Contains(problem));
    }

    [Fact]
    public void All_faults_of_a_line_are_named_at_once()
    {
        var line = """{"on":1,"on":2,"colour":{},"requestReceived":{"source":"SCHOL","detained":1},"noPlanNotified":{"why":"x"}}""";

        var faults = FactJson.Read(Encoding.UTF8.GetBytes(line)).Faults;

        Assert.Equal(
            ["on", "on", "on", "colour", "requestReceived.source", "requestReceived.detained", "noPlanNotified", "noPlanNotified.why"],
            faults.Select(fault => fault.Field)
        );
    }

    [Fact]
    public void What_is_sound_in_a_faulty_line_can_still_be_judged()
    {
        var read = FactJson.Read("""{"factId":"f1","on":"yesterday","noPlanNotified":{"why":"x"}}"""u8);

        Assert.Null(read.Fact);
        Assert.Equal("f1", read.AsFarAsRead.FactId);
        Assert.Equal("yesterday", read.AsFarAsRead.On);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_a_fault_and_not_a_crash()
    {
        byte[] line = [.. """{"factId":"f"""u8, 0xC3, 0x28, .. "\"}"u8];

        Assert.Equal("not valid UTF-8", Assert.Single(FactJson.Read(line).Faults).Problem);
    }

    [Fact]
    public void No_cut_of_a_line_crashes_the_reader()
    {
        var bytes = Encoding.UTF8.GetBytes(Request);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.NotEmpty(FactJson.Read(bytes.AsSpan(0, length)).Faults);
        }
    }

    [Fact]
    public void Free_text_does_not_travel()
    {
        var words = "Her grandmother died";
        AssessmentFact[] facts =
        [
            new() { ExceptionClaimed = new() { Reason = words } },
            new() { RequestWithdrawn = new() { Reason = words } },
            new() { PlanCeased = new() { Reason = words } },
            new()
            {
                Retracted = new() { FactId = "f1", Reason = words },
            },
            new() { AdviceReused = new() { ProvidedFor = words } },
        ];

        foreach (var fact in facts)
        {
            var thin = FactJson.ToText(FactJson.WithoutFreeText(fact));
            Assert.Contains("\"given\"", thin);
            Assert.DoesNotContain("grandmother", thin);
            Assert.Contains("grandmother", FactJson.ToText(fact));
        }
        Assert.Equal(
            """{"exceptionClaimed":{}}""",
            FactJson.ToText(FactJson.WithoutFreeText(new AssessmentFact { ExceptionClaimed = new() }))
        );
    }

    private static AssessmentFact Read(string line)
    {
        var read = FactJson.Read(Encoding.UTF8.GetBytes(line));
        Assert.Empty(read.Faults);
        return read.Fact!;
    }

    /// <summary>The message with a value in every field.</summary>
    private static IMessage Filled(MessageDescriptor type)
    {
        var message = (IMessage)Activator.CreateInstance(type.ClrType)!;
        foreach (var field in type.Fields.InFieldNumberOrder())
        {
            field.Accessor.SetValue(
                message,
                field.FieldType switch
                {
                    FieldType.String => $"{field.JsonName} \"ü\\\u0001",
                    FieldType.Bool => true,
                    FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[^1].Number),
                    _ => Filled(field.MessageType),
                }
            );
        }
        return message;
    }
}
