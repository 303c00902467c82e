namespace SendExchange.Testing;

/// <summary>A clock that moves only when told, and fires the timers it passes on the way.</summary>
/// <remarks>
/// <c>Task.Delay</c>, <c>PeriodicTimer</c> and <c>CancellationTokenSource</c> that were given this clock wait for
/// <see cref="Advance"/> too. Timers fire on the thread that advances, in the order in which they fall due; what they set off
/// may go on elsewhere after <see cref="Advance"/> has returned.
/// </remarks>
public sealed class StoppedClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<StoppedTimer> timers = [];
    private DateTimeOffset now = start.ToUniversalTime();

    /// <summary>Stopped at noon in London on that day.</summary>
    public StoppedClock(DateOnly day)
        : this(NoonInLondon(day)) { }

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <exception cref="ArgumentOutOfRangeException"><paramref name="by"/> is negative: time does not run backwards.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        AdvanceTo(GetUtcNow() + by);
    }

    /// <summary>Moves to noon in London on that day.</summary>
    /// <exception cref="ArgumentOutOfRangeException">That is in this clock's past.</exception>
    public void AdvanceTo(DateOnly day) => AdvanceTo(NoonInLondon(day));

    /// <exception cref="ArgumentOutOfRangeException"><paramref name="instant"/> is in this clock's past.</exception>
    public void AdvanceTo(DateTimeOffset instant)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(instant, GetUtcNow());
        while (NextDue(instant) is { } timer)
        {
            timer.Fire();
        }
        lock (gate)
        {
            now = instant.ToUniversalTime();
        }
    }

    /// <remarks>A due time or period of zero or more but less than a millisecond counts as zero, as with real timers.</remarks>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new StoppedTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private static DateTimeOffset NoonInLondon(DateOnly day)
    {
        var noon = day.ToDateTime(new TimeOnly(12, 0));
        return new DateTimeOffset(noon, TimeZoneInfo.FindSystemTimeZoneById("Europe/London").GetUtcOffset(noon)).ToUniversalTime();
    }

    /// <summary>Moves to the next timer due at or before <paramref name="limit"/> and arms it for its next period.</summary>
    private StoppedTimer? NextDue(DateTimeOffset limit)
    {
        lock (gate)
        {
            var timer = timers.Where(t => t.DueAt <= limit).MinBy(t => t.DueAt);
            if (timer is null)
            {
                return null;
            }
            now = timer.DueAt > now ? timer.DueAt : now;
            if (timer.Period > TimeSpan.Zero)
            {
                timer.DueAt += timer.Period;
            }
            else
            {
                timers.Remove(timer);
            }
            return timer;
        }
    }

    private sealed class StoppedTimer(StoppedClock clock, Action fire) : ITimer
    {
        private bool disposed;

        public DateTimeOffset DueAt { get; set; }
        public TimeSpan Period { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                if (disposed)
                {
                    return false;
                }
                clock.timers.Remove(this);
                Period = period < TimeSpan.FromMilliseconds(1) ? TimeSpan.Zero : period;
                if (dueTime >= TimeSpan.FromMilliseconds(1))
                {
                    DueAt = clock.now + dueTime;
                    clock.timers.Add(this);
                    return true;
                }
                if (dueTime == Timeout.InfiniteTimeSpan)
                {
                    return true;
                }
                if (Period > TimeSpan.Zero)
                {
                    DueAt = clock.now + Period;
                    clock.timers.Add(this);
                }
            }
            ThreadPool.QueueUserWorkItem(_ => fire()); // Due at once: fires without an advance, and never on its creator's stack.
            return true;
        }

        public void Dispose()
        {
            lock (clock.gate)
            {
                disposed = true;
                clock.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
