using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class LondonTests
{
    [Theory]
    [InlineData("2024-01-01", "2024-01-01T00:00Z")]
    [InlineData("2024-03-31", "2024-03-31T00:00Z")] // Summer time begins at 01:00 that day.
    [InlineData("2024-04-01", "2024-03-31T23:00Z")]
    [InlineData("2024-10-27", "2024-10-26T23:00Z")] // It ends at 02:00 that day.
    [InlineData("2024-10-28", "2024-10-28T00:00Z")]
    [InlineData("2025-03-30", "2025-03-30T00:00Z")]
    [InlineData("2025-03-31", "2025-03-30T23:00Z")]
    public void A_day_starts_at_midnight_in_London(string day, string instant)
    {
        Assert.Equal(Utc(instant), London.StartOf(Day(day)));
        Assert.Equal(TimeSpan.Zero, London.StartOf(Day(day)).Offset);
        Assert.Equal(London.StartOf(Day(day)), London.StartOf(Day(day))); // The second time from memory.
    }

    [Theory]
    [InlineData("2024-07-01T22:59Z", "2024-07-01")]
    [InlineData("2024-07-01T23:00Z", "2024-07-02")]
    [InlineData("2024-12-01T23:59Z", "2024-12-01")]
    [InlineData("2024-12-02T00:00Z", "2024-12-02")]
    public void The_date_is_Londons(string instant, string day)
    {
        Assert.Equal(Day(day), London.DateOf(Utc(instant)));
        Assert.Equal(Day(day), London.DateOf(Utc(instant).ToOffset(TimeSpan.FromHours(-5))));
        Assert.Equal(Day(day), London.Today(new StoppedClock(Utc(instant))));
    }

    [Fact]
    public void Every_day_starts_on_its_own_date_one_tick_after_the_day_before()
    {
        for (var day = new DateOnly(1999, 12, 1); day < new DateOnly(2101, 2, 1); day = day.AddDays(1))
        {
            Assert.Equal(day, London.DateOf(London.StartOf(day)));
            Assert.Equal(day.AddDays(-1), London.DateOf(London.StartOf(day).AddTicks(-1)));
        }
    }

    [Fact]
    public void The_ends_of_the_calendar_have_a_start()
    {
        Assert.Equal(1, London.StartOf(DateOnly.MinValue).Year);
        Assert.Equal(9999, London.StartOf(DateOnly.MaxValue).Year);
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
