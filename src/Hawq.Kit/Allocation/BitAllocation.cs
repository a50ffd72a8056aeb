namespace Hawq.Kit;

/// <summary>Bit width of one block.</summary>
/// <param name="Block">The block.</param>
/// <param name="Bits">Bits of each of its weights.</param>
/// <param name="Curvature">The measure that Ω was made with: |λ|, the average trace, the average Fisher trace, or 1.</param>
/// <param name="Priority">S, by which the precision order ranks.</param>
/// <param name="Perturbation">Ω at these bits.</param>
public sealed record BlockAllocation(Block Block, BitWidth Bits, double Curvature, double Priority, double Perturbation)
{
    /// <summary>MACs · weight bits · activation bits for one input, if the table knew the MACs.</summary>
    public long? BitOperations { get; init; }

    /// <summary>Time in ms, if the table knew it.</summary>
    public double? Milliseconds { get; init; }
}

/// <summary>Bit widths of all blocks.</summary>
/// <param name="Name">How they were chosen.</param>
/// <param name="Blocks">One entry a block, in network order.</param>
/// <param name="Scheme">How the weights are quantized.</param>
/// <param name="OtherBytes">Bytes of all numbers that are not conv or linear weights: biases, batch norm with its running statistics.</param>
public sealed record BitAllocation(string Name, IReadOnlyList<BlockAllocation> Blocks, QuantizationScheme Scheme, long OtherBytes)
{
    /// <summary>ΣΩ over the blocks.</summary>
    public double Perturbation => Blocks.Sum(block => block.Perturbation);

    /// <summary>Σ bits · weights.</summary>
    /// <value>Bits.</value>
    public long WeightBits => Blocks.Sum(block => block.Bits.Value * block.Block.WeightCount);

    /// <summary>Number of conv and linear weights.</summary>
    public long WeightCount => Blocks.Sum(block => block.Block.WeightCount);

    /// <summary>"W-Comp" as the paper counts it: 32 · weights ÷ Σ bits · weights, over conv and linear weights alone.</summary>
    public double WeightCompression => 32.0 * WeightCount / WeightBits;

    /// <summary>Average bits of a weight.</summary>
    public double AverageBits => (double)WeightBits / WeightCount;

    /// <summary>Packed weights, a float scale and zero point for each grid (the basis, if that is learned), and all numbers that stay float.</summary>
    /// <remarks>A file also has a header, batch norm's counters, and the ranges of quantized inputs.</remarks>
    /// <value>Bytes.</value>
    public long TotalBytes => Blocks.Sum(block => ((block.Bits.Value * block.Block.WeightCount) + 7) / 8) + GridBytes + OtherBytes;

    /// <summary><see cref="TotalBytes"/> in units of 2²⁰ bytes, which the paper calls MB.</summary>
    public double TotalMebibytes => NetworkSize.InMebibytes(TotalBytes);

    /// <summary>Σ MACs · weight bits · activation bits for one input, if the table knew the MACs.</summary>
    public long? BitOperations => Blocks.All(block => block.BitOperations is not null) ? Blocks.Sum(block => block.BitOperations) : null;

    /// <summary>Σ time of the layers in ms, if the table knew it.</summary>
    public double? Milliseconds => Blocks.All(block => block.Milliseconds is not null) ? Blocks.Sum(block => block.Milliseconds) : null;

    /// <summary>How far each limit of the budget is used, with its dual price; empty where no budget was given.</summary>
    public IReadOnlyList<BudgetUse> Budgets { get; init; } = [];

    private long GridBytes => Blocks.Where(block => !block.Bits.IsFloat)
        .Sum(block => block.Block.Weights.Sum(weight => (Scheme.Weights == WeightMethod.LearnedBasis ? 4 * block.Bits.Value : 8) * Grids(weight)));

    private long Grids(TorchSharp.Modules.Parameter weight) => Scheme.Granularity == Granularity.PerChannel ? weight.shape[0] : 1;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"{Name}: {string.Join(",", Blocks.Select(block => block.Bits))} · {WeightCompression:F2}× · ΣΩ = {Perturbation:G4}");
}
