namespace SendExchange.Sendx;

/// <summary>Chance that falls the same way for ever: SplitMix64, integers only, so no platform's rounding shows.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A seed of its own for each authority and year, so that one authority's chances do not depend on another's.</summary>
    public static Dice For(int seed, int year, string authority)
    {
        var mixed = new Dice(unchecked((uint)seed));
        foreach (var c in $"{year}/{authority}")
        {
            mixed._state ^= c;
            mixed.Next();
        }
        return new Dice(mixed.Next());
    }

    public ulong Next()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    /// <summary>Both ends included.</summary>
    public int Between(int from, int to) => from + Below(to - from + 1);

    public bool Percent(int chance) => Below(100) < chance;

    /// <summary>0 or more, on average <paramref name="mean"/>, now and then many times as much.</summary>
    public int Tail(int mean)
    {
        var days = 0;
        while (Below(mean + 1) != 0)
        {
            days++;
        }
        return days;
    }

    public void Shuffle<T>(IList<T> items)
    {
        for (var i = items.Count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
