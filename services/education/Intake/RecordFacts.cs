using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using SendExchange.Chassis;
using SendExchange.Education.V1;

namespace SendExchange.Education.Intake;

public sealed partial class AssessmentIntake
{
    /// <summary>Facts of a call read ahead of their receipts. Beyond it the server stops reading, and the sender's writes wait.</summary>
    private const int MostFactsAhead = 500;

    private static readonly WriteOptions _gather = new(WriteFlags.BufferHint);

    /// <summary>
    /// Facts in, a receipt for each out, in order. What had been read before the stream broke is still recorded; at
    /// shutdown the call gets its outstanding receipts, then UNAVAILABLE.
    /// </summary>
    public override async Task RecordFacts(
        IAsyncStreamReader<RecordFactsRequest> requestStream,
        IServerStreamWriter<RecordFactsResponse> responseStream,
        ServerCallContext context
    )
    {
        var receipts = Channel.CreateBounded<Task<FactReceipt>>(MostFactsAhead);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var reading = Read(requestStream, receipts.Writer, Caller.Of(context).Organisation, stopping.Token);
        long sequence = 0;
        try
        {
            await foreach (var pending in receipts.Reader.ReadAllAsync(CancellationToken.None))
            {
                var receipt = await ReceiptOf(pending);
                receipt.Sequence = ++sequence;
                // A flush a message costs more than the message: gather while the next receipt is there already.
                var moreNow = receipts.Reader.TryPeek(out var next) && next.IsCompleted;
                responseStream.WriteOptions = moreNow ? _gather : null;
                await responseStream.WriteAsync(new RecordFactsResponse { Receipt = receipt }, context.CancellationToken);
            }
            await reading;
        }
        catch (Exception gone)
            when (gone is IOException or OperationCanceledException or InvalidOperationException
                || context.CancellationToken.IsCancellationRequested
            )
        {
            await stopping.CancelAsync(); // The caller has gone, or its deadline has passed: nobody is left to be told.
        }
        catch
        {
            await stopping.CancelAsync(); // No receipts any more: stop reading.
            throw;
        }
    }

    private async Task Read(
        IAsyncStreamReader<RecordFactsRequest> requests,
        ChannelWriter<Task<FactReceipt>> receipts,
        string organisation,
        CancellationToken cancellationToken
    )
    {
        try
        {
            while (await requests.MoveNext(cancellationToken))
            {
                var pending = await committer.Offer(requests.Current.Fact, organisation, cancellationToken);
                await receipts.WriteAsync(pending, cancellationToken);
            }
        }
        catch (InvalidProtocolBufferException)
        {
            // An IOException by descent, which would pass for a caller that has gone.
            throw new RpcException(
                new Status(StatusCode.InvalidArgument, "A message is no RecordFactsRequest. What has a receipt before it is recorded.")
            );
        }
        catch (Exception) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "Shutting down. Connect again and send what has no receipt yet."));
        }
        finally
        {
            receipts.Complete();
        }
    }
}
