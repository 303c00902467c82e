using SendExchange.Testing;

namespace SendExchange.Services.Tests;

public sealed class StoppedClockTests
{
    [Fact]
    public void It_stands_at_noon_in_London_in_winter_and_in_summer()
    {
        Assert.Equal(new(2024, 1, 8, 12, 0, 0, TimeSpan.Zero), new StoppedClock(new DateOnly(2024, 1, 8)).GetUtcNow());
        Assert.Equal(new(2024, 7, 8, 11, 0, 0, TimeSpan.Zero), new StoppedClock(new DateOnly(2024, 7, 8)).GetUtcNow());
    }

    [Fact]
    public async Task A_delay_ends_when_the_clock_is_moved_over_it_and_not_before()
    {
        var clock = new StoppedClock(new DateOnly(2024, 1, 8));
        var delay = Task.Delay(TimeSpan.FromHours(1), clock, TestContext.Current.CancellationToken);

        clock.Advance(TimeSpan.FromMinutes(59));
        Assert.False(delay.IsCompleted);

        clock.Advance(TimeSpan.FromMinutes(1));
        await delay.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_periodic_timer_fires_once_for_each_period_passed_at_its_own_time()
    {
        var clock = new StoppedClock(new DateOnly(2024, 1, 8));
        var start = clock.GetUtcNow();
        var fired = new List<TimeSpan>();
        using var timer = clock.CreateTimer(
            _ => fired.Add(clock.GetUtcNow() - start),
            null,
            TimeSpan.FromMinutes(1),
            TimeSpan.FromMinutes(15)
        );

        clock.Advance(TimeSpan.FromMinutes(32));

        Assert.Equal([TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(16), TimeSpan.FromMinutes(31)], fired);
    }

    [Fact]
    public void A_disposed_timer_does_not_fire()
    {
        var clock = new StoppedClock(new DateOnly(2024, 1, 8));
        var fired = 0;
        clock.CreateTimer(_ => fired++, null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan).Dispose();

        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(0, fired);
    }

    [Fact]
    public void It_does_not_run_backwards()
    {
        var clock = new StoppedClock(new DateOnly(2024, 1, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => clock.AdvanceTo(new DateOnly(2024, 1, 7)));
    }
}
