using Grpc.Core;
using SendExchange.Chassis;
using SendExchange.Education.V1;

namespace SendExchange.Education.Intake;

public sealed partial class AssessmentIntake
{
    /// <summary>One fact, one receipt. Many facts go faster through <see cref="RecordFacts"/>.</summary>
    public override async Task<RecordFactResponse> RecordFact(RecordFactRequest request, ServerCallContext context)
    {
        var pending = await committer.Offer(request.Fact, Caller.Of(context).Organisation, context.CancellationToken);
        var receipt = await ReceiptOf(pending);
        receipt.Sequence = 1;
        return new RecordFactResponse { Receipt = receipt };
    }
}
