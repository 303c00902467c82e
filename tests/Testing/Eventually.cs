using System.Runtime.CompilerServices;

namespace SendExchange.Testing;

/// <summary>Waits for what something else will make true, in real time.</summary>
public static class Eventually
{
    // Long, because it only costs time where a test fails: a machine that is busy with other things must not fail it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Asks until the answer is yes.</summary>
    /// <exception cref="TimeoutException">It never was.</exception>
    public static async Task True(
        Func<Task<bool>> condition,
        TimeSpan? patience = null,
        [CallerArgumentExpression(nameof(condition))] string what = ""
    )
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > (patience ?? Patience))
            {
                throw new TimeoutException($"Not within {(patience ?? Patience).TotalSeconds} s: {what}");
            }
            await Task.Delay(10);
        }
    }

    /// <inheritdoc cref="True(Func{Task{bool}}, TimeSpan?, string)"/>
    public static Task True(
        Func<bool> condition,
        TimeSpan? patience = null,
        [CallerArgumentExpression(nameof(condition))] string what = ""
    ) => True(() => Task.FromResult(condition()), patience, what);

    /// <summary>Asks until the answer is <paramref name="expected"/>.</summary>
    /// <exception cref="TimeoutException">It never was; the message holds the last answer.</exception>
    public static async Task Equal<T>(T expected, Func<Task<T>> actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        T? last = default;
        try
        {
            await True(async () => Equals(last = await actual(), expected));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"Not {expected} within {Patience.TotalSeconds} s, but {last}: {what}", e);
        }
    }
}
