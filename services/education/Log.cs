namespace SendExchange.Education;

/// <summary>All that Education logs, on one page.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "Advice given as {FactId} was refused as a fact; at fault: {Fields}.")]
    public static partial void GivenAdviceRefused(ILogger logger, string factId, string fields);

    [LoggerMessage(2, LogLevel.Warning, "Facts could not be stored; their senders have been told to send them again.")]
    public static partial void FactsNotStored(ILogger logger, Exception problem);
}
