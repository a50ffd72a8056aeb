namespace Hawq.Kit;

/// <summary>What an allocation must keep to: one or several limits, and blocks that are pinned or tied.</summary>
/// <remarks>
/// Budgets are combined: <c>Budget.ModelSize(8).And(Budget.Latency(5)).WithFixed("conv1", 8).Tied("layer2.0.conv1", "layer2.0.shortcut")</c>.
/// A hair, 1e-12 of the limit, is granted for rounding.
/// </remarks>
public sealed record Budget
{
    private Budget(BudgetLimit limit) => Limits = [limit];

    /// <summary>The budget in words.</summary>
    public string Name => string.Join(", ", Limits.Select(limit => limit.Name).Concat(Pins));

    /// <summary>Pins and ties in words.</summary>
    internal IEnumerable<string> Pins =>
        Fixed.Select(pin => $"{pin.Block} at {pin.Bits} bit").Concat(Ties.Select(tie => $"{tie.First} = {tie.Second}"));

    internal IReadOnlyList<BudgetLimit> Limits { get; private init; }

    internal IReadOnlyList<(string Block, BitWidth Bits)> Fixed { get; private init; } = [];

    internal IReadOnlyList<(string First, string Second)> Ties { get; private init; } = [];

    /// <summary>At least this weight compression, 32 · weights ÷ Σ bits · weights.</summary>
    /// <param name="ratio">1 to 32.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is out of this range.</exception>
    public static Budget WeightCompression(double ratio)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ratio, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ratio, 32);
        return new(BudgetLimit.BitsPerWeight(FormattableString.Invariant($"W-Comp ≥ {ratio}×"), 32 / ratio));
    }

    /// <summary>At most this many bits a weight on average.</summary>
    /// <param name="bits">1 to 32.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one bit, or more than 32.</exception>
    public static Budget AverageBits(double bits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 32);
        return new(BudgetLimit.BitsPerWeight(FormattableString.Invariant($"≤ {bits} bits on average"), bits));
    }

    /// <summary>At most this size of the packed conv and linear weights.</summary>
    /// <param name="mebibytes">Size in MiB (2²⁰ bytes).</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive.</exception>
    public static Budget ModelSize(double mebibytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(mebibytes);
        return new(BudgetLimit.Size(FormattableString.Invariant($"≤ {mebibytes} MiB of weights"), mebibytes));
    }

    /// <summary>
    /// At most this many bit operations (BOPs) for one input: Σ MACs · weight bits · activation bits (Yao et al. 2021, HAWQ-V3).
    /// The table must know the MACs, see <see cref="CostVerbs.WithMultiplyAccumulates"/>.
    /// </summary>
    /// <param name="gigaBitOperations">10⁹ bit operations: 4-bit weights and inputs make 16 of a MAC. The notebook of HAWQ-V3 divides them by 1024.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not positive.</exception>
    public static Budget BitOperations(double gigaBitOperations)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(gigaBitOperations);
        return new(BudgetLimit.BitOperations(FormattableString.Invariant($"≤ {gigaBitOperations} GBOPs"), gigaBitOperations));
    }

    /// <summary>At most this latency, as the sum over the layers. The table must know it, see <see cref="CostVerbs.WithLatency"/>.</summary>
    /// <param name="milliseconds">Time in ms.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not positive.</exception>
    public static Budget Latency(double milliseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(milliseconds);
        return new(BudgetLimit.Latency(FormattableString.Invariant($"≤ {milliseconds} ms"), milliseconds));
    }

    /// <summary>Both budgets at once, with the pins and ties of both.</summary>
    /// <param name="other">The other budget.</param>
    public Budget And(Budget other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return this with { Limits = [.. Limits, .. other.Limits], Fixed = [.. Fixed, .. other.Fixed], Ties = [.. Ties, .. other.Ties] };
    }

    /// <summary>Pins a block to a bit width. A pinned block is exempt from the monotone rule.</summary>
    /// <param name="block">Name of the block, e.g. "conv1".</param>
    /// <param name="bits">Its bit width; the table must have a column for it.</param>
    public Budget WithFixed(string block, BitWidth bits)
    {
        ArgumentException.ThrowIfNullOrEmpty(block);
        return this with { Fixed = [.. Fixed, (block, bits)] };
    }

    /// <summary>
    /// Gives two blocks the same bit width, as where a shortcut and the main path share their quantized input (HAWQ-V3).
    /// Ties add up: a = b and b = c tie all three.
    /// </summary>
    /// <param name="first">Name of a block.</param>
    /// <param name="second">Name of another.</param>
    public Budget Tied(string first, string second)
    {
        ArgumentException.ThrowIfNullOrEmpty(first);
        ArgumentException.ThrowIfNullOrEmpty(second);
        return this with { Ties = [.. Ties, (first, second)] };
    }
}
