namespace SendExchange.Statute;

/// <summary>Monday to Friday, but no bank holiday of England and Wales (reading A13 of SEND Regulations 2014, regs 15 and 16).</summary>
/// <remarks>
/// By rule, so that it does not run out: New Year's Day, Good Friday, Easter Monday, the first and last Monday of May, the
/// last of August, Christmas Day and Boxing Day, each with its substitute where it falls on a weekend (Banking and Financial
/// Dealings Act 1971). What a proclamation moved or added is listed below; a future one needs a line there.
/// </remarks>
public static class WorkingDays
{
    // Since the Regulations came into force on 1 September 2014.
    private static readonly DateOnly[] Proclaimed =
    [
        new(2020, 5, 8), // VE Day, in place of the first Monday of May.
        new(2022, 6, 2), // In place of the last Monday of May.
        new(2022, 6, 3), // Platinum Jubilee.
        new(2022, 9, 19), // State Funeral of Queen Elizabeth II.
        new(2023, 5, 8), // Coronation of King Charles III.
    ];

    private static readonly DateOnly[] MovedAway = [new(2020, 5, 4), new(2022, 5, 30)];

    public static bool IsWorkingDay(DateOnly day) => !IsWeekend(day) && !IsBankHoliday(day);

    /// <summary>Also true of substitute days; false of a holiday that falls on a weekend and has one.</summary>
    public static bool IsBankHoliday(DateOnly day)
    {
        if (IsWeekend(day) || Array.IndexOf(MovedAway, day) >= 0)
        {
            return false;
        }
        var monday = day.DayOfWeek == DayOfWeek.Monday;
        return Array.IndexOf(Proclaimed, day) >= 0
            || day.Month switch
            {
                1 => day.Day == 1 || (monday && day.Day <= 3),
                5 => monday && (day.Day <= 7 || day.Day > 24),
                8 => monday && day.Day > 24,
                12 => IsChristmas(day),
                3 or 4 => day.DayNumber - EasterSunday(day.Year).DayNumber is 1 or -2,
                _ => false,
            };
    }

    /// <summary>The last of n working days beginning with a day: the day itself is the first if it is one.</summary>
    public static DateOnly Nth(DateOnly from, int n)
    {
        for (var day = from; ; day = day.AddDays(1))
        {
            if (day == DateOnly.MaxValue || (IsWorkingDay(day) && --n <= 0))
            {
                return day;
            }
        }
    }

    // 25 and 26 December; of those on a weekend, the next days that are not holidays already.
    private static bool IsChristmas(DateOnly day) =>
        day.Day switch
        {
            25 or 26 => true,
            27 => day.DayOfWeek is DayOfWeek.Monday or DayOfWeek.Tuesday,
            28 => day.DayOfWeek is DayOfWeek.Monday or DayOfWeek.Tuesday,
            _ => false,
        };

    private static bool IsWeekend(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;

    /// <summary>Gregorian Easter, by the method of Meeus, Jones and Butcher.</summary>
    internal static DateOnly EasterSunday(int year)
    {
        var a = year % 19;
        var (b, c) = (year / 100, year % 100);
        var g = (8 * b + 13) / 25;
        var h = (19 * a + b - b / 4 - g + 15) % 30;
        var l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
        var m = (a + 11 * h + 22 * l) / 451;
        var n = h + l - 7 * m + 114;
        return new DateOnly(year, n / 31, n % 31 + 1);
    }
}
