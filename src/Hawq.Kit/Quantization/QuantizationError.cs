using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The quantization error ‖Q(W) − W‖² of a block.</summary>
public static class QuantizationError
{
    /// <summary>Σ over the block's layers of ‖Q(W) − W‖², the squared 2-norm, each layer on its own grid; 0 at 32 bits.</summary>
    /// <param name="block">The block.</param>
    /// <param name="bits">1 to 8, or 32.</param>
    /// <param name="scheme">How weights are quantized, by symmetry, granularity and range; the method that fine-tuning uses (DoReFa, LSQ, LQ-Nets) plays no role.</param>
    /// <exception cref="ArgumentException">A weight has a value that is not finite.</exception>
    public static double Of(Block block, BitWidth bits, QuantizationScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(block);
        return bits.IsFloat ? 0 : block.Weights.Sum(weight => OfWeight(weight));

        double OfWeight(TorchSharp.Modules.Parameter weight)
        {
            using var grid = RangeEstimator.Grid(weight, bits, scheme);
            return grid.Error(weight);
        }
    }

    /// <summary>Q(W) of each of the block's weights, in their shapes; the caller owns them.</summary>
    internal static IReadOnlyList<Tensor> Snapped(Block block, BitWidth bits, QuantizationScheme scheme) => [.. block.Weights.Select(weight =>
    {
        using var grid = RangeEstimator.Grid(weight, bits, scheme);
        return grid.Snap(weight);
    })];

    /// <summary>ΔW = Q(W) − W of the whole block, (n) in the order of its weights; the caller owns it.</summary>
    internal static Tensor Change(Block block, BitWidth bits, QuantizationScheme scheme)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return cat([.. Snapped(block, bits, scheme).Zip(block.Weights, (snapped, weight) => (snapped - weight).reshape(-1))]).MoveToOuterDisposeScope();
    }
}
