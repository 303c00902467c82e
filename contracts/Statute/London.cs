namespace SendExchange.Statute;

/// <summary>Statutory days are days in London.</summary>
public static class London
{
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/London");

    // Midnight's offset of each day from FirstCached on: 0 not looked up yet, else 1 + hours ahead of UTC. A byte is written
    // whole, so two threads that look the same day up write the same value and need no lock.
    private static readonly byte[] Offsets = new byte[100 * 366];
    private static readonly int FirstCached = new DateOnly(2000, 1, 1).DayNumber;

    /// <summary>The calendar date in London at an instant.</summary>
    public static DateOnly DateOf(DateTimeOffset instant) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Zone).DateTime);

    /// <summary>Today in London.</summary>
    public static DateOnly Today(TimeProvider clock) => DateOf(clock.GetUtcNow());

    /// <summary>00:00 in London at the beginning of a day, as UTC: 23:00 of the day before while summer time is in force.</summary>
    public static DateTimeOffset StartOf(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        var index = day.DayNumber - FirstCached;
        if (index < 0 || index >= Offsets.Length)
        {
            return new DateTimeOffset(midnight - Zone.GetUtcOffset(midnight), TimeSpan.Zero);
        }
        if (Offsets[index] == 0)
        {
            Offsets[index] = (byte)(1 + Zone.GetUtcOffset(midnight).Hours);
        }
        return new DateTimeOffset(midnight.AddHours(1 - Offsets[index]), TimeSpan.Zero);
    }
}
