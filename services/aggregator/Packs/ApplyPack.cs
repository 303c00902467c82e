using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using SendExchange.Aggregator.V1;
using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Statute;

namespace SendExchange.Aggregator.Packs;

public sealed partial class Lawmaking
{
    private const int LongestReason = 1_000;

    /// <summary>
    /// Journals the pack. From the commit on every case is read under it, whichever replica reads; cases that do not come up
    /// by themselves are read again in the background, behind what is due (<c>ReadCases.ReadBehind</c>).
    /// </summary>
    [Authorize(Roles = "operator")]
    public override async Task<ApplyPackResponse> ApplyPack(ApplyPackRequest request, ServerCallContext context)
    {
        if (string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > LongestReason)
        {
            throw GrpcErrors.Invalid(
                ("reason", $"is {request.Reason.Trim().Length:N0} characters long; 1 to {LongestReason:N0} are expected, for the journal")
            );
        }
        var caller = Caller.Of(context);
        var response = await database.Transact(
            async tx =>
            {
                // Others that apply a pack wait here until this has committed: each is read against the law with those before.
                await tx.TakeNumbers(Journal, 0);
                var known = await inForce.Known(tx);
                var id = ProposedPack.IdOf(request.Document);
                if (known.Rows.FirstOrDefault(row => row.Id == id) is { } applied)
                {
                    var again = Read(request.Document, known.Laws[applied.Ordinal - 1]);
                    return again.Document == applied.Document
                        ? new ApplyPackResponse { Pack = OnTheWire(applied, known.Laws[^1]), AlreadyApplied = true }
                        : throw new RpcException(
                            new Status(
                                StatusCode.AlreadyExists,
                                $"{id} is in force with other content; a further change needs an id of its own."
                            )
                        );
                }
                var law = known.Laws[^1];
                var pack = Read(request.Document, law);
                var now = clock.GetUtcNow();
                var row = new PackRow
                {
                    Ordinal = (int)await tx.TakeNumbers(Journal, 1),
                    Id = pack.Id,
                    Document = pack.Document,
                    Reason = request.Reason,
                    AppliedBy = caller.Organisation,
                    // Of two replicas one's clock may be behind; the law as known on a day is that after the first so many packs.
                    AppliedAt = known.Rows is [.., { AppliedAt: var last }] && last > now ? last : now,
                };
                await tx.InsertMany("rule_packs", [row]);
                tx.Publish(new RulePackApplied(row.Id, pack.Title, pack.Citation, row.AppliedBy, row.AppliedAt));
                return new ApplyPackResponse
                {
                    Pack = OnTheWire(row, law.With(pack)),
                    Cases = await tx.One<long>("select count(*) from cases where packs < @Ordinal", new { row.Ordinal }),
                };
            },
            context.CancellationToken
        );
        casesToRead.Raise();
        return response;
    }

    private const string Journal = "rule_packs";
}
