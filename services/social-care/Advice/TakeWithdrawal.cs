using MassTransit;
using SendExchange.Chassis;
using SendExchange.Contracts;

namespace SendExchange.SocialCare.Advice;

/// <summary>An authority takes a request back. May arrive before the request itself: positions decide, not arrival.</summary>
public sealed class TakeWithdrawal([FromKeyedServices(SocialCare.Name)] Database database) : IConsumer<AdviceRequestWithdrawn>
{
    public Task Consume(ConsumeContext<AdviceRequestWithdrawn> context) =>
        database.Once(
            context,
            nameof(TakeWithdrawal),
            tx => Keep(tx, [new Withdrawal(context.Message.Authority, context.Message.AdviceId, context.Message.Position)])
        );

    /// <param name="withdrawals">At most one for each advice id of an authority.</param>
    internal static Task Keep(Transaction tx, IReadOnlyCollection<Withdrawal> withdrawals) =>
        tx.InsertMany(
            "advice_withdrawals",
            withdrawals,
            """
            on conflict (authority, advice_id) do update set position = excluded.position
            where excluded.position > advice_withdrawals.position
            """
        );
}

/// <summary>From <paramref name="Position"/> on, no earlier request under this id stands.</summary>
internal sealed record Withdrawal(string Authority, string AdviceId, long Position);
