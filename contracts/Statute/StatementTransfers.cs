namespace SendExchange.Statute;

/// <summary>The conversion of statements of SEN to EHC plans, 1 September 2014 to 31 March 2018.</summary>
/// <remarks>
/// SI 2014/2270 art 21, as amended by SI 2015/1619. No fact of the exchange calls for these limits yet, so no case has them:
/// they are here for histories that reach back so far. Sources differ on whether the weeks run from the notice or from its
/// end; they run from the start that the notice states, our reading.
/// </remarks>
public static class StatementTransfers
{
    private const string Url = "https://www.legislation.gov.uk/uksi/2014/2270/article/21";

    public static Provision Until2015 { get; } = Row(14, "SI 2014/2270 art 21", new DateOnly(2014, 9, 1), new DateOnly(2015, 8, 31));

    public static Provision From2015 { get; } =
        Row(18, "SI 2014/2270 art 21 as amended by SI 2015/1619", new DateOnly(2015, 9, 1), new DateOnly(2018, 3, 31));

    /// <param name="start">The start of the transfer review stated in the notice to the family.</param>
    /// <returns>Null where a review could not start on that day.</returns>
    public static Provision? LimitOf(DateOnly start) =>
        Until2015.InForceOn(start) ? Until2015
        : From2015.InForceOn(start) ? From2015
        : null;

    private static Provision Row(int weeks, string citation, DateOnly from, DateOnly to) =>
        new(
            "transfer_statement",
            "send the finalised plan that takes the statement's place",
            new TimeLimit(weeks, LimitUnit.Weeks),
            citation,
            Url,
            RulePacks.Statements2014
        )
        {
            InForceFrom = from,
            InForceTo = to,
        };
}
