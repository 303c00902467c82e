using Grpc.Core;
using SendExchange.Aggregator.Clock;
using SendExchange.Aggregator.V1;
using SendExchange.Chassis;

namespace SendExchange.Aggregator.Reports;

public sealed partial class Reporting
{
    /// <summary>Whether every clock runs: how far the check of all cases has come, and what should have been published and is not.</summary>
    public override async Task<GetClockHealthResponse> GetClockHealth(GetClockHealthRequest request, ServerCallContext context)
    {
        if (!Caller.Of(context).Roles.Overlaps(["inspector", "operator"]))
        {
            throw GrpcErrors.Denied("The health of the clocks needs the role inspector or operator.");
        }
        var now = clock.GetUtcNow();
        var sweep = (
            await database.Query<SweepReportRow>(
                """
                select (select count(*) from cases) as cases,
                       began_at, cases_checked, cases_passed_over, disagreements, late_unrecorded,
                       last_began_at, last_ended_at, last_checked, last_passed_over, last_disagreements, last_late_unrecorded
                from sweep
                """,
                cancellationToken: context.CancellationToken
            )
        )[0];
        var overdue = await Overdue.Of(database, now, context.CancellationToken);
        return new GetClockHealthResponse
        {
            CasesHeld = sweep.Cases,
            CurrentSweep = sweep.BeganAt is { } began
                ? new Sweep
                {
                    BeganAt = Text(began),
                    CasesChecked = sweep.CasesChecked,
                    CasesPassedOver = sweep.CasesPassedOver,
                    Disagreements = sweep.Disagreements,
                    LateUnrecorded = sweep.LateUnrecorded,
                }
                : null,
            LastSweep = sweep is { LastBeganAt: { } lastBegan, LastEndedAt: { } lastEnded }
                ? new Sweep
                {
                    BeganAt = Text(lastBegan),
                    EndedAt = Text(lastEnded),
                    CasesChecked = sweep.LastChecked,
                    CasesPassedOver = sweep.LastPassedOver,
                    Disagreements = sweep.LastDisagreements,
                    LateUnrecorded = sweep.LastLateUnrecorded,
                }
                : null,
            OverdueUnpublished = new OverdueUnpublished
            {
                UnderOneMinute = overdue.UnderOneMinute,
                UnderOneHour = overdue.UnderOneHour,
                UnderOneDay = overdue.UnderOneDay,
                OneDayAndMore = overdue.OneDayAndMore,
            },
        };
    }

    private sealed class SweepReportRow
    {
        public required long Cases { get; init; }
        public DateTimeOffset? BeganAt { get; init; }
        public required long CasesChecked { get; init; }
        public required long CasesPassedOver { get; init; }
        public required long Disagreements { get; init; }
        public required long LateUnrecorded { get; init; }
        public DateTimeOffset? LastBeganAt { get; init; }
        public DateTimeOffset? LastEndedAt { get; init; }
        public required long LastChecked { get; init; }
        public required long LastPassedOver { get; init; }
        public required long LastDisagreements { get; init; }
        public required long LastLateUnrecorded { get; init; }
    }
}
