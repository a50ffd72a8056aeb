using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Quantization onto the levels of a learned basis, fitted by quantization error minimization, QEM (LQ-Nets; Zhang et al. 2018).</summary>
/// <remarks>
/// One step of QEM: each x takes the nearest level vᵀe, which makes the columns of B; then v = (BBᵀ)⁻¹Bx. In each training step
/// v moves a tenth of the way to it (the authors' moving average of 0.9). No gradient goes to v.
/// </remarks>
internal static class LearnedBasis
{
    private const double Momentum = 0.9;
    private const double Ridge = 1e-6; // a level that no value takes leaves v undetermined: it then stays as it is
    private const int FirstSteps = 20;

    /// <summary>The basis of a weight, (C_out, K), fitted from the least-squares grid on.</summary>
    public static Tensor OfWeight(Tensor weight, BitWidth bits)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var rows = weight.detach().reshape(weight.shape[0], -1);
        using var grid = RangeEstimator.Estimate(rows, bits, QuantizationScheme.SymmetricPerChannel with { Range = RangeRule.LeastSquares });
        return Fitted(rows, grid.Scale.reshape(-1, 1) / 2 * Powers(bits, weight.device), isSigned: true).MoveToOuterDisposeScope();
    }

    /// <summary>The basis of an input, (1, K), fitted to the values that calibration kept.</summary>
    public static Tensor OfRange(ActivationRange range, BitWidth bits)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var high = Math.Max(range.Ends(RangeRule.LeastSquares, bits).High, RangeEstimator.Tiny);
        var first = Powers(bits, CPU) * (float)(high / (bits.LevelCount - 1));
        var sample = range.Sample.Count > 0 ? tensor(range.Sample.ToArray()) : tensor(new[] { (float)high });
        return Fitted(sample, first, isSigned: false).MoveToOuterDisposeScope();
    }

    /// <summary>Q(x) with the straight-through gradient; a training step moves the basis.</summary>
    public static Tensor Snap(Tensor values, Tensor basis, bool isSigned, bool learns)
    {
        var rows = new LevelRows(basis, isSigned);
        return LevelSnap.Of(values, rows, sums =>
        {
            if (learns)
            {
                Refit(basis, rows, sums, 1 - Momentum);
            }
        });
    }

    private static Tensor Powers(BitWidth bits, Device device) => pow(2, arange(bits.Value, dtype: ScalarType.Float32, device: device)).reshape(1, -1);

    private static Tensor Fitted(Tensor values, Tensor basis, bool isSigned)
    {
        for (var step = 0; step < FirstSteps; step++)
        {
            var rows = new LevelRows(basis, isSigned);
            var (snapped, sums) = rows.Snap(values);
            snapped.Dispose();
            Refit(basis, rows, sums, 1);
        }

        return basis;
    }

    /// <summary>Moves the basis in place by a share of the way to the least-squares fit.</summary>
    private static void Refit(Tensor basis, LevelRows rows, LevelSums[] sums, double share)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var bits = (int)basis.shape[1];
        var (grams, residuals) = (new double[sums.Length * bits * bits], new double[sums.Length * bits]);
        for (var row = 0; row < sums.Length; row++)
        {
            rows.Sets[row].Add(sums[row], grams.AsSpan(row * bits * bits, bits * bits), residuals.AsSpan(row * bits, bits));
        }

        var gram = tensor(grams).reshape(-1, bits, bits);
        var ridge = tensor(sums.Select(sum => Math.Max(sum.Counts[0] * Ridge, double.Epsilon)).ToArray()).reshape(-1, 1, 1) * eye(bits, dtype: ScalarType.Float64);
        var step = linalg.solve(gram + ridge, tensor(residuals).reshape(-1, bits, 1)).reshape(-1, bits).mul_(share);
        basis.add_(step.to(basis.dtype).to(basis.device));
    }
}
