namespace SendExchange.Sendx;

/// <summary>What every command's exit code means.</summary>
internal static class Exit
{
    public const int Done = 0;

    /// <summary>The command ran; something was refused, or there are findings.</summary>
    public const int Refused = 1;

    public const int Usage = 2;

    /// <summary>The exchange does not answer.</summary>
    public const int Unreachable = 3;
}
