namespace SendExchange.Testing;

/// <summary>For tests that take minutes: <c>[Fact(Skip = "slow", SkipUnless = nameof(Slow.Wanted), SkipType = typeof(Slow))]</c>.</summary>
public static class Slow
{
    /// <summary>Whether <c>tests/run --slow</c> runs them (SENDX_SLOW=1).</summary>
    public static bool Wanted => Environment.GetEnvironmentVariable("SENDX_SLOW") == "1";
}
