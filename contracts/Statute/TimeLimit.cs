namespace SendExchange.Statute;

/// <summary>How a limit is counted. Weekends and holidays count in all of them but the working days.</summary>
public enum LimitUnit
{
    /// <summary>"Within n weeks of" a day: weeks of seven days, the day itself not counted.</summary>
    Weeks = 1,

    /// <summary>"n days beginning with" a day: that day is the first.</summary>
    DaysBeginningWith,

    /// <summary>"Within n days of" a day: the day itself not counted.</summary>
    Days,

    /// <summary>"n months beginning with" a day: that day is the first.</summary>
    MonthsBeginningWith,

    /// <summary>"n working days beginning with" a day: that day is the first if it is one. See <see cref="WorkingDays"/>.</summary>
    WorkingDaysBeginningWith,

    /// <summary>"Immediately". No number is set.</summary>
    Immediately,

    /// <summary>"At least n months before" a day.</summary>
    MonthsBefore,

    /// <summary>"Before" a day of the calendar year in which another day lies. The length is that day's month × 100 + day.</summary>
    BeforeDayOfYear,
}

/// <summary>The length of a limit.</summary>
/// <param name="Length">In units of <paramref name="Unit"/>.</param>
/// <param name="Unit">What is counted.</param>
public readonly record struct TimeLimit(int Length, LimitUnit Unit)
{
    /// <summary>The latest defensible last day, inclusive: a breach is published only after it.</summary>
    /// <remarks>
    /// <list type="bullet">
    /// <item>Weeks and days "of" a day: the day of the event is not counted (<i>Marren v Dawson Bentley</i>; <i>Zoan v
    /// Rouamba</i>), so D0 + 7n days.</item>
    /// <item>Months beginning with a day end on the day before the corresponding one (<i>Dodds v Walker</i>; clamped to the
    /// end of a shorter month), but advice sites count to the anniversary, so a breach waits for it (reading A11).</item>
    /// <item>Before 15 February is until 14 February, but the Code of Practice says "by" (reading A4).</item>
    /// <item>Immediately: an order may be received late in its day, so the next day still will do. Our reading.</item>
    /// </list>
    /// </remarks>
    /// <param name="start">D0, the day the limit runs from (or, before a day, back from), Europe/London.</param>
    public DateOnly Due(DateOnly start) =>
        Unit switch
        {
            LimitUnit.Weeks => start.Plus(7 * Length),
            LimitUnit.DaysBeginningWith => start.Plus(Length - 1),
            LimitUnit.Days => start.Plus(Length),
            LimitUnit.MonthsBeginningWith => start.PlusMonths(Length),
            LimitUnit.WorkingDaysBeginningWith => WorkingDays.Nth(start, Length),
            LimitUnit.Immediately => start.Plus(1),
            LimitUnit.MonthsBefore => start.PlusMonths(-Length),
            LimitUnit.BeforeDayOfYear => new DateOnly(start.Year, Length / 100, Length % 100),
            _ => throw new ArgumentOutOfRangeException(nameof(start), Unit, "No such unit of a limit."),
        };

    /// <summary>The earliest defensible last day, inclusive: warnings count to it.</summary>
    /// <remarks>
    /// Weeks: SEN2 guidance calls the day of receipt "Day 1", which ends the limit a day sooner. Days "beginning with" a day
    /// and months before one leave no such doubt.
    /// </remarks>
    /// <param name="start">D0, the day the limit runs from (or, before a day, back from), Europe/London.</param>
    public DateOnly Target(DateOnly start) =>
        Unit is LimitUnit.DaysBeginningWith or LimitUnit.WorkingDaysBeginningWith or LimitUnit.MonthsBefore
            ? Due(start)
            : Due(start).Plus(-1);
}

internal static class DateArithmetic
{
    private const int MonthsAYear = 12;

    /// <summary>Adds days, stopping at the ends of the calendar: a fact may carry any date, and reading it must not fail.</summary>
    public static DateOnly Plus(this DateOnly day, int days) =>
        DateOnly.FromDayNumber(Math.Clamp(day.DayNumber + days, 0, DateOnly.MaxValue.DayNumber));

    /// <summary>The corresponding day of another month, or its last day where it has no such day. Stops as <see cref="Plus"/>.</summary>
    public static DateOnly PlusMonths(this DateOnly day, int months)
    {
        var month = MonthsAYear * day.Year + day.Month - 1 + months;
        return month < MonthsAYear ? DateOnly.MinValue
            : month >= MonthsAYear * (DateOnly.MaxValue.Year + 1) ? DateOnly.MaxValue
            : day.AddMonths(months);
    }

    public static DateOnly Later(DateOnly a, DateOnly b) => a > b ? a : b;

    public static DateOnly Earlier(DateOnly a, DateOnly b) => a < b ? a : b;
}
