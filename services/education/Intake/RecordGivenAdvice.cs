using System.Diagnostics;
using MassTransit;
using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Education.V1;
using AdviceGiven = SendExchange.Contracts.AdviceGiven;

namespace SendExchange.Education.Intake;

/// <summary>Health or social care has given advice: records it as that body's own fact <c>adviceGiven</c>.</summary>
public sealed class RecordGivenAdvice(
    [FromKeyedServices(Education.Name)] Database database,
    TimeProvider clock,
    ILogger<RecordGivenAdvice> logger
) : IConsumer<AdviceGiven>
{
    public Task Consume(ConsumeContext<AdviceGiven> context) =>
        database.Once(
            context,
            nameof(RecordGivenAdvice),
            async tx =>
            {
                var given = context.Message;
                var fact = new AssessmentFact
                {
                    FactId = given.FactId,
                    Organisation = given.By,
                    Authority = given.Authority,
                    CaseId = given.CaseId,
                    On = given.GivenOn.ToString("yyyy-MM-dd"),
                    AdviceGiven = new V1.AdviceGiven { AdviceId = given.AdviceId },
                };
                var receipt = (await TakeIn.Facts(tx, [new Offer(fact, given.By, Activity.Current?.Id)], clock.GetUtcNow()))[0];
                if (receipt.Outcome == FactOutcome.Refused)
                {
                    Log.GivenAdviceRefused(logger, given.FactId, string.Join("; ", receipt.Faults.Select(f => f.Field)));
                }
            }
        );
}
