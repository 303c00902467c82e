using System.Diagnostics;
using System.Threading.Channels;
using SendExchange.Chassis;
using SendExchange.Education.V1;

namespace SendExchange.Education.Intake;

/// <summary>A fact that somebody waits for.</summary>
/// <param name="Fact">As it was sent.</param>
/// <param name="Caller">The organisation that the token speaks for.</param>
/// <param name="Trace">W3C traceparent of the call.</param>
internal sealed record Offer(AssessmentFact Fact, string Caller, string? Trace)
{
    public TaskCompletionSource<FactReceipt> Receipt { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>
/// Commits facts of all calls together: while one transaction is on its way to disk the next facts gather, so a slow disk
/// makes larger transactions, not slower calls. Facts of one caller stay in their order.
/// </summary>
public sealed class Committer([FromKeyedServices(Education.Name)] Database database, TimeProvider clock) : BackgroundService
{
    /// <summary>Few enough that a failed commit repeats little, many enough that a commit is shared.</summary>
    private const int MostFactsPerCommit = 250;

    private readonly Channel<Offer> _offers = Channel.CreateBounded<Offer>(2 * MostFactsPerCommit);

    /// <summary>Hands a fact in, waiting while the queue is full. The receipt comes when it is on disk, or refused.</summary>
    public async Task<Task<FactReceipt>> Offer(AssessmentFact? fact, string caller, CancellationToken cancellationToken)
    {
        var offer = new Offer(fact ?? new AssessmentFact(), caller, Activity.Current?.Id);
        await _offers.Writer.WriteAsync(offer, cancellationToken);
        return offer.Receipt.Task;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Offer>(MostFactsPerCommit);
        // Not stoppingToken: whoever has handed a fact in gets its receipt. StopAsync ends the queue.
        while (await _offers.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < MostFactsPerCommit && _offers.Reader.TryRead(out var offer))
            {
                batch.Add(offer);
            }
            await Commit(batch);
            batch.Clear();
        }
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        _offers.Writer.TryComplete();
        return base.StopAsync(cancellationToken);
    }

    private async Task Commit(List<Offer> batch)
    {
        try
        {
            var receipts = await database.Transact(tx => TakeIn.Facts(tx, batch, clock.GetUtcNow()));
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Receipt.SetResult(receipts[i]);
            }
        }
        catch (Exception problem)
        {
            // Nothing of the batch is stored; every caller hears of it and sends again.
            foreach (var offer in batch)
            {
                offer.Receipt.TrySetException(problem);
            }
        }
    }
}
