using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The search of <see cref="LeastSquaresGrid"/> by a kernel, row by row: the path of each training step.</summary>
internal static unsafe class LeastSquaresRows
{
    /// <summary>Whether it takes the matrix.</summary>
    public static bool Fits(Tensor rows) => rows.dtype == ScalarType.Float32 && rows.is_contiguous() && DenseMemory.Fits(rows);

    /// <summary>The best scale and zero point of each row, (C) each.</summary>
    public static (Tensor Scale, Tensor Zero) Fit(Tensor rows, Tensor low, Tensor high, IntegerRange range, Symmetry symmetry)
    {
        var (first, count) = (DenseMemory.Address(rows), (int)rows.shape[1]);
        var (lows, highs) = (low.data<float>().ToArray(), high.data<float>().ToArray());
        var (scales, zeros) = (new float[lows.Length], new float[lows.Length]);
        TorchThreads.Run(lows.Length, k =>
        {
            var row = (float*)first + ((long)k * count);
            (scales[k], zeros[k]) = Best(row, count, new Ends(lows[k], highs[k], range, symmetry));
        });
        return (tensor(scales), tensor(zeros));
    }

    private static (float Scale, float Zero) Best(float* row, int count, Ends ends)
    {
        var (scale, zero) = ends.Grid(1);
        var least = LeastSquaresKernel.Error(row, count, ends.Constants(scale, zero));
        for (var k = LeastSquaresGrid.Candidates; k >= 1; k--)
        {
            var (narrow, shift) = ends.Grid(k / (float)LeastSquaresGrid.Candidates);
            var (products, squares) = LeastSquaresKernel.Fit(row, count, ends.Constants(narrow, shift));
            var fitted = products / MathF.Max(squares, LeastSquaresGrid.LeastSquare);
            fitted = fitted > 0 ? fitted : narrow;
            var error = LeastSquaresKernel.Error(row, count, ends.Constants(fitted, shift));
            if (error < least)
            {
                (scale, zero, least) = (fitted, shift, error);
            }
        }

        return (scale, zero);
    }

    /// <summary>The ends of a row's values and the integers for them.</summary>
    private readonly record struct Ends(float Low, float High, IntegerRange Range, Symmetry Symmetry)
    {
        public (float Scale, float Zero) Grid(float factor)
        {
            var (low, high) = (Low * factor, High * factor);
            if (Symmetry != Symmetry.Asymmetric)
            {
                var zero = RangeEstimator.ZeroOf(Symmetry);
                return (MathF.Max(MathF.Max(-low, high) / (Range.Highest - zero), RangeEstimator.Tiny), zero);
            }

            var scale = MathF.Max((high - low) / (Range.Highest - Range.Lowest), RangeEstimator.Tiny);
            return (scale, MathF.Round(-low / scale));
        }

        public GridConstants Constants(float scale, float zero) => new(scale, Range.Lowest - zero, Range.Highest - zero);
    }
}
