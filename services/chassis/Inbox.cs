using MassTransit;

namespace SendExchange.Chassis;

/// <summary>Takes each message in once, however often it is delivered: its id is written with the change it causes.</summary>
public static class Inbox
{
    extension(Database database)
    {
        /// <summary>As <see cref="Database.Transact(Func{Transaction, Task}, CancellationToken)"/>, but nothing where the message was taken in before.</summary>
        /// <param name="context">The delivery.</param>
        /// <param name="consumer">Whose inbox: two consumers of one message each take it once.</param>
        /// <param name="work">The change.</param>
        /// <exception cref="ArgumentException">The message carries no id, so a redelivery could not be told.</exception>
        public Task Once(ConsumeContext context, string consumer, Func<Transaction, Task> work) =>
            database.Transact(
                async tx =>
                {
                    if ((await tx.FirstTime(consumer, [IdOf(context)])).Count > 0)
                    {
                        await work(tx);
                    }
                },
                context.CancellationToken
            );

        /// <summary>The same for many: <paramref name="work"/> gets the messages not taken in before, and is not called for none.</summary>
        public Task Once<T>(
            ConsumeContext<Batch<T>> context,
            string consumer,
            Func<Transaction, IReadOnlyList<ConsumeContext<T>>, Task> work
        )
            where T : class =>
            database.Transact(
                async tx =>
                {
                    var first = await tx.FirstTime(consumer, context.Message.Select(IdOf).ToList());
                    var fresh = context.Message.DistinctBy(IdOf).Where(m => first.Contains(IdOf(m))).ToList();
                    if (fresh.Count > 0)
                    {
                        await work(tx, fresh);
                    }
                },
                context.CancellationToken
            );
    }

    private static Guid IdOf(ConsumeContext context) =>
        context.MessageId ?? throw new ArgumentException("A message without id cannot be taken in once.", nameof(context));
}
