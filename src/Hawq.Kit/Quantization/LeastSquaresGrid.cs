using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Searches the grid of least ‖Q(W) − W‖² for each row of a matrix.</summary>
/// <remarks>
/// Candidates are min-max shrunk to 1, 23/24, … 1/24 of its length. Each scale is then refitted in closed form to the integers it
/// gave, s = Σ w·(q − z) / Σ (q − z)², which cannot raise the error. The best candidate of each row is kept; min-max is one of them.
/// </remarks>
internal static class LeastSquaresGrid
{
    internal const int Candidates = 24;
    internal const float LeastSquare = 0.25f; // the square of the smallest q − z but 0, in a mid-rise grid

    public static (Tensor Scale, Tensor Zero) Fit(Tensor rows, Tensor low, Tensor high, IntegerRange range, Symmetry symmetry) =>
        LeastSquaresRows.Fits(rows) ? LeastSquaresRows.Fit(rows, low, high, range, symmetry) : Search(rows, low, high, range, symmetry);

    /// <summary>On any device and type.</summary>
    internal static (Tensor Scale, Tensor Zero) Search(Tensor rows, Tensor low, Tensor high, IntegerRange range, Symmetry symmetry)
    {
        var (scale, zero) = RangeEstimator.GridOf(low, high, range, symmetry);
        var best = Error(rows, scale, zero, range);                                     // (C)
        for (var k = Candidates; k >= 1; k--)
        {
            using var scope = NewDisposeScope();
            var factor = k / (double)Candidates;
            var (narrow, shift) = RangeEstimator.GridOf(low.mul(factor), high.mul(factor), range, symmetry);
            var refitted = Refit(rows, narrow, shift, range);
            var error = Error(rows, refitted, shift, range);
            var better = error.lt(best);
            scale.copy_(where(better, refitted, scale));
            zero.copy_(where(better, shift, zero));
            best.copy_(minimum(error, best));
        }

        return (scale, zero);
    }

    private static Tensor Refit(Tensor rows, Tensor scale, Tensor zero, IntegerRange range)
    {
        var centred = Centred(rows, scale, zero, range);                                // (C, n)
        var fitted = rows.mul(centred).sum(1).div_(centred.square().sum(1).clamp_min_(LeastSquare));
        return where(fitted.gt(0), fitted, scale);
    }

    private static Tensor Error(Tensor rows, Tensor scale, Tensor zero, IntegerRange range) =>
        Centred(rows, scale, zero, range).mul_(scale.unsqueeze(1)).sub_(rows).pow_(2).sum(1);

    private static Tensor Centred(Tensor rows, Tensor scale, Tensor zero, IntegerRange range)
    {
        var shift = zero.unsqueeze(1);
        return QuantizationGrid.Rounded(rows, scale.unsqueeze(1), shift).clamp_(range.Lowest, range.Highest).sub_(shift);
    }
}
