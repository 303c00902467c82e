namespace SendExchange.Education;

/// <summary>All that Education logs, on one page.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "Advice given as {FactId} was refused as a fact; at fault: {Fields}.")]
    public static partial void GivenAdviceRefused(ILogger logger, string factId, string fields);
}
