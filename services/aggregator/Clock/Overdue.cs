using SendExchange.Chassis;

namespace SendExchange.Aggregator.Clock;

/// <summary>Obligations still OPEN though they became breaches, by how long ago. Empty but for the moments after midnight.</summary>
internal sealed class Overdue
{
    public required long UnderOneMinute { get; init; }
    public required long UnderOneHour { get; init; }
    public required long UnderOneDay { get; init; }
    public required long OneDayAndMore { get; init; }

    public IEnumerable<(string Age, long Obligations)> ByAge =>
        [("<1m", UnderOneMinute), ("<1h", UnderOneHour), ("<1d", UnderOneDay), (">=1d", OneDayAndMore)];

    public static async Task<Overdue> Of(Database database, DateTimeOffset now, CancellationToken cancellationToken) =>
        (
            await database.Query<Overdue>(
                """
                select count(case when breach_at > @minuteAgo then 1 end) as under_one_minute,
                       count(case when breach_at <= @minuteAgo and breach_at > @hourAgo then 1 end) as under_one_hour,
                       count(case when breach_at <= @hourAgo and breach_at > @dayAgo then 1 end) as under_one_day,
                       count(case when breach_at <= @dayAgo then 1 end) as one_day_and_more
                from obligations where state = 'OPEN' and binds and breach_at <= @now
                """,
                new
                {
                    now,
                    minuteAgo = now.AddMinutes(-1),
                    hourAgo = now.AddHours(-1),
                    dayAgo = now.AddDays(-1),
                },
                cancellationToken
            )
        )[0];
}
