using MassTransit;
using SendExchange.Chassis;
using SendExchange.Contracts;

namespace SendExchange.Health.Advice;

/// <summary>
/// Education has recorded advice as given, by <see cref="HealthAdvice.GiveAdvice"/> or by the body's own fact: it is owed no
/// longer. May arrive before the request.
/// </summary>
/// <remarks>The highest position counts: a body that corrects the day corrects it here. What is given by one body is not given by another.</remarks>
public sealed class TakeGiven([FromKeyedServices(Health.Name)] Database database) : IConsumer<Batch<AdviceGivenRecorded>>
{
    public Task Consume(ConsumeContext<Batch<AdviceGivenRecorded>> context) =>
        database.Once(
            context,
            nameof(TakeGiven),
            (tx, messages) =>
                Keep(
                    tx,
                    messages
                        .Select(m => m.Message)
                        .Where(given => Health.IsHealthBody(given.By))
                        .GroupBy(given => (given.Authority, given.AdviceId, given.By))
                        .Select(same => same.MaxBy(given => given.Position)!)
                        .OrderBy(given => (given.Authority, given.AdviceId, given.By)) // One order of locks: no deadlock.
                        .Select(given => new Given(given.Authority, given.AdviceId, given.By, given.Position, given.GivenOn))
                        .ToList()
                )
        );

    internal static Task<int> Keep(Transaction tx, IReadOnlyCollection<Given> given) =>
        tx.InsertMany(
            "advice_given",
            given,
            """
            on conflict (authority, advice_id, given_by) do update set position = excluded.position, given_on = excluded.given_on
            where excluded.position > abs(advice_given.position)
            """
        );
}

/// <param name="GivenOn">Null: it was not given after all.</param>
internal sealed record Given(string Authority, string AdviceId, string GivenBy, long Position, DateOnly? GivenOn);
