namespace SendExchange.Statute.Tests;

/// <summary>Months and working days again, from the almanac and by walking: a second copy to compare with.</summary>
/// <remarks>Good for 1900 to 2199, the years of the table of full moons; one-off holidays are known from 2011.</remarks>
internal static class SlowCalendar
{
    // The Book of Common Prayer's table: the day in March of the paschal full moon, by golden number.
    private static readonly int[] FullMoonInMarch = [45, 34, 23, 42, 31, 49, 39, 28, 47, 36, 25, 44, 33, 22, 41, 30, 48, 38, 27];

    private static readonly Dictionary<int, HashSet<DateOnly>> Holidays = Enumerable.Range(2000, 60).ToDictionary(y => y, HolidaysOf);

    /// <summary>The same day of a later (or, below zero, an earlier) month; the last of that month where it is shorter.</summary>
    public static DateOnly MonthsFrom(DateOnly day, int months)
    {
        var (year, month) = (day.Year, day.Month);
        for (; months > 0; months--)
        {
            (year, month) = month == 12 ? (year + 1, 1) : (year, month + 1);
        }
        for (; months < 0; months++)
        {
            (year, month) = month == 1 ? (year - 1, 12) : (year, month - 1);
        }
        var leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        var last =
            month == 2 ? (leap ? 29 : 28)
            : month is 4 or 6 or 9 or 11 ? 30
            : 31;
        return new DateOnly(year, month, Math.Min(day.Day, last));
    }

    /// <summary>The nth working day, of which the first is this day, if it is one, or the next that is.</summary>
    public static DateOnly WorkingDayBeginningWith(DateOnly day, int n)
    {
        for (var passed = 0; ; day = day.AddDays(1))
        {
            passed += IsWorking(day) ? 1 : 0;
            if (passed == n)
            {
                return day;
            }
        }
    }

    public static bool IsWorking(DateOnly day) => !IsWeekend(day) && !Holidays[day.Year].Contains(day);

    private static bool IsWeekend(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;

    private static HashSet<DateOnly> HolidaysOf(int year)
    {
        var days = new List<DateOnly>();
        for (var day = new DateOnly(year, 1, 1); day.Year == year; day = day.AddDays(1))
        {
            days.Add(day);
        }
        var easter = new DateOnly(year, 3, 1).AddDays(FullMoonInMarch[year % 19] - 1);
        do
        {
            easter = easter.AddDays(1);
        } while (easter.DayOfWeek != DayOfWeek.Sunday);

        List<DateOnly> free = [easter.AddDays(-2), easter.AddDays(1), .. OneOff(year)];
        var mondays = days.FindAll(d => d.DayOfWeek == DayOfWeek.Monday);
        if (year != 2020) // Moved to Friday 8 May, the anniversary of VE Day.
        {
            free.Add(mondays.First(d => d.Month == 5));
        }
        if (year is not (2012 or 2022)) // Moved to June for the jubilees.
        {
            free.Add(mondays.Last(d => d.Month == 5));
        }
        free.Add(mondays.Last(d => d.Month == 8));

        // A day that falls on a weekend is kept on the next weekday that is not a holiday anyway.
        DateOnly[] fixedDays = [new(year, 1, 1), new(year, 12, 25), new(year, 12, 26)];
        free.AddRange(fixedDays.Where(d => !IsWeekend(d)));
        foreach (var lost in fixedDays.Where(IsWeekend))
        {
            free.Add(days.First(d => d > lost && !IsWeekend(d) && !free.Contains(d)));
        }
        return [.. free];
    }

    private static DateOnly[] OneOff(int year) =>
        year switch
        {
            2011 => [new(2011, 4, 29)],
            2012 => [new(2012, 6, 4), new(2012, 6, 5)],
            2020 => [new(2020, 5, 8)],
            2022 => [new(2022, 6, 2), new(2022, 6, 3), new(2022, 9, 19)],
            2023 => [new(2023, 5, 8)],
            _ => [],
        };
}
