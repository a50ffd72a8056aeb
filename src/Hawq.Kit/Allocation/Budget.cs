namespace Hawq.Kit;

/// <summary>How many bits the weights may take in all.</summary>
public sealed record Budget
{
    private readonly Func<long, double> _limit;

    private Budget(string name, Func<long, double> limit) => (Name, _limit) = (name, limit);

    /// <summary>The budget in words.</summary>
    public string Name { get; }

    /// <summary>At least this weight compression, 32 · weights ÷ Σ bits · weights.</summary>
    /// <param name="ratio">1 to 32.</param>
    public static Budget WeightCompression(double ratio)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ratio, 1);
        return new(FormattableString.Invariant($"W-Comp ≥ {ratio}×"), weights => 32.0 * weights / ratio);
    }

    /// <summary>At most this many bits a weight on average.</summary>
    /// <param name="bits">1 to 32.</param>
    public static Budget AverageBits(double bits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        return new(FormattableString.Invariant($"≤ {bits} bits on average"), weights => bits * weights);
    }

    /// <summary>At most this size of the packed conv and linear weights.</summary>
    /// <param name="mebibytes">Size in MiB (2²⁰ bytes).</param>
    public static Budget ModelSize(double mebibytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(mebibytes);
        return new(FormattableString.Invariant($"≤ {mebibytes} MiB of weights"), _ => mebibytes * 8 * (1 << 20));
    }

    /// <summary>Most bits for a network with so many weights; a hair is granted for rounding.</summary>
    internal double Limit(long weights) => _limit(weights) * (1 + 1e-12);
}
