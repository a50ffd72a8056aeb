namespace Hawq.Kit;

/// <summary>Small generator of 64-bit random numbers (Steele, Lea and Flood 2014): its whole state is one number.</summary>
/// <remarks>Data order and augmentation are a pure function of (seed, epoch), so a resumed run draws what an undisturbed one draws.</remarks>
internal struct SplitMix64
{
    private ulong _state;

    public SplitMix64(long seed, long stream = 0)
    {
        _state = (ulong)seed;
        _state = Next() ^ ((ulong)stream * 0xD1342543DE82EF95UL);
    }

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A number in 0 … bound − 1; the bias is below bound / 2³².</summary>
    public int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>A number in [0, 1), a multiple of 2⁻⁵³.</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A random order of 0 … count − 1 (Fisher and Yates).</summary>
    public int[] Permutation(int count)
    {
        var order = Enumerable.Range(0, count).ToArray();
        for (var i = count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}
