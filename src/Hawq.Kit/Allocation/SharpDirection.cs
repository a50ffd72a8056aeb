using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>How far a block's quantization change lies along the direction in which its loss bends most.</summary>
/// <param name="Block">The block.</param>
/// <param name="Bits">Bit width of the change.</param>
/// <param name="Share">cos² of the angle between ΔW = Q(W) − W and the unit top eigenvector v: (ΔWᵀv)² ÷ ‖ΔW‖², 0 to 1.</param>
/// <param name="Bound">½·|λ|·‖ΔW‖², half of HAWQ's Ω: the most that the curvature along v could change the loss, in nats.</param>
/// <remarks>
/// λ‖ΔW‖² is a fair estimate only where the share is near 1. A change in a random direction has a share of 1 ÷ n on average,
/// <see cref="ByChance"/>.
/// </remarks>
public sealed record SharpDirection(Block Block, BitWidth Bits, double Share, double Bound)
{
    /// <summary>1 ÷ n, the mean share of random directions.</summary>
    public double ByChance => 1.0 / Block.WeightCount;

    /// <summary>½·|λ|·(ΔWᵀv)², the change of loss that the curvature along v makes, in nats.</summary>
    public double Along => Bound * Share;
}

/// <summary>From curvature to the share of ΔW along the top eigenvector.</summary>
public static class SharpDirectionVerbs
{
    /// <summary>How far each block's ΔW lies along its top eigenvector.</summary>
    /// <param name="curvature">The measured blocks, with eigenvalues; the weights are read as they are now.</param>
    /// <param name="scheme">How weights are quantized.</param>
    /// <param name="bits">1 to 8.</param>
    /// <exception cref="InvalidOperationException">No eigenvalue was asked for.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The bit width is float, which changes nothing.</exception>
    public static IReadOnlyList<SharpDirection> SharpDirections(this CurvatureReport curvature, QuantizationScheme scheme, BitWidth bits)
    {
        ArgumentNullException.ThrowIfNull(curvature);
        ArgumentNullException.ThrowIfNull(scheme);
        if (bits.IsFloat)
        {
            throw new ArgumentOutOfRangeException(nameof(bits), bits, "32 bits leave W as it is, so ΔW has no direction; use 1 to 8.");
        }

        return [.. curvature.Blocks.Select(block => Of(block, scheme, bits))];
    }

    private static SharpDirection Of(BlockCurvature block, QuantizationScheme scheme, BitWidth bits)
    {
        var λ = Math.Abs(block.TopEigenvalue);
        using var scope = NewDisposeScope();
        var change = QuantizationError.Change(block.Block, bits, scheme).to(ScalarType.Float64);
        var v = tensor(block.TopEigenvector!.ToArray()).to(ScalarType.Float64, change.device);
        var (along, all) = (change.dot(v).ToNumber(), change.dot(change).ToNumber());
        return new SharpDirection(block.Block, bits, all > 0 ? along * along / all : 0, 0.5 * λ * all);
    }
}
