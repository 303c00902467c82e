using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SendExchange.Aggregator;
using SendExchange.Aggregator.V1;
using SendExchange.Education;
using SendExchange.Education.V1;
using SendExchange.Health;
using SendExchange.Health.V1;
using SendExchange.SocialCare;
using SendExchange.Testing;

namespace SendExchange.Services.Tests;

/// <summary>What is personal stays where it was told: all four services together, with everything they say of themselves kept.</summary>
public sealed class PrivacyTests
{
    private const string Words = "canary zq7c21qz words";
    private const string Child = "canary-zq7c21qz-child";
    private const string Canary = "zq7c21qz"; // No hexadecimal number: ids that fall by chance never hold it.
    private static readonly string[] _services = ["education", "health", "social-care", "aggregator"];

    /// <summary>What somebody may type into the wrong field: an NHS number, a UPN, a name.</summary>
    private static readonly string[] _mistyped = ["9434765919", "943 476 5919", "A801200001001", "Anna Canaryzq7c21qz"];

    public static TheoryData<Engine> Engines => [.. Enum.GetValues<Engine>()];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Engines))]
    public async Task Free_text_leaves_no_service_and_nothing_personal_is_in_a_log_a_trace_or_an_error(Engine engine)
    {
        var logs = new ConcurrentQueue<string>();
        var spans = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => spans.Enqueue(Text(span)),
        };
        ActivitySource.AddActivityListener(listener);
        await using var exchange = await Start(engine, logs);
        foreach (var service in _services)
        {
            await KeepOutbox(exchange, service);
        }

        var typed = await Tell(exchange);
        await exchange.Quiet();
        var errors = await Mistype(exchange);
        await exchange.Quiet();

        Assert.Equal(5, typed); // reason four times, providedFor.
        Assert.True(errors.Count > 100);
        Assert.NotEmpty(spans);
        Assert.NotEmpty(logs);
        string[] personal = [Canary, .. _mistyped];
        Assert.DoesNotContain(errors, error => personal.Any(error.Contains));
        Assert.DoesNotContain(logs, line => personal.Any(line.Contains));
        Assert.DoesNotContain(spans, span => personal.Any(span.Contains));
        foreach (var service in _services)
        {
            var published = await exchange.Database(service).Query<string>("select messages from kept_outbox", cancellationToken: Stop);
            Assert.DoesNotContain(published, row => row.Contains("words", StringComparison.Ordinal));
            // Held by the service that it was told to, by no other.
            var holds = await Holds(exchange, service, Words);
            Assert.Equal(service is "education" or "health", holds);
        }
    }

    /// <summary>Facts with free text in each field that takes it, and advice. Returns how many fields of facts take it.</summary>
    private static async Task<int> Tell(ServiceHost exchange)
    {
        var intake = new AssessmentIntakeService.AssessmentIntakeServiceClient(exchange.Channel("la:350", "sender"));
        var typed = 0;
        foreach (var body in AssessmentFact.Descriptor.Oneofs[0].Fields)
        {
            foreach (var field in body.MessageType.Fields.InFieldNumberOrder().Where(f => f.Name is "reason" or "provided_for"))
            {
                var fact = Fact(body);
                field.Accessor.SetValue((IMessage)body.Accessor.GetValue(fact), Words);
                Assert.Empty(await Faults(intake, fact));
                typed++;
            }
        }
        var sought = Fact(AssessmentFact.Descriptor.FindFieldByName("advice_sought"));
        Assert.Empty(await Faults(intake, sought));
        await exchange.Quiet();
        await new HealthAdviceService.HealthAdviceServiceClient(exchange.Channel("icb:QJ2", "adviser")).GiveAdviceAsync(
            new GiveAdviceRequest
            {
                Authority = "la:350",
                AdviceId = "A1",
                Content = Words,
                GivenOn = "2024-02-01",
            },
            cancellationToken: Stop
        );
        return typed;
    }

    /// <summary>Each field of each request with what may not be in it. Returns every error text.</summary>
    private static async Task<IReadOnlyList<string>> Mistype(ServiceHost exchange)
    {
        var errors = new List<string>();
        var intake = new AssessmentIntakeService.AssessmentIntakeServiceClient(exchange.Channel("la:350", "sender"));
        var health = new HealthAdviceService.HealthAdviceServiceClient(exchange.Channel("icb:QJ2", "adviser"));
        var reports = new ReportService.ReportServiceClient(exchange.Channel("inspectorate:ofsted", "inspector"));
        var number = 0;
        foreach (var text in _mistyped)
        {
            foreach (var body in AssessmentFact.Descriptor.Oneofs[0].Fields)
            {
                foreach (var field in body.MessageType.Fields.InFieldNumberOrder().Where(CanBeFaulted))
                {
                    var fact = Fact(body);
                    fact.FactId = $"mistyped {number++}";
                    field.Accessor.SetValue((IMessage)body.Accessor.GetValue(fact), text);
                    errors.AddRange(await Faults(intake, fact));
                }
            }
            foreach (var field in AssessmentFact.Descriptor.Fields.InFieldNumberOrder().Where(CanBeFaulted))
            {
                var fact = Fact(AssessmentFact.Descriptor.FindFieldByName("draft_plan_served"));
                fact.On = field.Name == "at" ? "" : fact.On;
                field.Accessor.SetValue(fact, text);
                errors.AddRange(await Faults(intake, fact));
            }
            await Refused(async () => await health.GiveAdviceAsync(new() { Authority = text, GivenOn = text }, cancellationToken: Stop));
            await Refused(async () =>
                await health.GiveAdviceAsync(
                    new()
                    {
                        Authority = "la:350",
                        AdviceId = text,
                        Content = Words,
                    },
                    cancellationToken: Stop
                )
            );
            await Refused(async () =>
                await health.GiveAdviceAsync(
                    new()
                    {
                        Authority = "la:350",
                        AdviceId = "A1",
                        Content = $"{Words} {text}",
                    },
                    cancellationToken: Stop
                )
            );
            await Refused(async () => await health.ListAdviceAsync(new() { PageToken = text }, cancellationToken: Stop));
            foreach (var (authority, day) in new[] { (text, ""), ("350", text) })
            {
                await Refused(async () =>
                    await reports.GetFiguresAsync(
                        new()
                        {
                            Figures = Figures.Requests,
                            Year = 2024,
                            Authorities = { authority },
                            AsKnownOn = day,
                        },
                        cancellationToken: Stop
                    )
                );
            }
        }
        return errors;

        async Task Refused(Func<Task> call)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(call);
            errors.Add(refused.Status.Detail);
            errors.AddRange(refused.Trailers.Where(t => t.IsBinary).Select(t => Encoding.UTF8.GetString(t.ValueBytes)));
        }
    }

    // An id is the sender's own and may be anything; it is no fault.
    private static bool CanBeFaulted(FieldDescriptor field) =>
        field.FieldType == FieldType.String && field.Name is not ("fact_id" or "case_id" or "child_id" or "advice_id" or "corrects");

    private static async Task<IReadOnlyList<string>> Faults(
        AssessmentIntakeService.AssessmentIntakeServiceClient intake,
        AssessmentFact fact
    )
    {
        var answer = await intake.RecordFactAsync(new RecordFactRequest { Fact = fact }, cancellationToken: Stop);
        return [.. answer.Receipt.Faults.Select(f => $"{f.Field}: {f.Problem}")];
    }

    /// <summary>A fact of that body that intake takes.</summary>
    private static AssessmentFact Fact(FieldDescriptor body)
    {
        var fact = new AssessmentFact
        {
            FactId = body.JsonName,
            Organisation = "la:350",
            CaseId = "C1",
            ChildId = Child,
            On = "2024-01-08",
        };
        var message = (IMessage)Activator.CreateInstance(body.MessageType.ClrType)!;
        foreach (var field in body.MessageType.Fields.InFieldNumberOrder())
        {
            object? value = (field.FieldType, field.Name) switch
            {
                (FieldType.Enum, _) => Enum.ToObject(field.EnumType.ClrType, 3 % field.EnumType.Values.Count),
                (FieldType.String, "advice_id" or "fact_id") => "A1",
                (FieldType.String, "from") => "icb:QJ2",
                (FieldType.String, "transfer_on") => "2025-09-01",
                _ => null,
            };
            if (value is not null)
            {
                field.Accessor.SetValue(message, value);
            }
        }
        body.Accessor.SetValue(fact, message);
        return fact;
    }

    /// <summary>From now on what enters the outbox is kept when it has gone.</summary>
    private static Task KeepOutbox(ServiceHost exchange, string service) =>
        exchange
            .Database(service)
            .Transact(
                async tx =>
                {
                    await tx.Execute("create table kept_outbox (messages text not null)");
                    await tx.Execute(
                        exchange.Database(service).IsPostgres
                            ? "create rule keep as on insert to outbox do also insert into kept_outbox values (new.messages)"
                            : "create trigger keep after insert on outbox begin insert into kept_outbox values (new.messages); end"
                    );
                },
                Stop
            );

    /// <summary>Whether any column of any table holds the text.</summary>
    private static async Task<bool> Holds(ServiceHost exchange, string service, string text)
    {
        var database = exchange.Database(service);
        var tables = await database.Query<string>(
            database.IsPostgres
                ? "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
                : "select name from sqlite_master where type = 'table'",
            cancellationToken: Stop
        );
        foreach (var table in tables)
        {
            foreach (IDictionary<string, object?> row in await database.Query<dynamic>($"select * from {table}", cancellationToken: Stop))
            {
                if (row.Values.Any(v => (v is byte[] bytes ? Encoding.UTF8.GetString(bytes) : v?.ToString())?.Contains(text) is true))
                {
                    return true;
                }
            }
        }
        return false;
    }

    private static string Text(Activity span) =>
        string.Join(
            '\n',
            [
                span.OperationName,
                span.DisplayName,
                span.StatusDescription ?? "",
                .. span.TagObjects.Select(t => $"{t.Key}={t.Value}"),
                .. span.Baggage.Select(b => $"{b.Key}={b.Value}"),
                .. span.Events.SelectMany(e => e.Tags.Select(t => $"{e.Name} {t.Key}={t.Value}")),
            ]
        );

    private static Task<ServiceHost> Start(Engine engine, ConcurrentQueue<string> logs) =>
        ServiceHost.Start(
            engine,
            chassis =>
            {
                chassis.AddEducation();
                chassis.AddHealth();
                chassis.AddSocialCare();
                chassis.AddAggregator();
                chassis.Services.AddSingleton<ILoggerProvider>(new LogKeeper(logs));
            },
            app =>
            {
                app.MapEducation();
                app.MapHealth();
                app.MapSocialCare();
                app.MapAggregator();
            },
            new StoppedClock(new DateOnly(2024, 7, 1)),
            new Dictionary<string, string?> { ["Logging:LogLevel:Default"] = "Trace" }
        );

    private sealed class LogKeeper(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            lines.Enqueue(state.ToString() ?? "");
            return null;
        }

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose() { }
    }
}
