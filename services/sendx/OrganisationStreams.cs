using System.Threading.Channels;
using Grpc.Core;
using SendExchange.Education.V1;

namespace SendExchange.Sendx;

/// <summary>One intake stream an organisation, as many at once as a server likes; the one used longest ago makes room.</summary>
internal sealed class OrganisationStreams(Client client, SendResult result, CancellationToken cancellationToken)
{
    private const int MostStreams = 64; // An HTTP/2 connection carries 100.

    private readonly Dictionary<string, LinkedListNode<OrganisationStream>> _open = new(StringComparer.Ordinal);
    private readonly LinkedList<OrganisationStream> _byUse = new(); // Last used first.

    public async ValueTask Send(long line, AssessmentFact fact)
    {
        if (!_open.TryGetValue(fact.Organisation, out var node))
        {
            if (_open.Count == MostStreams)
            {
                await Close(_byUse.Last!);
            }
            node = new(new OrganisationStream(client, fact.Organisation, result, cancellationToken));
            _open.Add(fact.Organisation, node);
            _byUse.AddFirst(node);
        }
        else if (node != _byUse.First)
        {
            _byUse.Remove(node);
            _byUse.AddFirst(node);
        }
        await node.Value.Send(line, fact);
    }

    public async Task Finish()
    {
        foreach (var stream in _byUse)
        {
            stream.Complete();
        }
        await Task.WhenAll(_byUse.Select(s => s.Finished));
    }

    private async Task Close(LinkedListNode<OrganisationStream> node)
    {
        _byUse.Remove(node);
        _open.Remove(node.Value.Organisation);
        node.Value.Complete();
        await node.Value.Finished;
    }
}

/// <summary>Facts of one organisation: each is kept until its receipt is there, and sent again when the stream breaks.</summary>
internal sealed class OrganisationStream
{
    private const int MostWithoutReceipt = 2_000;
    private const int MostTries = 40;
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(3);

    private readonly Client _client;
    private readonly SendResult _result;
    private readonly CancellationToken _cancellationToken;
    private readonly Channel<(long Line, AssessmentFact Fact)> _facts = Channel.CreateBounded<(long, AssessmentFact)>(MostWithoutReceipt);
    private readonly Queue<(long Line, AssessmentFact Fact)> _withoutReceipt = new();

    public OrganisationStream(Client client, string organisation, SendResult result, CancellationToken cancellationToken)
    {
        _client = client;
        Organisation = organisation;
        _result = result;
        _cancellationToken = cancellationToken;
        Finished = Run();
    }

    public string Organisation { get; }

    /// <summary>Done when every fact has its receipt; faulted when the exchange cannot be reached or refuses the caller.</summary>
    public Task Finished { get; }

    public async ValueTask Send(long line, AssessmentFact fact)
    {
        if (Finished.IsCompleted)
        {
            await Finished; // Says why.
        }
        await _facts.Writer.WriteAsync((line, fact), _cancellationToken);
    }

    public void Complete() => _facts.Writer.TryComplete();

    private async Task Run()
    {
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var before = _result.Accepted + _result.Duplicate;
                try
                {
                    await Stream();
                    return;
                }
                catch (RpcException broken)
                    when (broken.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.Internal)
                {
                    if (_result.Accepted + _result.Duplicate > before)
                    {
                        attempt = 1; // It has been there since.
                    }
                    if (attempt == MostTries || _cancellationToken.IsCancellationRequested || (attempt > 3 && !_result.Reached))
                    {
                        throw;
                    }
                    var pause = TimeSpan.FromMilliseconds(Math.Min(_longestPause.TotalMilliseconds, 100 << Math.Min(attempt, 10)));
                    await Task.Delay(pause, _cancellationToken);
                }
            }
        }
        catch (Exception problem)
        {
            _facts.Writer.TryComplete(problem); // Whoever hands a fact in hears of it.
            throw;
        }
    }

    private async Task Stream()
    {
        var intake = new AssessmentIntakeService.AssessmentIntakeServiceClient(_client.Invoker);
        using var call = intake.RecordFacts(_client.As(Organisation, "sender"), cancellationToken: _cancellationToken);
        var receipts = TakeReceipts(call.ResponseStream);
        try
        {
            foreach (var (_, fact) in Outstanding())
            {
                await call.RequestStream.WriteAsync(new RecordFactsRequest { Fact = fact }, _cancellationToken);
            }
            while (await MoreOrBroken(receipts))
            {
                while (_facts.Reader.TryRead(out var next))
                {
                    lock (_withoutReceipt)
                    {
                        _withoutReceipt.Enqueue(next);
                    }
                    await call.RequestStream.WriteAsync(new RecordFactsRequest { Fact = next.Fact }, _cancellationToken);
                    _result.Reached = true;
                }
            }
            await call.RequestStream.CompleteAsync();
        }
        catch
        {
            call.Dispose(); // No receipt may be taken any more once the facts are sent again.
            await receipts; // Says why the stream broke, rather than that writing to it failed.
            throw;
        }
        await receipts;
        if (Outstanding().Length > 0)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "The stream ended before every fact had its receipt."));
        }
    }

    private async Task<bool> MoreOrBroken(Task receipts)
    {
        var more = _facts.Reader.WaitToReadAsync(_cancellationToken).AsTask();
        if (await Task.WhenAny(more, receipts) == receipts && !more.IsCompleted)
        {
            await receipts;
            throw new RpcException(new Status(StatusCode.Unavailable, "The server ended the stream."));
        }
        return await more;
    }

    private async Task TakeReceipts(IAsyncStreamReader<RecordFactsResponse> responses)
    {
        while (await responses.MoveNext(_cancellationToken))
        {
            (long Line, AssessmentFact Fact) sent;
            lock (_withoutReceipt)
            {
                sent = _withoutReceipt.Dequeue();
            }
            _result.Take(sent.Line, Organisation, responses.Current.Receipt);
        }
    }

    private (long Line, AssessmentFact Fact)[] Outstanding()
    {
        lock (_withoutReceipt)
        {
            return [.. _withoutReceipt];
        }
    }
}
