using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using SendExchange.Aggregator.Facts;
using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Education;
using SendExchange.Education.Intake;
using SendExchange.Education.V1;
using SendExchange.Testing;

namespace SendExchange.Services.Tests;

/// <summary>What Education takes in, refuses, and tells: by its own gRPC, with a witness behind its bus.</summary>
public sealed class IntakeTests(IntakeTests.Educations educations) : IClassFixture<IntakeTests.Educations>
{
    private static int _organisations = 200;

    /// <summary>Bodies that say nothing without these fields. All others may be empty.</summary>
    private static readonly Dictionary<string, string> Required = new(StringComparer.Ordinal)
    {
        ["decisionNotified"] = """{"outcome":"ASSESS"}""",
        ["adviceSought"] = """{"adviceId":"A1","kind":"MEDICAL","from":"icb:QJ2"}""",
        ["adviceReused"] = """{"kind":"MEDICAL","from":"icb:QJ2"}""",
        ["adviceGiven"] = """{"adviceId":"A1"}""",
        ["adviceReceived"] = """{"adviceId":"A1"}""",
        ["appointmentMissed"] = """{"adviceId":"A1"}""",
        ["exceptionClaimed"] = """{"ground":"ABSENT_FROM_AREA"}""",
        ["mediationAgreed"] = """{"issue":"ASSESS"}""",
        ["tribunalOrdered"] = """{"issue":"ASSESS"}""",
        ["appealUnopposed"] = """{"issue":"ASSESS"}""",
        ["reviewDecisionNotified"] = """{"outcome":"MAINTAIN"}""",
        ["phaseTransferExpected"] = """{"kind":"SCHOOL","transferOn":"2025-09-01"}""",
        ["reassessmentDecided"] = """{"outcome":"REASSESS"}""",
        ["retracted"] = """{"factId":"F0"}""",
    };

    /// <summary>So that no test sees another's facts.</summary>
    private readonly int number = Interlocked.Increment(ref _organisations);

    public static TheoryData<Engine> Engines => [.. Enum.GetValues<Engine>()];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static IReadOnlyList<FieldDescriptor> Bodies => [.. AssessmentFact.Descriptor.Oneofs[0].Fields];

    private string Authority => $"la:{number}";

    [Theory, MemberData(nameof(Engines))]
    public async Task Each_body_is_taken_in_its_least_form_and_told_so_that_the_law_can_read_it(Engine engine)
    {
        var education = await educations.On(engine);
        var facts = Bodies.Select(body => Least(body.JsonName)).ToList();

        foreach (var sender in facts.GroupBy(f => f.Organisation))
        {
            var receipts = await Send(education, sender.Key, [.. sender]);
            Assert.All(receipts, receipt => Assert.Equal("Accepted ", $"{receipt.Outcome} {Faults(receipt)}"));
        }
        await education.Quiet();

        var told = educations.Heard.Where(m => m.On == engine && m.Message.Authority == Authority).ToList();
        Assert.Equal(
            facts.Select(FactJson.Kind).Order(StringComparer.Ordinal),
            told.Select(m => m.Message.Kind).Order(StringComparer.Ordinal)
        );
        foreach (var (_, message, _) in told)
        {
            var read = FactJson.Read(Encoding.UTF8.GetBytes(message.Fact));
            Assert.Empty(read.Faults);
            StatuteFacts.TryFrom(read.Fact!, out _, out var problem);
            Assert.Equal($"{message.Kind}: ", $"{message.Kind}: {problem}");
        }
    }

    [Fact]
    public void A_body_without_its_required_fields_is_refused_for_each_of_them()
    {
        foreach (var body in Bodies)
        {
            var fact = Least(body.JsonName, body: "{}");
            var required = Required.TryGetValue(body.JsonName, out var fields)
                ? ((IMessage)body.Accessor.GetValue(Least(body.JsonName, fields)))
                    .Descriptor.Fields.InFieldNumberOrder()
                    .Where(f => fields.Contains($"\"{f.JsonName}\"", StringComparison.Ordinal))
                    .Select(f => $"{body.JsonName}.{f.JsonName}")
                : [];

            Assert.Equal(
                $"{body.JsonName} needs {string.Join(' ', required.Order(StringComparer.Ordinal))}",
                $"{body.JsonName} needs {string.Join(' ', FactRules.Faults(fact).Select(f => f.Field).Order(StringComparer.Ordinal))}"
            );
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Every_fault_of_a_fact_is_named_at_once_and_nothing_of_it_is_kept(Engine engine)
    {
        var education = await educations.On(engine);
        var fact = new AssessmentFact
        {
            CaseId = "C1 ",
            ChildId = new string('x', 101),
            Organisation = Authority,
            Authority = "icb:QJ2",
            On = "2024-02-30",
            At = "2024-02-29T12:00:00Z",
            ExceptionClaimed = new ExceptionClaimed
            {
                Obligation = "finalise",
                AdviceId = "A\t1",
                AdviceRequestedOn = "8 January",
                ClosedFrom = "2024-07-22",
                ReopensOn = "2024-07-22",
                AbsentFrom = "1989-12-31",
                Reason = new string('x', 2_001),
            },
        };

        var receipt = Assert.Single(await Send(education, Authority, fact));

        Assert.Equal(
            [
                "at",
                "authority",
                "caseId",
                "childId",
                "exceptionClaimed.absentFrom",
                "exceptionClaimed.adviceId",
                "exceptionClaimed.adviceRequestedOn",
                "exceptionClaimed.ground",
                "exceptionClaimed.obligation",
                "exceptionClaimed.reason",
                "exceptionClaimed.reopensOn",
                "factId",
            ],
            receipt.Faults.Select(f => f.Field).Order(StringComparer.Ordinal)
        );
        Assert.Equal((FactOutcome.Refused, 0, ""), (receipt.Outcome, receipt.Position, receipt.RecordedAt));
        Assert.All(receipt.Faults, fault => Assert.NotEmpty(fault.Problem));
        Assert.Empty(await Stored(education));
    }

    [Theory]
    [InlineData("""{"factId":"F1","caseId":"C1","organisation":"la:350","on":"2024-01-08"}""", "")]
    [InlineData("""{"factId":"F1","caseId":"C1","organisation":"la:350","requestReceived":{}}""", "on")]
    [InlineData("""{"factId":"F1","caseId":"C1","organisation":"la:350","at":"2024-01-08T09:30:00","requestReceived":{}}""", "at")]
    [InlineData("""{"factId":"F1","caseId":"C1","organisation":"la:35","on":"2024-01-08","requestReceived":{}}""", "organisation")]
    [InlineData("""{"factId":"F1","caseId":"C1","organisation":"icb:QJ2","on":"2024-01-08","sectionGAgreed":{}}""", "authority")]
    [InlineData(
        """{"factId":"F1","caseId":"C1","organisation":"la:350","on":"2024-01-08","corrects":"F1","requestReceived":{}}""",
        "corrects"
    )]
    [InlineData(
        """{"factId":"F2","caseId":"C1","organisation":"la:350","on":"2024-01-08","corrects":"F1","retracted":{"factId":"F0"}}""",
        "corrects"
    )]
    [InlineData(
        """{"factId":"F1","caseId":"C1","organisation":"la:350","on":"2024-01-08","schoolConsulted":{"urn":"12345"}}""",
        "schoolConsulted.urn"
    )]
    public void A_fault_is_named_by_its_field(string json, string field) =>
        Assert.Equal(field, Assert.Single(FactRules.Faults(FactJson.Read(Encoding.UTF8.GetBytes(json)).Fact ?? Bodyless(json))).Field);

    [Theory, MemberData(nameof(Engines))]
    public async Task A_fact_sent_again_gets_its_first_receipt_and_the_same_id_with_other_content_is_refused(Engine engine)
    {
        var education = await educations.On(engine);
        var first = Assert.Single(await Send(education, Authority, Fact("F1", "2024-01-08")));
        educations.Clock.Advance(TimeSpan.FromHours(1));

        var again = Assert.Single(await Send(education, Authority, Fact("F1", "2024-01-08")));
        var spelledOut = Fact("F1", "2024-01-08");
        spelledOut.Authority = Authority; // What it may leave out says the same.
        var said = Assert.Single(await Send(education, Authority, spelledOut));
        var other = Assert.Single(await Send(education, Authority, Fact("F1", "2024-01-09")));

        Assert.Equal(FactOutcome.Accepted, first.Outcome);
        var duplicate = first.Clone();
        duplicate.Outcome = FactOutcome.Duplicate;
        Assert.Equal([duplicate, duplicate], [again, said]);
        Assert.Equal((FactOutcome.Refused, "factId"), (other.Outcome, Assert.Single(other.Faults).Field));
        Assert.Equal("2024-01-08", Assert.Single(await Stored(education)).On);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Within_one_commit_the_first_of_an_id_counts_and_senders_do_not_share_ids(Engine engine)
    {
        var education = await educations.On(engine);
        var body = $"icb:Q{number}";
        AssessmentFact[] facts = [Fact("F1", "2024-01-08"), Fact("F1", "2024-01-09"), Fact("F1", "2024-01-08"), Given("F1", body)];
        var now = educations.Clock.GetUtcNow();

        var receipts = await education
            .Database(Education.Education.Name)
            .Transact(tx => TakeIn.Facts(tx, [.. facts.Select(f => new Offer(f, f.Organisation, Trace: null))], now), Stop);

        Assert.Equal(
            [FactOutcome.Accepted, FactOutcome.Refused, FactOutcome.Duplicate, FactOutcome.Accepted],
            receipts.Select(r => r.Outcome)
        );
        Assert.Equal([0L, 0, 1], new[] { receipts[0], receipts[2], receipts[3] }.Select(r => r.Position - receipts[0].Position));
        Assert.Equal(receipts[0].RecordedAt, receipts[2].RecordedAt);
        Assert.Equal([(Authority, "2024-01-08"), (body, "2024-01-08")], (await Stored(education)).Select(f => (f.Organisation, f.On)));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Of_two_streams_that_race_with_one_id_one_is_accepted(Engine engine)
    {
        await using var one = await Start(engine);
        await using var other = engine == Engine.Postgres ? await Start(engine, one) : null;
        var ids = Enumerable.Range(0, 100).Select(n => $"F{n}").ToList();

        var receipts = await Task.WhenAll(
            Send(one, Authority, [.. ids.Select(id => Fact(id, "2024-01-08"))]),
            Send(other ?? one, Authority, [.. ids.Select(id => Fact(id, "2024-01-08"))]),
            Send(other ?? one, Authority, [.. ids.Select(id => Fact(id, "2024-01-09"))])
        );
        await one.Quiet();

        var stored = (await Stored(one)).ToDictionary(f => f.FactId, f => f.On);
        Assert.Equal(ids.Count, stored.Count);
        foreach (var of in receipts.SelectMany(r => r).GroupBy(r => r.FactId))
        {
            var outcomes = string.Join(' ', of.Select(r => r.Outcome).Order());
            Assert.Equal(stored[of.Key] == "2024-01-08" ? "Accepted Duplicate Refused" : "Accepted Refused Refused", outcomes);
            Assert.Single(of.Where(r => r.Outcome != FactOutcome.Refused).Select(r => (r.Position, r.RecordedAt)).Distinct());
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_token_covers_its_own_organisation_only_and_needs_the_role(Engine engine)
    {
        var education = await educations.On(engine);

        var receipts = await Send(education, "la:999", Fact("F1", "2024-01-08"), Given("F2", $"icb:Q{number}"));

        Assert.All(receipts, r => Assert.Equal((FactOutcome.Refused, "organisation"), (r.Outcome, Assert.Single(r.Faults).Field)));
        Assert.All(receipts, r => Assert.Contains("la:999", r.Faults[0].Problem));
        Assert.Empty(await Stored(education));
        foreach (var role in new[] { "inspector", "subscriber", "operator" })
        {
            Assert.Equal(StatusCode.PermissionDenied, await Refused(education.Channel(Authority, role)));
        }
        Assert.Equal(StatusCode.Unauthenticated, await Refused(education.Channel()));

        async Task<StatusCode> Refused(Grpc.Net.Client.GrpcChannel channel) =>
            (
                await Assert.ThrowsAsync<RpcException>(async () =>
                    await new AssessmentIntakeService.AssessmentIntakeServiceClient(channel).RecordFactAsync(
                        new RecordFactRequest { Fact = Fact("F1", "2024-01-08") },
                        cancellationToken: Stop
                    )
                )
            ).StatusCode;
    }

    [Fact]
    public void An_authority_speaks_for_its_own_cases_a_body_for_its_advice_and_health_for_what_is_healths()
    {
        // Who may say each body in a case of la:350, beside la:350. `la:936` is another authority.
        var others = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["adviceGiven"] = "la:936 icb:QJ2 ccg:15M trust:RX4 care:350 school:105154",
            ["appointmentMissed"] = "la:936 icb:QJ2 ccg:15M trust:RX4 care:350 school:105154",
            ["exceptionClaimed"] = "la:936 icb:QJ2 ccg:15M trust:RX4 care:350 school:105154", // For its own advice.
            ["retracted"] = "la:936 icb:QJ2 ccg:15M trust:RX4 care:350 school:105154",
            ["sectionGAgreed"] = "icb:QJ2 ccg:15M trust:RX4",
            ["earlyYearsNotified"] = "icb:QJ2 ccg:15M trust:RX4",
            ["mediationReported"] = "icb:QJ2 ccg:15M trust:RX4",
            ["mediationActionDone"] = "icb:QJ2 ccg:15M trust:RX4",
            ["schoolReplied"] = "school:105154",
            ["reviewMeetingHeld"] = "school:105154",
            ["planTransferred"] = "la:936",
        };
        string[] healthsOwn = ["sectionGAgreed", "earlyYearsNotified"];
        string[] senders = ["la:350", "la:936", "icb:QJ2", "ccg:15M", "trust:RX4", "care:350", "school:105154"];
        foreach (var body in Bodies.Select(b => b.JsonName))
        {
            var may = senders.Where(sender =>
            {
                var fact = Least(body);
                (fact.Organisation, fact.Authority) = (sender, "la:350");
                fact.ExceptionClaimed?.AdviceId = "A1";
                return FactRules.Faults(fact).Count == 0;
            });
            var expected = (healthsOwn.Contains(body) ? "" : "la:350 ") + others.GetValueOrDefault(body);
            Assert.Equal($"{body}: {expected.Trim()}", $"{body}: {string.Join(' ', may)}");
        }
    }

    [Fact]
    public async Task A_stream_that_turns_into_something_else_gets_its_receipts_and_is_told()
    {
        await using var education = await Start(Engine.Sqlite);
        var bytes = Marshallers.Create(sent => sent, received => received);
        var method = new Method<byte[], byte[]>(
            MethodType.DuplexStreaming,
            AssessmentIntakeService.Descriptor.FullName,
            "RecordFacts",
            bytes,
            bytes
        );
        using var call = education
            .Channel(Authority, "sender")
            .CreateCallInvoker()
            .AsyncDuplexStreamingCall(method, null, new CallOptions());
        await call.RequestStream.WriteAsync(new RecordFactsRequest { Fact = Fact("F1", "2024-01-08") }.ToByteArray(), Stop);
        Assert.True(await call.ResponseStream.MoveNext(Stop));
        var receipt = RecordFactsResponse.Parser.ParseFrom(call.ResponseStream.Current).Receipt;
        await call.RequestStream.WriteAsync([0xFF, 0xFF], Stop);

        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Stop));

        Assert.Equal((FactOutcome.Accepted, StatusCode.InvalidArgument), (receipt.Outcome, refused.StatusCode));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Positions_are_1_to_n_without_gaps_under_parallel_calls_with_refusals_and_duplicates_between(Engine engine)
    {
        await using var one = await Start(engine);
        await using var other = engine == Engine.Postgres ? await Start(engine, one) : null;
        ServiceHost[] hosts = [one, other ?? one];
        var broken = Fact("broken", "2024-01-08");
        broken.CaseId = "";

        var receipts = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(caller =>
                    Send(
                        hosts[caller % 2],
                        Authority,
                        [
                            .. Enumerable
                                .Range(0, 60)
                                .SelectMany(n =>
                                    n % 5 == 0
                                        ? (AssessmentFact[])
                                            [Fact($"F{caller}-{n}", "2024-01-08"), broken, Fact("everybody's", "2024-01-08")]
                                        : [Fact($"F{caller}-{n}", "2024-01-08")]
                                ),
                        ]
                    )
                )
                .Concat(
                    Enumerable
                        .Range(0, 20)
                        .Select(n => Task.Run(async () => await RecordOne(hosts[n % 2], Fact($"single {n}", "2024-01-08"))))
                )
        );
        await one.Quiet();

        var accepted = receipts.SelectMany(r => r).Where(r => r.Outcome == FactOutcome.Accepted).Select(r => r.Position).Order().ToList();
        Assert.Equal(Enumerable.Range(1, (8 * 60) + 20 + 1).Select(n => (long)n), accepted);
        var stored = await one.Database(Education.Education.Name)
            .Query<long>("select position from facts order by position", cancellationToken: Stop);
        Assert.Equal(accepted, stored);
        Assert.All(receipts, r => Assert.Equal(Enumerable.Range(1, r.Count).Select(n => (long)n), r.Select(x => x.Sequence)));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task What_people_typed_stays_with_education(Engine engine)
    {
        var education = await educations.On(engine);
        const string typed = "Anna's mother has been taken ill";
        var facts = new List<AssessmentFact>();
        foreach (var body in Bodies)
        {
            foreach (var field in body.MessageType.Fields.InFieldNumberOrder().Where(f => f.Name is "reason" or "provided_for"))
            {
                var fact = Least(body.JsonName);
                field.Accessor.SetValue((IMessage)body.Accessor.GetValue(fact), typed);
                facts.Add(fact);
            }
        }

        var receipts = await Send(education, Authority, [.. facts]);
        await education.Quiet();

        Assert.Equal(5, receipts.Count(r => r.Outcome == FactOutcome.Accepted));
        var told = educations.Heard.Where(m => m.On == engine && m.Message.Authority == Authority).ToList();
        Assert.Equal(5, told.Count);
        Assert.All(told, m => Assert.DoesNotContain("Anna", m.Wire));
        Assert.All(told, m => Assert.Contains("given", m.Message.Fact)); // That something was typed may matter to the law.
        Assert.All(await Stored(education), fact => Assert.Contains(typed, fact.ToString()));
    }

    [Theory]
    [InlineData("2024-01-08T09:30:00Z", "2024-01-08")]
    [InlineData("2024-07-08t23:30:00.123456789z", "2024-07-09")] // Half past midnight in London.
    [InlineData("2024-01-08T00:30:00+01:00", "2024-01-07")]
    [InlineData("2024-01-08T09:30:00-00:00", "2024-01-08")]
    [InlineData("01/08/2024T09:30:00Z", null)]
    [InlineData("2024-01-08 09:30:00Z", null)]
    [InlineData("2024-01-08T09:30Z", null)]
    [InlineData("2024-01-08T09:30:00", null)]
    [InlineData("2024-01-08T09:30:00+0100", null)]
    [InlineData("2024-01-08T09:30:00,5Z", null)]
    [InlineData("2024-02-30T09:30:00Z", null)]
    [InlineData("2024-01-08T09:30:00+25:00", null)]
    [InlineData("２０２４-01-08T09:30:00Z", null)]
    [InlineData("2016-12-31T23:59:60Z", null, "leap second")]
    [InlineData("2024-01-08T24:00:00Z", null, "24:00")]
    public void An_instant_is_RFC_3339_for_intake_and_for_the_law(string at, string? day, string problem = "RFC 3339")
    {
        var fact = Fact("F1", "");
        fact.At = at;

        var faults = FactRules.Faults(fact);
        var readable = StatuteFacts.TryFrom(fact, out var read, out var unreadable);

        if (day is null)
        {
            var fault = Assert.Single(faults);
            Assert.Equal("at", fault.Field);
            Assert.Contains(problem, fault.Problem);
            Assert.Contains(problem, unreadable);
        }
        else
        {
            Assert.Empty(faults);
            Assert.Equal((DateOnly.Parse(day), DateOnly.Parse(day)), (FactRules.On(fact), read?.On));
        }
        Assert.Equal(day is not null, readable);
    }

    [Fact]
    public void An_enum_number_that_has_no_name_is_refused_in_every_body_and_still_readable_where_it_is_stored()
    {
        foreach (var body in Bodies)
        {
            foreach (var field in body.MessageType.Fields.InFieldNumberOrder().Where(f => f.FieldType == FieldType.Enum))
            {
                var fact = Least(body.JsonName);
                field.Accessor.SetValue((IMessage)body.Accessor.GetValue(fact), Enum.ToObject(field.EnumType.ClrType, 99));

                var fault = Assert.Single(FactRules.Faults(fact));

                Assert.Equal($"{body.JsonName}.{field.JsonName}", fault.Field);
                Assert.StartsWith("is 99; expected one of ", fault.Problem);
                var stored = FactJson.Read(Encoding.UTF8.GetBytes(FactJson.ToText(fact)));
                Assert.Equal(fact, stored.Fact);
                Assert.True(StatuteFacts.TryFrom(fact, out _, out _));
            }
        }
    }

    [Theory]
    [InlineData("la:350", """{"ground":"EXCEPTIONAL_CIRCUMSTANCES"}""", null)]
    [InlineData("la:350", """{"ground":"EXCEPTIONAL_CIRCUMSTANCES","obligation":"finalise_plan"}""", null)]
    [InlineData("icb:QJ2", """{"ground":"MISSED_APPOINTMENT","adviceId":"A1"}""", null)]
    [InlineData("icb:QJ2", """{"ground":"MISSED_APPOINTMENT","obligation":"give_advice"}""", null)]
    [InlineData("school:105154", """{"ground":"SCHOOL_CLOSURE","obligation":"give_advice","adviceId":"A1"}""", null)]
    [InlineData("la:936", """{"ground":"MISSED_APPOINTMENT","adviceId":"A1"}""", null)] // Asked for advice by another authority.
    [InlineData("icb:QJ2", """{"ground":"EXCEPTIONAL_CIRCUMSTANCES"}""", "exceptionClaimed.adviceId")]
    [InlineData("la:936", """{"ground":"EXCEPTIONAL_CIRCUMSTANCES"}""", "exceptionClaimed.adviceId")]
    [InlineData("care:350", """{"ground":"EXCEPTIONAL_CIRCUMSTANCES","obligation":"finalise_plan"}""", "exceptionClaimed.obligation")]
    [InlineData(
        "care:350",
        """{"ground":"EXCEPTIONAL_CIRCUMSTANCES","obligation":"finalise_plan","adviceId":"A1"}""",
        "exceptionClaimed.obligation"
    )]
    public void A_body_claims_an_exception_for_its_own_advice_and_the_authority_for_any_duty(string sender, string claim, string? field)
    {
        var fact = Least("exceptionClaimed", claim);
        (fact.Organisation, fact.Authority) = (sender, "la:350");

        Assert.Equal(field, FactRules.Faults(fact).SingleOrDefault()?.Field);
    }

    /// <summary>An NHS number, as it is printed too; a UPN; names.</summary>
    public static TheoryData<string> PersonalValues =>
        ["9434765919", "943 476 5919", "943-476-5919", "A123456789012", "Anna", "Anna Smith", "la:Anna", "Anna:1"];

    [Theory, MemberData(nameof(PersonalValues))]
    public async Task An_error_text_repeats_nothing_that_may_be_personal(string value)
    {
        var education = await educations.On(Engine.Sqlite);
        var faults = new List<FactFault>();
        foreach (var body in Bodies)
        {
            foreach (var field in body.MessageType.Fields.InFieldNumberOrder().Where(f => f.FieldType == FieldType.String))
            {
                var fact = Least(body.JsonName);
                field.Accessor.SetValue((IMessage)body.Accessor.GetValue(fact), value);
                faults.AddRange(FactRules.Faults(fact));
                StatuteFacts.TryFrom(fact, out _, out var problem);
                faults.Add(new FactFault { Problem = problem ?? "" });
            }
        }
        foreach (var field in AssessmentFact.Descriptor.Fields.InFieldNumberOrder().Where(f => f.FieldType == FieldType.String))
        {
            var fact = Least("draftPlanServed");
            if (field.Name == "at")
            {
                fact.On = "";
            }
            field.Accessor.SetValue(fact, value);
            StatuteFacts.TryFrom(fact, out _, out var problem);
            faults.Add(new FactFault { Problem = problem ?? "" });
            faults.AddRange(FactRules.Faults(fact));
            if (FactRules.Faults(fact).Count > 0)
            {
                faults.AddRange(Assert.Single(await Send(education, Authority, fact)).Faults);
            }
        }

        Assert.True(faults.Count > 40);
        Assert.DoesNotContain(faults, fault => $"{fault.Field} {fault.Problem}".Contains(value, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2024-02-30", "'2024-02-30'")]
    [InlineData("08/01/2024", "'08/01/2024'")]
    [InlineData("2024-01-08 09:00", "'2024-01-08 09:00'")]
    [InlineData("la:35", "'la:35'")]
    [InlineData("12345", "'12345'")]
    [InlineData("9434765919", "a text of 10 digits")]
    [InlineData("A123456789012", "a text of 13 letters and digits")]
    [InlineData("Anna", "a text of 4 letters")]
    [InlineData("Anna Smith", "a text of 10 characters")]
    [InlineData("2024-01-08 9434765919", "a text of 21 characters")]
    public void What_can_be_no_more_than_a_date_or_a_code_is_shown_and_of_all_else_its_shape(string value, string shown) =>
        Assert.Equal(shown, FactValues.Shown(value));

    private static string Faults(FactReceipt receipt) => string.Join("; ", receipt.Faults.Select(f => $"{f.Field} {f.Problem}"));

    private static AssessmentFact Bodyless(string json)
    {
        var fact = FactJson.Read(Encoding.UTF8.GetBytes(json.Replace("}", ",\"draftPlanServed\":{}}"))).Fact!;
        fact.ClearBody();
        return fact;
    }

    private AssessmentFact Fact(string factId, string on) =>
        new()
        {
            FactId = factId,
            Organisation = Authority,
            CaseId = "C1",
            On = on,
            RequestReceived = new RequestReceived { Source = RequestSource.School },
        };

    private AssessmentFact Given(string factId, string organisation) =>
        new()
        {
            FactId = factId,
            Organisation = organisation,
            Authority = Authority,
            CaseId = "C1",
            On = "2024-01-08",
            AdviceGiven = new Education.V1.AdviceGiven { AdviceId = "A1" },
        };

    /// <summary>A fact with that body and nothing in it that may be left out, from one who may say it.</summary>
    private AssessmentFact Least(string kind, string? body = null)
    {
        var sender = kind is "sectionGAgreed" or "earlyYearsNotified" ? $"icb:Q{number}" : Authority;
        var json = $$"""
            {"factId":"{{kind}}","organisation":"{{sender}}","authority":"{{Authority}}","caseId":"C1","on":"2024-01-08",
             "{{kind}}":{{body ?? Required.GetValueOrDefault(kind, "{}")}} }
            """;
        return FactJson.Read(Encoding.UTF8.GetBytes(json)).Fact ?? throw new FormatException(json);
    }

    /// <summary>By one stream. Returns a receipt a fact.</summary>
    private static async Task<IReadOnlyList<FactReceipt>> Send(
        ServiceHost education,
        string caller,
        params IReadOnlyList<AssessmentFact> facts
    )
    {
        var intake = new AssessmentIntakeService.AssessmentIntakeServiceClient(education.Channel(caller, "sender"));
        using var call = intake.RecordFacts(cancellationToken: Stop);
        var receipts = call.ResponseStream.ReadAllAsync(Stop).Select(r => r.Receipt).ToListAsync(Stop);
        foreach (var fact in facts)
        {
            await call.RequestStream.WriteAsync(new RecordFactsRequest { Fact = fact }, Stop);
        }
        await call.RequestStream.CompleteAsync();
        return await receipts;
    }

    private static async Task<IReadOnlyList<FactReceipt>> RecordOne(ServiceHost education, AssessmentFact fact)
    {
        var intake = new AssessmentIntakeService.AssessmentIntakeServiceClient(education.Channel(fact.Organisation, "sender"));
        return [(await intake.RecordFactAsync(new RecordFactRequest { Fact = fact }, cancellationToken: Stop)).Receipt];
    }

    /// <summary>The facts kept of this test's authority.</summary>
    private async Task<IReadOnlyList<AssessmentFact>> Stored(ServiceHost education) =>
        [
            .. (
                await education
                    .Database(Education.Education.Name)
                    .Query<byte[]>("select fact from facts where authority = @Authority order by position", new { Authority }, Stop)
            ).Select(AssessmentFact.Parser.ParseFrom),
        ];

    /// <summary>Education by itself.</summary>
    /// <param name="beside">Whose database to share.</param>
    private static Task<ServiceHost> Start(Engine engine, ServiceHost? beside = null) =>
        ServiceHost.Start(
            engine,
            chassis => chassis.AddEducation(),
            app => app.MapEducation(),
            settings: beside is null
                ? null
                : new Dictionary<string, string?>
                {
                    [$"ConnectionStrings:{Education.Education.Name}"] = beside.ConnectionString(Education.Education.Name),
                }
        );

    /// <summary>Education on each engine, and a witness that hears the facts it tells.</summary>
    public sealed class Educations : IAsyncDisposable
    {
        private readonly Dictionary<Engine, Lazy<Task<ServiceHost>>> hosts;

        public Educations() => hosts = Enum.GetValues<Engine>().ToDictionary(e => e, e => new Lazy<Task<ServiceHost>>(() => Start(e)));

        public StoppedClock Clock { get; } = new(new DateOnly(2024, 1, 15));

        public ConcurrentQueue<(Engine On, AssessmentFactRecorded Message, string Wire)> Heard { get; } = new();

        public Task<ServiceHost> On(Engine engine) => hosts[engine].Value;

        public async ValueTask DisposeAsync()
        {
            foreach (var host in hosts.Values.Where(h => h.IsValueCreated))
            {
                await (await host.Value).DisposeAsync();
            }
        }

        private Task<ServiceHost> Start(Engine engine) =>
            ServiceHost.Start(
                engine,
                chassis =>
                {
                    chassis.AddEducation();
                    chassis.AddService("witness", typeof(IntakeTests).Assembly).Consume<Hear, AssessmentFactsRecorded>("facts");
                    chassis.Services.AddSingleton<Action<ConsumeContext<AssessmentFactsRecorded>>>(context =>
                    {
                        foreach (var fact in context.Message.Facts)
                        {
                            Heard.Enqueue((engine, fact, context.ReceiveContext.Body.GetString()));
                        }
                    });
                },
                app => app.MapEducation(),
                Clock
            );

        private sealed class Hear(Action<ConsumeContext<AssessmentFactsRecorded>> hear) : IConsumer<AssessmentFactsRecorded>
        {
            public Task Consume(ConsumeContext<AssessmentFactsRecorded> context)
            {
                hear(context);
                return Task.CompletedTask;
            }
        }
    }
}
