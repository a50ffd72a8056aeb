using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hawq.Kit;

/// <summary>A grid of one scale as plain numbers; the integer bounds are relative to the zero point.</summary>
internal readonly record struct GridConstants(float Scale, float Lowest, float Highest);

/// <summary>Quantize-dequantize of a run of numbers, and its gradients, in one pass over memory each. Each returns a sum, 0 where it has none.</summary>
/// <typeparam name="TLanes">How the numbers lie in memory.</typeparam>
internal static class SnapKernel<TLanes>
    where TLanes : struct, ILanes
{
    private const int Width = 8;

    /// <summary>y = s · clamp(round(x / s), lowest, highest), rounding half to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Snap(nint x, nint y, int count, GridConstants grid)
    {
        var (scale, lowest, highest) = Wide(grid);
        var k = 0;
        for (; k <= count - Width; k += Width)
        {
            var integers = Vector256.Round(TLanes.Load(x, k) / scale);
            TLanes.Store(y, k, Vector256.MinNative(highest, Vector256.MaxNative(lowest, integers)) * scale);
        }

        for (; k < count; k++)
        {
            var integer = MathF.Round(TLanes.LoadOne(x, k) / grid.Scale);
            TLanes.StoreOne(y, k, float.MinNative(grid.Highest, float.MaxNative(grid.Lowest, integer)) * grid.Scale);
        }

        return 0;
    }

    /// <summary>Straight-through gradient: g where lowest ≤ round(x / s) ≤ highest, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Pass(nint x, nint gradient, nint y, int count, GridConstants grid)
    {
        var (scale, lowest, highest) = Wide(grid);
        var k = 0;
        for (; k <= count - Width; k += Width)
        {
            var integers = Vector256.Round(TLanes.Load(x, k) / scale);
            var inside = Vector256.GreaterThanOrEqual(integers, lowest) & Vector256.LessThanOrEqual(integers, highest);
            TLanes.Store(y, k, TLanes.Load(gradient, k) & inside);
        }

        for (; k < count; k++)
        {
            var integer = MathF.Round(TLanes.LoadOne(x, k) / grid.Scale);
            TLanes.StoreOne(y, k, integer >= grid.Lowest && integer <= grid.Highest ? TLanes.LoadOne(gradient, k) : 0);
        }

        return 0;
    }

    /// <summary>As <see cref="Pass"/>; returns Σ g · ∂Q/∂s of a learned step: round(x/s) − x/s inside, lowest or highest outside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float PassStep(nint x, nint gradient, nint y, int count, GridConstants grid)
    {
        var (scale, lowest, highest) = Wide(grid);
        var (sum, k) = (Vector256<float>.Zero, 0);
        for (; k <= count - Width; k += Width)
        {
            var (ratio, g) = (TLanes.Load(x, k) / scale, TLanes.Load(gradient, k));
            var integers = Vector256.Round(ratio);
            var inside = Vector256.GreaterThanOrEqual(integers, lowest) & Vector256.LessThanOrEqual(integers, highest);
            sum += g * (Vector256.MinNative(highest, Vector256.MaxNative(lowest, integers)) - (ratio & inside));
            TLanes.Store(y, k, g & inside);
        }

        var total = Vector256.Sum(sum);
        for (; k < count; k++)
        {
            var (ratio, g) = (TLanes.LoadOne(x, k) / grid.Scale, TLanes.LoadOne(gradient, k));
            var integer = MathF.Round(ratio);
            var inside = integer >= grid.Lowest && integer <= grid.Highest;
            total += g * (Math.Clamp(integer, grid.Lowest, grid.Highest) - (inside ? ratio : 0));
            TLanes.StoreOne(y, k, inside ? g : 0);
        }

        return total;
    }

    /// <summary>g where 0 ≤ x &lt; clip, else 0; returns Σ g · ∂Q/∂clip, the sum of g where x ≥ clip.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float PassClip(nint x, nint gradient, nint y, int count, float clip)
    {
        var (most, sum, k) = (Vector256.Create(clip), Vector256<float>.Zero, 0);
        for (; k <= count - Width; k += Width)
        {
            var (value, g) = (TLanes.Load(x, k), TLanes.Load(gradient, k));
            var above = Vector256.GreaterThanOrEqual(value, most);
            sum += g & above;
            TLanes.Store(y, k, g & Vector256.AndNot(Vector256.GreaterThanOrEqual(value, Vector256<float>.Zero), above));
        }

        var total = Vector256.Sum(sum);
        for (; k < count; k++)
        {
            var (value, g) = (TLanes.LoadOne(x, k), TLanes.LoadOne(gradient, k));
            total += value >= clip ? g : 0;
            TLanes.StoreOne(y, k, value >= 0 && value < clip ? g : 0);
        }

        return total;
    }

    private static (Vector256<float> Scale, Vector256<float> Lowest, Vector256<float> Highest) Wide(GridConstants grid) =>
        (Vector256.Create(grid.Scale), Vector256.Create(grid.Lowest), Vector256.Create(grid.Highest));
}
