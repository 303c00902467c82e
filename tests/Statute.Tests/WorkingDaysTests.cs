using static SendExchange.Statute.Tests.Story;

namespace SendExchange.Statute.Tests;

public class WorkingDaysTests
{
    // Bank holidays of England and Wales as the government publishes them.
    public static TheoryData<int, string[]> Published =>
        new()
        {
            { 2015, ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"] },
            { 2016, ["01-01", "03-25", "03-28", "05-02", "05-30", "08-29", "12-26", "12-27"] },
            { 2020, ["01-01", "04-10", "04-13", "05-08", "05-25", "08-31", "12-25", "12-28"] },
            { 2021, ["01-01", "04-02", "04-05", "05-03", "05-31", "08-30", "12-27", "12-28"] },
            { 2022, ["01-03", "04-15", "04-18", "05-02", "06-02", "06-03", "08-29", "09-19", "12-26", "12-27"] },
            { 2023, ["01-02", "04-07", "04-10", "05-01", "05-08", "05-29", "08-28", "12-25", "12-26"] },
            { 2024, ["01-01", "03-29", "04-01", "05-06", "05-27", "08-26", "12-25", "12-26"] },
            { 2025, ["01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"] },
            { 2026, ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"] },
            { 2027, ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"] },
            { 2028, ["01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"] },
            { 2029, ["01-01", "03-30", "04-02", "05-07", "05-28", "08-27", "12-25", "12-26"] },
            { 2030, ["01-01", "04-19", "04-22", "05-06", "05-27", "08-26", "12-25", "12-26"] },
        };

    [Theory]
    [MemberData(nameof(Published))]
    public void The_bank_holidays_of_a_year_are_those_published(int year, string[] days)
    {
        var all = Enumerable.Range(0, 366).Select(i => new DateOnly(year, 1, 1).AddDays(i)).Where(d => d.Year == year);

        Assert.Equal(days.Select(d => Day($"{year}-{d}")), all.Where(WorkingDays.IsBankHoliday));
    }

    [Theory]
    [InlineData("2015-04-05")]
    [InlineData("2016-03-27")]
    [InlineData("2008-03-23")] // Nearly the earliest there can be.
    [InlineData("2038-04-25")] // The latest there can be.
    [InlineData("2076-04-19")]
    public void Easter_is_computed(string sunday) =>
        Assert.True(WorkingDays.IsBankHoliday(Day(sunday).AddDays(1)) && WorkingDays.IsBankHoliday(Day(sunday).AddDays(-2)));

    [Theory]
    [InlineData("2024-05-01", 1, "2024-05-01")]
    [InlineData("2024-05-04", 1, "2024-05-07")] // Saturday, Sunday, bank holiday.
    [InlineData("2024-05-01", 4, "2024-05-07")]
    [InlineData("2024-12-23", 3, "2024-12-27")]
    [InlineData("2024-12-24", 3, "2024-12-30")]
    public void Counting_begins_with_the_day_itself_if_it_is_a_working_day(string from, int n, string last) =>
        Assert.Equal(Day(last), WorkingDays.Nth(Day(from), n));

    [Fact]
    public void Counting_stops_at_the_end_of_the_calendar() =>
        Assert.Equal(DateOnly.MaxValue, WorkingDays.Nth(DateOnly.MaxValue.AddDays(-3), 15));
}
