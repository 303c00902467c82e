namespace SendExchange.Aggregator;

/// <summary>All that Aggregator logs, on one page.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "Cases that are due could not be read; trying again.")]
    public static partial void CasesNotRead(ILogger logger, Exception problem);

    [LoggerMessage(2, LogLevel.Error, "Case {CaseKey} holds a fact that cannot be read; its obligations stay as they were.")]
    public static partial void CaseUnreadable(ILogger logger, string caseKey, Exception problem);

    [LoggerMessage(
        3,
        LogLevel.Error,
        "Case {CaseKey} holds a fact that cannot be read; a report as known on {Day} leaves it out and says so."
    )]
    public static partial void CaseLeftOut(ILogger logger, string caseKey, DateOnly day, Exception problem);

    [LoggerMessage(4, LogLevel.Error, "Clocks could not be checked; trying again.")]
    public static partial void ClocksNotChecked(ILogger logger, Exception problem);

    [LoggerMessage(5, LogLevel.Error, "What is stored of case {CaseKey} is not what its facts say: {Differences}.")]
    public static partial void ClockDisagrees(ILogger logger, string caseKey, string differences);

    [LoggerMessage(6, LogLevel.Error, "So it is of {Cases} more cases checked with these.")]
    public static partial void MoreClocksDisagree(ILogger logger, int cases);
}
