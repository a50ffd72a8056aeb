using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Makes the grid of a tensor by a scheme's rules.</summary>
public static class RangeEstimator
{
    internal const float Tiny = 1e-12f;

    /// <summary>The grid of a weight.</summary>
    /// <param name="weight">(C_out, …), two or more dimensions; it is read, not changed.</param>
    /// <param name="bits">1 to 8.</param>
    /// <param name="scheme">Symmetry, granularity and range rule.</param>
    /// <returns>A grid that the caller owns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The bit width is float.</exception>
    /// <exception cref="ArgumentException">The weight is empty or has a value that is not finite.</exception>
    public static QuantizationGrid Grid(Tensor weight, BitWidth bits, QuantizationScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        ThrowUnlessFinite(weight);
        return Estimate(weight, bits, scheme);
    }

    /// <summary>As <see cref="Grid"/>, without the check for finite values: the path of each training step.</summary>
    internal static QuantizationGrid Estimate(Tensor weight, BitWidth bits, QuantizationScheme scheme)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var range = IntegerRange.Of(bits, scheme.Symmetry);
        var rows = scheme.Granularity == Granularity.PerChannel ? weight.detach().reshape(weight.shape[0], -1) : weight.detach().reshape(1, -1);
        var (scale, zero) = range.IsBinary ? BinaryGrid(rows) : UniformGrid(rows, range, scheme);
        var sizes = Enumerable.Repeat(1L, (int)weight.dim()).ToArray();
        sizes[0] = rows.shape[0];
        return new QuantizationGrid(scale.reshape(sizes), zero.reshape(sizes), range);
    }

    /// <summary>The unsigned or asymmetric grid of an interval of real values.</summary>
    internal static QuantizationGrid Interval(double low, double high, BitWidth bits)
    {
        using var scope = NewDisposeScope();
        var range = IntegerRange.Of(bits, Symmetry.Asymmetric);
        (low, high) = (Math.Min(low, 0), Math.Max(high, 0));
        var scale = Math.Max((high - low) / (range.Highest - range.Lowest), Tiny);
        return new QuantizationGrid(tensor((float)scale), tensor((float)Math.Round(-low / scale)), range);
    }

    private static (Tensor Scale, Tensor Zero) BinaryGrid(Tensor rows) =>
        (rows.abs().mean([1]).clamp_min_(Tiny), zeros(rows.shape[0], dtype: rows.dtype, device: rows.device));

    private static (Tensor Scale, Tensor Zero) UniformGrid(Tensor rows, IntegerRange range, QuantizationScheme scheme)
    {
        var (low, high) = Ends(rows, scheme.Range);                                     // (C), (C)
        return scheme.Range == RangeRule.LeastSquares
            ? LeastSquaresGrid.Fit(rows, low, high, range, scheme.Symmetry)
            : GridOf(low, high, range, scheme.Symmetry);
    }

    /// <summary>The zero point of the grids that lie symmetric about zero: half-way between two integers in a mid-rise grid.</summary>
    internal static float ZeroOf(Symmetry symmetry) => symmetry == Symmetry.MidRise ? -0.5f : 0;

    /// <summary>Scale and zero point, (C), that span [low, high] and 0.</summary>
    internal static (Tensor Scale, Tensor Zero) GridOf(Tensor low, Tensor high, IntegerRange range, Symmetry symmetry)
    {
        if (symmetry != Symmetry.Asymmetric)
        {
            var (reach, zero) = (maximum(low.neg(), high), ZeroOf(symmetry));
            return (reach.div_(range.Highest - zero).clamp_min_(Tiny), full_like(low, zero));
        }

        var scale = high.sub(low).div_(range.Highest - range.Lowest).clamp_min_(Tiny);
        return (scale, low.neg().div_(scale).round_());
    }

    private static (Tensor Low, Tensor High) Ends(Tensor rows, RangeRule rule)
    {
        if (!rule.IsPercentile)
        {
            return (rows.amin([1]).clamp_max_(0), rows.amax([1]).clamp_min_(0));
        }

        var sorted = rows.sort(dim: 1).Values;                                          // (C, n)
        var skipped = (long)Math.Floor((100 - rule.Percent) / 200 * (rows.shape[1] - 1));
        return (sorted.select(1, skipped).clamp_max(0), sorted.select(1, rows.shape[1] - 1 - skipped).clamp_min(0));
    }

    private static void ThrowUnlessFinite(Tensor weight)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (weight.numel() == 0 || !double.IsFinite(weight.detach().abs().max().to(ScalarType.Float64).item<double>()))
        {
            throw new ArgumentException(
                $"A weight of shape ({string.Join(", ", weight.shape)}) is empty or holds NaN or infinity; a grid needs finite values. Check the training run.",
                nameof(weight));
        }
    }
}
