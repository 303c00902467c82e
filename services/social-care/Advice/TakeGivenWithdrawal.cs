using MassTransit;
using SendExchange.Chassis;
using SendExchange.Contracts;

namespace SendExchange.SocialCare.Advice;

/// <summary>A body takes back that it gave advice: it owes it again. May arrive before what it takes back: positions decide.</summary>
/// <remarks>The content, where it was given here, stays until other content is given.</remarks>
public sealed class TakeGivenWithdrawal([FromKeyedServices(SocialCare.Name)] Database database) : IConsumer<AdviceGivenWithdrawn>
{
    public Task Consume(ConsumeContext<AdviceGivenWithdrawn> context) =>
        database.Once(
            context,
            nameof(TakeGivenWithdrawal),
            async tx =>
            {
                var m = context.Message;
                if (SocialCare.IsSocialCareBody(m.By))
                {
                    await TakeGiven.Keep(tx, [new Given(m.Authority, m.AdviceId, m.By, m.Position, GivenOn: null)]);
                }
            }
        );
}
