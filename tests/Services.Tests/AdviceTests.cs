using System.Collections.Concurrent;
using System.Text;
using Grpc.Core;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Education;
using SendExchange.Education.V1;
using SendExchange.Health;
using SendExchange.SocialCare;
using SendExchange.Testing;
using AdviceGiven = SendExchange.Contracts.AdviceGiven;
using Care = SendExchange.SocialCare.V1;
using Nhs = SendExchange.Health.V1;

namespace SendExchange.Services.Tests;

/// <summary>Health and social care are asked for advice and give it. Each test holds for both, on both engines.</summary>
public sealed class AdviceTests(AdviceTests.Exchanges exchanges) : IClassFixture<AdviceTests.Exchanges>
{
    private const string Content = "Speech and language therapy, twice a week.";
    private static int _organisations = 100;

    /// <summary>So that no test sees another's advice.</summary>
    private readonly int number = Interlocked.Increment(ref _organisations);

    public enum Agency
    {
        Health,
        SocialCare,
    }

    public static TheoryData<Engine, Agency> Everywhere =>
        new(Enum.GetValues<Engine>().SelectMany(_ => Enum.GetValues<Agency>(), (engine, agency) => (engine, agency)));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Authority => $"la:{number}";

    [Theory, MemberData(nameof(Everywhere))]
    public async Task Advice_asked_of_a_body_is_listed_for_it_alone_with_the_last_day_of_regulation_8(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);
        var asked = await Ask(exchange, agency, "A1", sentOn: "2026-06-24", receivedOn: "2026-06-26");

        var listed = Assert.Single((await Asked(exchange, agency).List()).Advice);

        Assert.Equal(new Listed(Authority, "C1", asked, "2026-06-24", "2026-06-26", Due: "2026-08-07", GivenOn: "", DaysLate: 0), listed);
        Assert.Empty((await new Adviser(exchange, agency, Body(agency, 999)).List()).Advice);
        Assert.Empty((await new Adviser(exchange, Other(agency), Body(agency, number)).List()).Advice);
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task Given_advice_reaches_education_as_the_bodys_fact_once_and_its_content_reaches_nobody(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);
        var adviceId = await Ask(exchange, agency, new string('Ä', 100)); // The longest id there is.
        var adviser = Asked(exchange, agency);

        var first = await adviser.Give(Authority, adviceId, Content, givenOn: "2026-06-30");
        await exchange.Quiet();
        var again = await adviser.Give(Authority, adviceId, Content);
        await exchange.Quiet();

        Assert.Equal((true, "2026-06-30"), first);
        Assert.Equal((false, "2026-06-30"), again);
        var fact = AssessmentFact.Parser.ParseFrom(Assert.Single(await FactsGiven(exchange)));
        Assert.Equal(
            (Body(agency, number), Authority, "C1", "2026-06-30", adviceId),
            (fact.Organisation, fact.Authority, fact.CaseId, fact.On, fact.AdviceGiven.AdviceId)
        );
        var message = Assert.Single(exchanges.Heard, m => m.Message.Authority == Authority && m.On == engine);
        Assert.DoesNotContain(Content, message.Wire);
        Assert.DoesNotContain(Content, fact.ToString());
        Assert.Equal("2026-06-30", Assert.Single((await adviser.List()).Advice).GivenOn);
        Assert.Empty((await adviser.List(owedOnly: true)).Advice);
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task Of_many_calls_at_once_with_one_advice_one_records_it(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);
        var adviceId = await Ask(exchange, agency, "A1");
        var adviser = Asked(exchange, agency);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => adviser.Give(Authority, adviceId, Content)));
        await exchange.Quiet();

        Assert.Single(answers, answer => answer.Recorded);
        Assert.Single(exchanges.Heard, m => m.Message.Authority == Authority && m.On == engine);
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task The_same_messages_in_any_order_and_twice_give_the_same_list(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);
        var by = Body(agency, number);
        object[][] orders =
        [
            .. Orders<Func<string, object>>(
                    id => Requested(1, id, by, receivedOn: new(2026, 6, 1)),
                    id => new AdviceRequestWithdrawn(2, Authority, id),
                    id => Requested(3, id, by, receivedOn: new(2026, 6, 8)), // Asked again.
                    id => new AdviceGivenRecorded(4, Authority, id, by, new(2026, 6, 29)),
                    id => new AdviceGivenRecorded(5, Authority, id, by, new(2026, 6, 30)) // The body corrects the day.
                )
                .Select((order, index) => order.Select(message => message($"A{index}")).ToArray()),
        ];

        for (var step = 0; step < 2 * orders[0].Length; step++)
        {
            await Publish(exchange, orders.Select(order => order[step % order.Length]));
        }

        var (listed, _) = await Asked(exchange, agency).List(pageSize: 1000);
        Assert.Equal(120, listed.Count);
        Assert.Equal(
            new Listed(Authority, "C1", "", "2026-05-29", "2026-06-08", Due: "2026-07-20", GivenOn: "2026-06-30", DaysLate: 0),
            Assert.Single(listed.Select(a => a with { AdviceId = "" }).Distinct())
        );
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task A_request_taken_back_or_put_right_to_ask_another_is_owed_no_longer_in_whatever_order_that_arrives(
        Engine engine,
        Agency agency
    )
    {
        var exchange = await exchanges.On(engine);
        var by = Body(agency, number);
        Func<string, object> asked = id => Requested(1, id, by, new(2026, 6, 1));
        Func<string, object> takenBack = id => new AdviceRequestWithdrawn(2, Authority, id);
        Func<string, object> askedOfAnother = id => Requested(2, id, Body(Other(agency), number), new(2026, 6, 1));

        await Publish(exchange, [asked("A1"), takenBack("A2"), asked("A3"), askedOfAnother("A4")]);
        await Publish(exchange, [takenBack("A1"), asked("A2"), askedOfAnother("A3"), asked("A4")]);

        Assert.Empty((await Asked(exchange, agency).List()).Advice);
        var refused = await Assert.ThrowsAsync<RpcException>(() => Asked(exchange, agency).Give(Authority, "A1", Content));
        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
        var (other, _) = await new Adviser(exchange, Other(agency), Body(Other(agency), number)).List();
        Assert.Equal(["A3", "A4"], other.Select(a => a.AdviceId));
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task An_authority_that_corrects_whom_it_asks_moves_the_request(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);
        await Ask(exchange, agency, "A1");
        var fact = Sought(Body(Other(agency), number), "A1", "2026-06-26", "2026-06-26");
        fact.Corrects = fact.FactId;
        fact.FactId += " corrected";

        await Record(exchange, fact);

        Assert.Empty((await Asked(exchange, agency).List()).Advice);
        Assert.Single((await new Adviser(exchange, Other(agency), Body(Other(agency), number)).List()).Advice);
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task Of_a_chain_of_corrections_the_last_is_asked_whatever_order_they_arrive_in(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);
        var orders = Orders(1, 2, 3, 4).ToList();
        for (var order = 0; order < orders.Count; order++)
        {
            foreach (var link in orders[order])
            {
                await Record(exchange, Link(order, link), quiet: false);
            }
        }
        await exchange.Quiet();

        Assert.Equal(Ids(link: 4), await Listed());

        for (var order = 0; order < orders.Count; order++)
        {
            await Record(exchange, Retraction(Authority, $"back {order}", of: $"{order}-4"), quiet: false);
        }
        await exchange.Quiet();

        Assert.Equal(Ids(link: 3), await Listed());

        // Each asks under another id, the last again under the first one.
        AssessmentFact Link(int order, int link)
        {
            var fact = Sought(Body(agency, number), Id(order, link), "2026-06-26", "2026-06-26");
            fact.FactId = $"{order}-{link}";
            fact.Corrects = link == 1 ? "" : $"{order}-{link - 1}";
            return fact;
        }

        string Id(int order, int link) => $"{order:00} A{(link == 4 ? 1 : link)}";

        IEnumerable<string> Ids(int link) => Enumerable.Range(0, orders.Count).Select(order => Id(order, link));

        async Task<IEnumerable<string>> Listed() => (await Asked(exchange, agency).List(pageSize: 1000)).Advice.Select(a => a.AdviceId);
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task Advice_that_its_body_takes_back_is_owed_again_and_can_be_given_again(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);
        var adviceId = await Ask(exchange, agency, "A1");
        var adviser = Asked(exchange, agency);
        await adviser.Give(Authority, adviceId, Content, givenOn: "2026-06-28");
        await exchange.Quiet();
        var given = AssessmentFact.Parser.ParseFrom(Assert.Single(await FactsGiven(exchange)));

        await Record(exchange, Retraction(given.Organisation, "back", of: given.FactId));

        Assert.Equal("", Assert.Single((await adviser.List(owedOnly: true)).Advice).GivenOn);

        var again = await adviser.Give(Authority, adviceId, Content + " Or thrice.", givenOn: "2026-06-30");
        await exchange.Quiet();

        Assert.Equal((true, "2026-06-30"), again);
        Assert.Equal("2026-06-30", Assert.Single((await adviser.List()).Advice).GivenOn);
        Assert.Equal(2, (await FactsGiven(exchange)).Count);
        Assert.Equal((false, "2026-06-30"), await adviser.Give(Authority, adviceId, Content + " Or thrice."));
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task What_a_body_corrects_or_takes_back_of_its_own_facts_shows_in_its_list(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);
        await Ask(exchange, agency, "A1");
        var other = Sought(Body(agency, number), "A2", "2026-06-26", "2026-06-26");
        other.FactId += " too";
        await Record(exchange, other);

        await Record(exchange, Gave("g1", "A1", "2026-06-20"));
        Assert.Equal("A1 2026-06-20, A2 ", await Listed());
        await Record(exchange, Gave("g2", "A1", "2026-06-25", corrects: "g1"));
        Assert.Equal("A1 2026-06-25, A2 ", await Listed());
        await Record(exchange, Gave("g3", "A2", "2026-06-25", corrects: "g2"));
        Assert.Equal("A1 , A2 2026-06-25", await Listed());
        await Record(exchange, Retraction(Body(agency, number), "x1", of: "g3"));
        Assert.Equal("A1 2026-06-25, A2 ", await Listed());
        await Record(exchange, Gave("g4", "A1", "2026-06-27"));
        Assert.Equal("A1 2026-06-27, A2 ", await Listed());
        await Record(exchange, Retraction(Body(agency, number), "x2", of: "g4")); // That it was given has been said before.
        Assert.Equal("A1 2026-06-25, A2 ", await Listed());
        await Record(exchange, Retraction(Body(agency, number), "x3", of: "g2"));
        Assert.Equal("A1 2026-06-20, A2 ", await Listed());
        await Record(exchange, Retraction(Body(agency, number), "x4", of: "g1"));
        Assert.Equal("A1 , A2 ", await Listed());
        await Record(exchange, Retraction(Body(agency, number), "x5", of: "g5")); // Before what it takes back.
        await Record(exchange, Gave("g5", "A1", "2026-06-29"));
        Assert.Equal("A1 , A2 ", await Listed());

        AssessmentFact Gave(string factId, string adviceId, string on, string corrects = "") =>
            new()
            {
                FactId = factId,
                Organisation = Body(agency, number),
                Authority = Authority,
                CaseId = "C1",
                On = on,
                Corrects = corrects,
                AdviceGiven = new Education.V1.AdviceGiven { AdviceId = adviceId },
            };

        async Task<string> Listed() =>
            string.Join(", ", (await Asked(exchange, agency).List()).Advice.Select(a => $"{a.AdviceId} {a.GivenOn}"));
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task Advice_taken_back_is_owed_in_whatever_order_that_arrives(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);
        var by = Body(agency, number);
        object[][] orders =
        [
            .. Orders<Func<string, object>>(
                    id => Requested(1, id, by, receivedOn: new(2026, 6, 1)),
                    id => new AdviceGivenRecorded(2, Authority, id, by, new(2026, 6, 29)),
                    id => new AdviceGivenWithdrawn(3, Authority, id, by),
                    id => new AdviceGivenWithdrawn(4, Authority, id, Body(agency, 999)) // Another's.
                )
                .Select((order, index) => order.Select(message => message($"A{index}")).ToArray()),
        ];
        for (var step = 0; step < orders[0].Length; step++)
        {
            await Publish(exchange, orders.Select(order => order[step]));
        }

        Assert.Equal(orders.Length, (await Asked(exchange, agency).List(owedOnly: true)).Advice.Count);
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task Days_late_count_from_the_due_day_to_the_day_given_or_to_today_in_London(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine); // Half past midnight of 1 July 2026 in London, 30 June in Greenwich.
        var by = Body(agency, number);
        await Publish(
            exchange,
            [
                Requested(1, "due today", by, receivedOn: new(2026, 5, 20)),
                Requested(2, "due yesterday", by, receivedOn: new(2026, 5, 19)),
                Requested(3, "given late", by, receivedOn: new(2026, 1, 5)), // Due on 16 February.
                new AdviceGivenRecorded(4, Authority, "given late", by, new(2026, 2, 26)),
                Requested(5, "given on the last day", by, receivedOn: new(2026, 1, 6)),
                new AdviceGivenRecorded(6, Authority, "given on the last day", by, new(2026, 2, 17)),
                Requested(7, "given by another", by, receivedOn: new(2026, 5, 18)),
                new AdviceGivenRecorded(8, Authority, "given by another", Body(agency, 999), new(2026, 6, 1)),
            ]
        );

        var (listed, _) = await Asked(exchange, agency).List();

        Assert.Equal(
            [("given late", 10), ("given on the last day", 0), ("given by another", 2), ("due yesterday", 1), ("due today", 0)],
            listed.Select(a => (a.AdviceId, a.DaysLate))
        );
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task Advice_is_given_today_in_London_where_no_day_is_named(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);
        var adviceId = await Ask(exchange, agency, "A1");

        Assert.Equal((true, "2026-07-01"), await Asked(exchange, agency).Give(Authority, adviceId, Content));
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task A_day_that_the_body_told_education_itself_stands_when_the_content_follows(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);
        var adviceId = await Ask(exchange, agency, "A1");
        await Record(
            exchange,
            new AssessmentFact
            {
                FactId = "given",
                Organisation = Body(agency, number),
                Authority = Authority,
                CaseId = "C1",
                On = "2026-06-28",
                AdviceGiven = new Education.V1.AdviceGiven { AdviceId = adviceId },
            }
        );

        var answer = await Asked(exchange, agency).Give(Authority, adviceId, Content);
        await exchange.Quiet();

        Assert.Equal((false, "2026-06-28"), answer);
        Assert.Single(await FactsGiven(exchange));
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task Other_content_for_advice_already_given_is_refused(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);
        var adviceId = await Ask(exchange, agency, "A1");
        await Asked(exchange, agency).Give(Authority, adviceId, Content);

        var refused = await Assert.ThrowsAsync<RpcException>(() =>
            Asked(exchange, agency).Give(Authority, adviceId, Content + " Or thrice.")
        );

        Assert.Equal(StatusCode.AlreadyExists, refused.StatusCode);
        Assert.DoesNotContain("thrice", refused.Status.Detail);
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task Advice_asked_of_another_cannot_be_told_from_advice_nobody_was_asked_for(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);
        await Ask(exchange, agency, "A1");
        var stranger = new Adviser(exchange, agency, Body(agency, 999));

        var asked = await Assert.ThrowsAsync<RpcException>(() => stranger.Give(Authority, "A1", Content));
        var never = await Assert.ThrowsAsync<RpcException>(() => stranger.Give(Authority, "A2", Content));

        Assert.Equal(StatusCode.NotFound, asked.StatusCode);
        Assert.Equal(never.Status.Detail, asked.Status.Detail.Replace("A1", "A2"));
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task A_request_is_refused_with_every_field_at_fault(Engine engine, Agency agency)
    {
        var adviser = Asked(await exchanges.On(engine), agency);

        await Refuses(() => adviser.Give("Barsetshire", "", "", givenOn: "tomorrow"), "authority", "advice_id", "given_on", "content");
        await Refuses(() => adviser.Give(Authority, "A1", Content, givenOn: "2026-07-02"), "given_on"); // In the future.
        await Refuses(() => adviser.Give(Authority, "A1", Content, givenOn: "2014-08-31"), "given_on"); // Before the Regulations.
        await Refuses(() => adviser.Give(Authority, "A1", Content, givenOn: "2026-06-31"), "given_on"); // No such day.
        await Refuses(() => adviser.Give(Authority, "A1", new string('ä', 512 * 1024) + "."), "content"); // A byte too large.
        await Refuses(() => adviser.Give(Authority, "A1", "nul\0"), "content");
        await Refuses(() => adviser.Give(Authority, "A\0", Content), "advice_id");
        await Refuses(() => adviser.List(pageSize: -1, pageToken: "?"), "page_size", "page_token");
        await Refuses(() => adviser.List(pageToken: Convert.ToBase64String("2026-07-01 la:350 \0"u8)), "page_token");
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task A_megabyte_of_content_is_taken(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);
        var adviceId = await Ask(exchange, agency, "A1");

        Assert.True((await Asked(exchange, agency).Give(Authority, adviceId, new string('ä', 512 * 1024))).Recorded);
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task Pages_hold_every_request_once_earliest_due_first(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);
        var by = Body(agency, number);
        var received = new DateOnly(2026, 6, 1);
        string[] ids = ["A 1", "A 2", "B", "C", "É"]; // Due on one day, but for the last.
        await Publish(exchange, ids.Select((id, i) => (object)Requested(i + 1, id, by, received.AddDays(id == "É" ? -1 : 0))));
        var adviser = Asked(exchange, agency);

        var pages = new List<IReadOnlyList<Listed>>();
        var token = "";
        do
        {
            var (advice, next) = await adviser.List(pageSize: 2, pageToken: token);
            pages.Add(advice);
            token = next;
        } while (token.Length > 0);

        Assert.Equal([2, 2, 1], pages.Select(p => p.Count));
        Assert.Equal(["É", "A 1", "A 2", "B", "C"], pages.SelectMany(p => p).Select(a => a.AdviceId));
    }

    [Theory, MemberData(nameof(Everywhere))]
    public async Task Only_an_adviser_is_let_in(Engine engine, Agency agency)
    {
        var exchange = await exchanges.On(engine);

        var sender = await Assert.ThrowsAsync<RpcException>(() => new Adviser(exchange, agency, Body(agency, number), "sender").List());
        var nobody = await Assert.ThrowsAsync<RpcException>(() => new Adviser(exchange, agency, null).Give(Authority, "A1", Content));

        Assert.Equal((StatusCode.PermissionDenied, StatusCode.Unauthenticated), (sender.StatusCode, nobody.StatusCode));
    }

    private static async Task Refuses(Func<Task> call, params string[] fields)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        var details = Encoding.UTF8.GetString(refused.Trailers.GetValueBytes("grpc-status-details-bin")!);
        Assert.All(fields, field => Assert.Contains(field, details));
        Assert.Equal(fields.Length, refused.Status.Detail.Split("; ").Count(fault => fields.Any(f => fault.StartsWith($"{f}: "))));
    }

    private static Agency Other(Agency agency) => agency == Agency.Health ? Agency.SocialCare : Agency.Health;

    private static string Body(Agency agency, int number) => agency == Agency.Health ? $"icb:Q{number}" : $"care:{number}";

    private Adviser Asked(ServiceHost exchange, Agency agency) => new(exchange, agency, Body(agency, number));

    private AdviceRequested Requested(long position, string adviceId, string from, DateOnly receivedOn) =>
        new(position, Authority, "C1", adviceId, "MEDICAL", from, new DateOnly(2026, 5, 29), receivedOn);

    private AssessmentFact Sought(string from, string adviceId, string sentOn, string receivedOn) =>
        new()
        {
            FactId = $"sought {number}",
            Organisation = Authority,
            CaseId = "C1",
            On = sentOn,
            AdviceSought = new AdviceSought
            {
                AdviceId = adviceId,
                Kind = AdviceKind.Medical,
                From = from,
                ReceivedByBodyOn = receivedOn,
            },
        };

    /// <summary>The authority's fact, by Education's own gRPC.</summary>
    /// <returns>The advice id.</returns>
    private async Task<string> Ask(
        ServiceHost exchange,
        Agency agency,
        string adviceId,
        string sentOn = "2026-06-26",
        string receivedOn = "2026-06-26"
    )
    {
        await Record(exchange, Sought(Body(agency, number), adviceId, sentOn, receivedOn));
        return adviceId;
    }

    private AssessmentFact Retraction(string organisation, string factId, string of) =>
        new()
        {
            FactId = factId,
            Organisation = organisation,
            Authority = Authority,
            CaseId = "C1",
            On = "2026-06-30",
            Retracted = new Retracted { FactId = of },
        };

    private static async Task Record(ServiceHost exchange, AssessmentFact fact, bool quiet = true)
    {
        var intake = new AssessmentIntakeService.AssessmentIntakeServiceClient(exchange.Channel(fact.Organisation, "sender"));
        var answer = await intake.RecordFactAsync(new RecordFactRequest { Fact = fact }, cancellationToken: Stop);
        Assert.Empty(answer.Receipt.Faults);
        if (quiet)
        {
            await exchange.Quiet();
        }
    }

    /// <summary>What Education publishes of facts, without Education.</summary>
    private static async Task Publish(ServiceHost exchange, IEnumerable<object> messages)
    {
        await exchange
            .Database(Exchanges.Witness)
            .Transact(
                tx =>
                {
                    foreach (var message in messages)
                    {
                        tx.Publish(message);
                    }
                    return Task.CompletedTask;
                },
                Stop
            );
        await exchange.Quiet();
    }

    private Task<IReadOnlyList<byte[]>> FactsGiven(ServiceHost exchange) =>
        exchange
            .Database(Education.Education.Name)
            .Query<byte[]>("select fact from facts where authority = @Authority and kind = 'adviceGiven'", new { Authority }, Stop);

    private static IEnumerable<T[]> Orders<T>(params T[] items) =>
        items.Length == 1
            ? [items]
            : items.SelectMany((first, i) => Orders([.. items[..i], .. items[(i + 1)..]]).Select(rest => (T[])[first, .. rest]));

    /// <summary>A row of either service's list.</summary>
    private sealed record Listed(
        string Authority,
        string CaseId,
        string AdviceId,
        string SoughtOn,
        string ReceivedOn,
        string Due,
        string GivenOn,
        int DaysLate
    );

    /// <summary>Calls the one service or the other, whose protos are alike but not the same.</summary>
    private sealed class Adviser(ServiceHost exchange, Agency agency, string? organisation, string role = "adviser")
    {
        private readonly Nhs.HealthAdviceService.HealthAdviceServiceClient health = new(exchange.Channel(organisation, role));
        private readonly Care.SocialCareAdviceService.SocialCareAdviceServiceClient care = new(exchange.Channel(organisation, role));

        public async Task<(IReadOnlyList<Listed> Advice, string NextPageToken)> List(
            bool owedOnly = false,
            int pageSize = 0,
            string pageToken = ""
        )
        {
            if (agency == Agency.Health)
            {
                var request = new Nhs.ListAdviceRequest
                {
                    OwedOnly = owedOnly,
                    PageSize = pageSize,
                    PageToken = pageToken,
                };
                var page = await health.ListAdviceAsync(request, cancellationToken: Stop);
                return (
                    [
                        .. page.Advice.Select(a => new Listed(
                            a.Authority,
                            a.CaseId,
                            a.AdviceId,
                            a.SoughtOn,
                            a.ReceivedOn,
                            a.Due,
                            a.GivenOn,
                            a.DaysLate
                        )),
                    ],
                    page.NextPageToken
                );
            }
            else
            {
                var request = new Care.ListAdviceRequest
                {
                    OwedOnly = owedOnly,
                    PageSize = pageSize,
                    PageToken = pageToken,
                };
                var page = await care.ListAdviceAsync(request, cancellationToken: Stop);
                return (
                    [
                        .. page.Advice.Select(a => new Listed(
                            a.Authority,
                            a.CaseId,
                            a.AdviceId,
                            a.SoughtOn,
                            a.ReceivedOn,
                            a.Due,
                            a.GivenOn,
                            a.DaysLate
                        )),
                    ],
                    page.NextPageToken
                );
            }
        }

        public async Task<(bool Recorded, string GivenOn)> Give(string authority, string adviceId, string content, string givenOn = "")
        {
            if (agency == Agency.Health)
            {
                var given = await health.GiveAdviceAsync(
                    new Nhs.GiveAdviceRequest
                    {
                        Authority = authority,
                        AdviceId = adviceId,
                        Content = content,
                        GivenOn = givenOn,
                    },
                    cancellationToken: Stop
                );
                return (given.Recorded, given.GivenOn);
            }
            else
            {
                var given = await care.GiveAdviceAsync(
                    new Care.GiveAdviceRequest
                    {
                        Authority = authority,
                        AdviceId = adviceId,
                        Content = content,
                        GivenOn = givenOn,
                    },
                    cancellationToken: Stop
                );
                return (given.Recorded, given.GivenOn);
            }
        }
    }

    /// <summary>Education, health and social care in one process, once on each engine; a witness hears what advice was given.</summary>
    public sealed class Exchanges : IAsyncDisposable
    {
        public const string Witness = "witness";

        private readonly Dictionary<Engine, Lazy<Task<ServiceHost>>> hosts;

        public Exchanges() => hosts = Enum.GetValues<Engine>().ToDictionary(e => e, e => new Lazy<Task<ServiceHost>>(() => Start(e)));

        public ConcurrentQueue<(Engine On, AdviceGiven Message, string Wire)> Heard { get; } = new();

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
                    chassis.AddHealth();
                    chassis.AddSocialCare();
                    chassis.AddService(Witness, typeof(AdviceTests).Assembly).Consume<HearGiven, AdviceGiven>("advice-given");
                    chassis.Services.AddSingleton<Action<ConsumeContext<AdviceGiven>>>(context =>
                        Heard.Enqueue((engine, context.Message, context.ReceiveContext.Body.GetString()))
                    );
                },
                app =>
                {
                    app.MapEducation();
                    app.MapHealth();
                    app.MapSocialCare();
                },
                new StoppedClock(new DateTimeOffset(2026, 6, 30, 23, 30, 0, TimeSpan.Zero))
            );

        private sealed class HearGiven(Action<ConsumeContext<AdviceGiven>> hear) : IConsumer<AdviceGiven>
        {
            public Task Consume(ConsumeContext<AdviceGiven> context)
            {
                hear(context);
                return Task.CompletedTask;
            }
        }
    }
}
