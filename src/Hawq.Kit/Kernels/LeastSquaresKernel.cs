using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hawq.Kit;

/// <summary>The two passes over a row of float32 weights that a search for the grid of least error takes for each candidate.</summary>
internal static unsafe class LeastSquaresKernel
{
    private const int Width = 8;

    /// <summary>Σ w · c and Σ c² with c = clamp(round(w / s + shift) − shift, lowest, highest), the bounds relative to the zero point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (float Products, float Squares) Fit(float* row, int count, GridConstants grid)
    {
        var (scale, lowest, highest, moved) = (Vector256.Create(grid.Scale), Vector256.Create(grid.Lowest), Vector256.Create(grid.Highest), Vector256.Create(Shift(grid)));
        var (products, squares, k) = (Vector256<float>.Zero, Vector256<float>.Zero, 0);
        for (; k <= count - Width; k += Width)
        {
            var w = Vector256.Load(row + k);
            var centred = Vector256.MinNative(highest, Vector256.MaxNative(lowest, Vector256.Round((w / scale) + moved) - moved));
            products = Vector256.FusedMultiplyAdd(w, centred, products);
            squares = Vector256.FusedMultiplyAdd(centred, centred, squares);
        }

        var (product, square) = (Vector256.Sum(products), Vector256.Sum(squares));
        for (; k < count; k++)
        {
            var centred = Centred(row[k], grid);
            product += row[k] * centred;
            square += centred * centred;
        }

        return (product, square);
    }

    /// <summary>Σ (s · c − w)².</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Error(float* row, int count, GridConstants grid)
    {
        var (scale, lowest, highest, moved) = (Vector256.Create(grid.Scale), Vector256.Create(grid.Lowest), Vector256.Create(grid.Highest), Vector256.Create(Shift(grid)));
        var (sum, k) = (Vector256<float>.Zero, 0);
        for (; k <= count - Width; k += Width)
        {
            var w = Vector256.Load(row + k);
            var centred = Vector256.MinNative(highest, Vector256.MaxNative(lowest, Vector256.Round((w / scale) + moved) - moved));
            var error = (centred * scale) - w;
            sum = Vector256.FusedMultiplyAdd(error, error, sum);
        }

        var total = Vector256.Sum(sum);
        for (; k < count; k++)
        {
            var error = (Centred(row[k], grid) * grid.Scale) - row[k];
            total += error * error;
        }

        return total;
    }

    private static float Centred(float w, GridConstants grid) =>
        float.MinNative(grid.Highest, float.MaxNative(grid.Lowest, MathF.Round((w / grid.Scale) + Shift(grid)) - Shift(grid)));

    /// <summary>1/2 where the levels lie half-way between the multiples of s, as in a mid-rise grid; else 0.</summary>
    private static float Shift(GridConstants grid) => grid.Lowest - MathF.Floor(grid.Lowest);
}
