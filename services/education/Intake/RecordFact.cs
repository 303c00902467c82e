using Grpc.Core;
using SendExchange.Chassis;
using SendExchange.Education.V1;

namespace SendExchange.Education.Intake;

public sealed partial class AssessmentIntake
{
    /// <summary>One fact, one receipt. Many facts go faster through <see cref="RecordFacts"/>.</summary>
    public override async Task<RecordFactResponse> RecordFact(RecordFactRequest request, ServerCallContext context)
    {
        var organisation = Caller.Of(context).Organisation;
        var receipts = await database.Transact(
            tx => TakeIn.Facts(tx, organisation, [request.Fact ?? new AssessmentFact()], clock.GetUtcNow()),
            context.CancellationToken
        );
        receipts[0].Sequence = 1;
        return new RecordFactResponse { Receipt = receipts[0] };
    }
}
