using MassTransit;
using SendExchange.Chassis;
using SendExchange.Contracts;

namespace SendExchange.Health.Advice;

/// <summary>A body takes back that it gave advice: it owes it again. May arrive before what it takes back: positions decide.</summary>
/// <remarks>The content, where it was given here, stays until other content is given.</remarks>
public sealed class TakeGivenWithdrawal([FromKeyedServices(Health.Name)] Database database) : IConsumer<AdviceGivenWithdrawn>
{
    public Task Consume(ConsumeContext<AdviceGivenWithdrawn> context) =>
        database.Once(
            context,
            nameof(TakeGivenWithdrawal),
            async tx =>
            {
                var m = context.Message;
                if (Health.IsHealthBody(m.By))
                {
                    await TakeGiven.Keep(tx, [new Given(m.Authority, m.AdviceId, m.By, m.Position, GivenOn: null)]);
                }
            }
        );
}
