using System.Runtime.ExceptionServices;
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
        /// <remarks>
        /// In one transaction. Where that fails, each message by itself: one that cannot be taken in does not take its
        /// neighbours along to the error queue.
        /// </remarks>
        public async Task Once<T>(
            ConsumeContext<Batch<T>> context,
            string consumer,
            Func<Transaction, IReadOnlyList<ConsumeContext<T>>, Task> work
        )
            where T : class
        {
            var messages = context.Message.DistinctBy(IdOf).ToList();
            try
            {
                await database.TakeIn(messages, consumer, work, context.CancellationToken);
            }
            catch (Exception problem)
                when (messages.Count > 1 && !RetryPauses.IsOutage(problem) && !context.CancellationToken.IsCancellationRequested)
            {
                ExceptionDispatchInfo? failed = null;
                foreach (var message in messages)
                {
                    try
                    {
                        await database.TakeIn([message], consumer, work, context.CancellationToken);
                        await message.NotifyConsumed(TimeSpan.Zero, consumer); // Or it would fail with the batch.
                    }
                    catch (Exception own) when (!context.CancellationToken.IsCancellationRequested)
                    {
                        failed = ExceptionDispatchInfo.Capture(own);
                    }
                }
                failed?.Throw();
            }
        }

        private Task TakeIn<T>(
            IReadOnlyList<ConsumeContext<T>> messages,
            string consumer,
            Func<Transaction, IReadOnlyList<ConsumeContext<T>>, Task> work,
            CancellationToken cancellationToken
        )
            where T : class =>
            database.Transact(
                async tx =>
                {
                    var first = await tx.FirstTime(consumer, messages.Select(IdOf).ToList());
                    var fresh = messages.Where(m => first.Contains(IdOf(m))).ToList();
                    if (fresh.Count > 0)
                    {
                        await work(tx, fresh);
                    }
                },
                cancellationToken
            );
    }

    private static Guid IdOf(ConsumeContext context) =>
        context.MessageId ?? throw new ArgumentException("A message without id cannot be taken in once.", nameof(context));
}
