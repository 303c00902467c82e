using SendExchange.Chassis;

namespace SendExchange.Aggregator.Facts;

/// <summary>How far Education's sequence has arrived without a gap.</summary>
public sealed class Arrival([FromKeyedServices(Aggregator.Name)] Database database)
{
    private const int PositionsPerRead = 20_000;
    private readonly Lock _gate = new();
    private long _upTo; // Only ever grows: what has arrived stays.

    /// <summary>Every fact up to this position is stored. 0: not even the first.</summary>
    public async Task<long> UpTo(CancellationToken cancellationToken)
    {
        var upTo = _upTo;
        while (true)
        {
            var positions = await database.Query<long>(
                "select position from facts where position > @upTo order by position limit @PositionsPerRead",
                new { upTo, PositionsPerRead },
                cancellationToken
            );
            var before = upTo;
            foreach (var position in positions.TakeWhile(position => position == upTo + 1))
            {
                upTo = position;
            }
            if (upTo - before < PositionsPerRead)
            {
                lock (_gate)
                {
                    return _upTo = Math.Max(_upTo, upTo);
                }
            }
        }
    }
}
