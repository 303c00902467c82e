using MassTransit;
using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Statute;

namespace SendExchange.SocialCare.Advice;

/// <summary>An authority asks for advice: what it asks of a social-care body is kept with the day it is due.</summary>
/// <remarks>
/// The highest position of an advice id counts, whatever arrives first. So a request that names somebody else is no request
/// here, but does end an earlier one: the authority has put right whom it asks.
/// </remarks>
public sealed class TakeRequest([FromKeyedServices(SocialCare.Name)] Database database) : IConsumer<Batch<AdviceRequested>>
{
    public Task Consume(ConsumeContext<Batch<AdviceRequested>> context) =>
        database.Once(
            context,
            nameof(TakeRequest),
            async (tx, messages) =>
            {
                var latest = messages
                    .Select(m => m.Message)
                    .GroupBy(asked => (asked.Authority, asked.AdviceId))
                    .Select(same => same.MaxBy(asked => asked.Position)!)
                    .OrderBy(asked => (asked.Authority, asked.AdviceId)) // Batches that lock rows in one order do not deadlock.
                    .ToLookup(asked => SocialCare.IsSocialCareBody(asked.From));
                await Keep(tx, latest[true].Select(Row).ToList());
                await TakeWithdrawal.Keep(tx, latest[false].Select(a => new Withdrawal(a.Authority, a.AdviceId, a.Position)).ToList());
            }
        );

    private static Request Row(AdviceRequested asked) =>
        new(
            asked.Authority,
            asked.AdviceId,
            asked.Position,
            asked.CaseId,
            asked.Kind,
            asked.From,
            asked.SoughtOn,
            asked.ReceivedOn,
            Provisions.GiveAdvice.Limit.Due(asked.ReceivedOn)
        );

    private static Task<int> Keep(Transaction tx, IReadOnlyCollection<Request> requests) =>
        tx.InsertMany(
            "advice_requests",
            requests,
            """
            on conflict (authority, advice_id) do update set
                position = excluded.position, case_id = excluded.case_id, kind = excluded.kind, asked_of = excluded.asked_of,
                sought_on = excluded.sought_on, received_on = excluded.received_on, due_on = excluded.due_on
            where excluded.position > advice_requests.position
            """
        );

    private sealed record Request(
        string Authority,
        string AdviceId,
        long Position,
        string CaseId,
        string Kind,
        string AskedOf,
        DateOnly SoughtOn,
        DateOnly ReceivedOn,
        DateOnly DueOn
    );
}
