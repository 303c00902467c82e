using System.Threading.Channels;
using Grpc.Core;
using SendExchange.Chassis;
using SendExchange.Education.V1;

namespace SendExchange.Education.Intake;

public sealed partial class AssessmentIntake
{
    /// <summary>Facts in a transaction: few enough that a lost connection repeats little, many enough that a commit is shared.</summary>
    private const int MostFactsPerCommit = 200;

    /// <summary>Facts read ahead of the commit. Beyond it the server stops reading, and the sender's writes wait.</summary>
    private const int MostFactsAhead = 2 * MostFactsPerCommit;

    private static readonly WriteOptions _gather = new(WriteFlags.BufferHint);

    /// <summary>
    /// Facts in, a receipt for each out, in order. While one transaction commits, the next facts gather: a slow disk makes
    /// larger transactions, not a slower stream. What had been read before the stream broke is still recorded.
    /// </summary>
    public override async Task RecordFacts(
        IAsyncStreamReader<RecordFactsRequest> requestStream,
        IServerStreamWriter<RecordFactsResponse> responseStream,
        ServerCallContext context
    )
    {
        var organisation = Caller.Of(context).Organisation;
        var facts = Channel.CreateBounded<AssessmentFact>(MostFactsAhead);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var reading = Read(requestStream, facts.Writer, stopping.Token);

        long sequence = 0;
        var batch = new List<AssessmentFact>(MostFactsPerCommit);
        while (await facts.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < MostFactsPerCommit && facts.Reader.TryRead(out var fact))
            {
                batch.Add(fact);
            }
            var receipts = await database.Transact(tx => TakeIn.Facts(tx, organisation, batch, clock.GetUtcNow()), CancellationToken.None);
            foreach (var receipt in receipts)
            {
                receipt.Sequence = ++sequence;
            }
            if (!context.CancellationToken.IsCancellationRequested)
            {
                await Write(responseStream, receipts, context.CancellationToken);
            }
            batch.Clear();
        }
        await reading;
    }

    private async Task Read(
        IAsyncStreamReader<RecordFactsRequest> requests,
        ChannelWriter<AssessmentFact> facts,
        CancellationToken cancellationToken
    )
    {
        try
        {
            while (await requests.MoveNext(cancellationToken))
            {
                await facts.WriteAsync(requests.Current.Fact ?? new AssessmentFact(), cancellationToken);
            }
        }
        catch (Exception) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "Shutting down. Connect again and send what has no receipt yet."));
        }
        finally
        {
            facts.Complete();
        }
    }

    private static async Task Write(
        IServerStreamWriter<RecordFactsResponse> responses,
        IReadOnlyList<FactReceipt> receipts,
        CancellationToken cancellationToken
    )
    {
        for (var i = 0; i < receipts.Count; i++)
        {
            // One flush a batch: a flush a message costs more than the message.
            responses.WriteOptions = i < receipts.Count - 1 ? _gather : WriteOptions.Default;
            await responses.WriteAsync(new RecordFactsResponse { Receipt = receipts[i] }, cancellationToken);
        }
    }
}
