using SendExchange.Chassis;

namespace SendExchange.Aggregator.Clock;

public sealed partial class ReadCases
{
    // Where this process is in the order of the keys: it does not walk over the cases before, which are done, again and again.
    // Nothing depends on it: a new process begins at the front.
    private string _behindAfter = "";

    /// <summary>
    /// Reads up to one claim of cases that were last read under fewer packs than are in force now. Returns how many.
    /// </summary>
    /// <remarks>
    /// That a case is behind stands in its own row, which the reading brings up to date: a process that dies loses and repeats
    /// nothing, replicas share the cases without asking each other, and a reading under the old law that commits after a pack
    /// was applied leaves its case behind, whenever that is.
    /// </remarks>
    internal Task<int> ReadBehind(CancellationToken cancellationToken) =>
        database.Transact(
            async tx =>
            {
                await tx.ByKeys();
                var packs = (await inForce.At(tx)).Applied.Count;
                // One look at an index tells most of the time that there is none.
                if (packs == 0 || !(await tx.One<int?>("select min(packs) from cases") < packs))
                {
                    return 0;
                }
                var claimed = await tx.Query<ClaimedRow>(
                    $"""
                    select case_key, authority, case_id, trace, packs from cases
                    where packs < @packs and case_key > @after order by case_key limit @CasesPerClaim
                    {tx.ForUpdateSkipLocked}
                    """,
                    new
                    {
                        packs,
                        after = _behindAfter,
                        CasesPerClaim,
                    }
                );
                if (claimed.Count > 0)
                {
                    await Read(tx, claimed, clock.GetUtcNow());
                    _read.Add(claimed.Count);
                }
                _behindAfter = claimed.Count < CasesPerClaim ? "" : claimed[^1].CaseKey;
                return claimed.Count;
            },
            cancellationToken
        );
}
