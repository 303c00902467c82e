namespace SendExchange.Statute;

/// <summary>How DfE measures timeliness in its SEN2 statistics. Measures, not law: the law is <see cref="Provision"/>.</summary>
/// <remarks>
/// Source: DfE, "Education, health and care plans", methodology and column names. DfE's own inequality is not published;
/// the ranges follow reading A1 of the Regulations: the day of receipt is not counted, the last day is in time.
/// </remarks>
public static class Sen2
{
    /// <summary>Six weeks, in days from receipt, within which the family is told whether there will be an assessment.</summary>
    public const int SixWeeks = 42;

    /// <summary>Sixteen weeks, in days from receipt, within which the family is told that there will be no plan.</summary>
    public const int SixteenWeeks = 112;

    /// <summary>Twenty weeks, in days from receipt, within which the finalised plan is issued.</summary>
    public const int TwentyWeeks = 140;

    /// <summary>
    /// Fifty-two weeks, in days from receipt: plans after <see cref="TwentyWeeks"/> up to here are <c>gt20weeks_ltYear</c>,
    /// later ones <c>gt_1_year</c>.
    /// </summary>
    public const int OneYear = 52 * 7;

    /// <summary>The reference date of the return about a calendar year: the third Thursday of the next January.</summary>
    /// <remarks>From general knowledge of the collection (18 January 2024 for 2023), not found in a source we could read.</remarks>
    public static DateOnly CensusDay(int year)
    {
        var newYear = new DateOnly(year + 1, 1, 1);
        var toThursday = ((int)DayOfWeek.Thursday - (int)newYear.DayOfWeek + 7) % 7;
        return newYear.AddDays(toThursday + 14);
    }
}
