using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Measures L(Q_b(W)) − L(W) with one block's weights quantized at a time; activations and other blocks stay float.</summary>
internal sealed class LossChange
{
    private readonly EmpiricalRisk _risk;
    private readonly double[] _float;

    public LossChange(EmpiricalRisk risk) => (_risk, _float) = (risk, risk.SampleLosses());

    /// <summary>A list for each bit width with the change of each block; cancellation is heeded between two.</summary>
    public IReadOnlyList<IReadOnlyList<Estimate>> Table(
        IReadOnlyList<Block> blocks, IReadOnlyList<BitWidth> bits, QuantizationScheme scheme, IProgress<MetricProgress>? progress, CancellationToken cancellation)
    {
        var (done, total) = (0, bits.Count * blocks.Count);
        return [.. bits.Select(width => blocks.Select(block =>
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new MetricProgress(block.Name, done, total));
            var found = Of(block, width, scheme);
            progress?.Report(new MetricProgress(block.Name, ++done, total));
            return found;
        }).ToList())];
    }

    /// <summary>
    /// The mean change over the samples, with the standard error of a mean of paired differences: how much the change depends on
    /// which samples were drawn. The weights are put back, bit for bit.
    /// </summary>
    private Estimate Of(Block block, BitWidth bits, QuantizationScheme scheme)
    {
        using var scope = NewDisposeScope();
        var snapped = QuantizationError.Snapped(block, bits, scheme);
        using var keeper = new WeightKeeper([block]);
        keeper.Set(snapped);
        return Estimate.Of([.. _risk.SampleLosses().Zip(_float, (quantized, original) => quantized - original)]);
    }
}
