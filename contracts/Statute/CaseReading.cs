namespace SendExchange.Statute;

/// <summary>What the facts of one case come to on a day.</summary>
/// <param name="Obligations">In the order of <see cref="ObligationCode.All"/>, requests for advice by their ids.</param>
/// <param name="Findings">By code, then by what they say.</param>
/// <param name="Outline">What DfE's measures need.</param>
public sealed record CaseReading(IReadOnlyList<Obligation> Obligations, IReadOnlyList<Finding> Findings, CaseOutline Outline)
{
    /// <summary>
    /// The first later day on which the same facts read otherwise, apart from breaches growing a day older. Null: never.
    /// </summary>
    public DateOnly? ChangesOn { get; init; }

    public static CaseReading Of(IEnumerable<Fact> facts, string authority, string caseId, DateOnly asOf) =>
        new(
            [],
            [],
            new CaseOutline(
                authority,
                caseId,
                null,
                false,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                false,
                false,
                null,
                [],
                [],
                [],
                [],
                [],
                []
            )
        );
}
