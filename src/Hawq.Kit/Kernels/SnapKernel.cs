using System.Runtime.CompilerServices;

namespace Hawq.Kit;

/// <summary>A grid of one scale as plain numbers; the integer bounds are relative to the zero point.</summary>
internal readonly record struct GridConstants(float Scale, float Lowest, float Highest);

/// <summary>Quantize-dequantize of a run of numbers, and its gradients, in one pass over memory each. Each returns a sum, 0 where it has none.</summary>
/// <typeparam name="TLanes">How the numbers lie in memory.</typeparam>
/// <typeparam name="TRegister">How many are taken at once.</typeparam>
internal static class SnapKernel<TLanes, TRegister>
    where TLanes : struct, ILanes
    where TRegister : unmanaged, IRegister<TRegister>
{
    /// <summary>y = s · clamp(round(x / s), lowest, highest), rounding half to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Snap(nint x, nint y, int count, GridConstants grid)
    {
        var (scale, lowest, highest) = Wide(grid);
        var k = 0;
        for (; k <= count - TRegister.Width; k += TRegister.Width)
        {
            var integers = TRegister.Round(TLanes.Load<TRegister>(x, k) / scale);
            TLanes.Store(y, k, TRegister.Clamp(integers, lowest, highest) * scale);
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
        for (; k <= count - TRegister.Width; k += TRegister.Width)
        {
            var integers = TRegister.Round(TLanes.Load<TRegister>(x, k) / scale);
            var inside = TRegister.AtLeast(integers, lowest) & TRegister.AtLeast(highest, integers);
            TLanes.Store(y, k, TLanes.Load<TRegister>(gradient, k) & inside);
        }

        for (; k < count; k++)
        {
            var integer = MathF.Round(TLanes.LoadOne(x, k) / grid.Scale);
            TLanes.StoreOne(y, k, integer >= grid.Lowest && integer <= grid.Highest ? TLanes.LoadOne(gradient, k) : 0);
        }

        return 0;
    }

    /// <summary>
    /// g where lowest &lt; x/s &lt; highest, else 0; returns Σ g · ∂Q/∂s of a learned step: round(x/s) − x/s inside, lowest or highest outside.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float PassStep(nint x, nint gradient, nint y, int count, GridConstants grid)
    {
        var (scale, lowest, highest) = Wide(grid);
        var (sum, k) = (default(TRegister), 0);
        for (; k <= count - TRegister.Width; k += TRegister.Width)
        {
            var (ratio, g) = (TLanes.Load<TRegister>(x, k) / scale, TLanes.Load<TRegister>(gradient, k));
            var inside = TRegister.Above(ratio, lowest) & TRegister.Above(highest, ratio);
            sum += g * (TRegister.Clamp(TRegister.Round(ratio), lowest, highest) - (ratio & inside));
            TLanes.Store(y, k, g & inside);
        }

        var total = TRegister.Sum(sum);
        for (; k < count; k++)
        {
            var (ratio, g) = (TLanes.LoadOne(x, k) / grid.Scale, TLanes.LoadOne(gradient, k));
            var inside = ratio > grid.Lowest && ratio < grid.Highest;
            total += g * (Math.Clamp(MathF.Round(ratio), grid.Lowest, grid.Highest) - (inside ? ratio : 0));
            TLanes.StoreOne(y, k, inside ? g : 0);
        }

        return total;
    }

    /// <summary>With the clip as highest number: g where 0 ≤ x &lt; clip, else 0; returns Σ g · ∂Q/∂clip, the sum of g where x ≥ clip.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float PassClip(nint x, nint gradient, nint y, int count, GridConstants grid)
    {
        var (most, sum, k) = (TRegister.Of(grid.Highest), default(TRegister), 0);
        for (; k <= count - TRegister.Width; k += TRegister.Width)
        {
            var (value, g) = (TLanes.Load<TRegister>(x, k), TLanes.Load<TRegister>(gradient, k));
            sum += g & TRegister.AtLeast(value, most);
            TLanes.Store(y, k, g & TRegister.AtLeast(value, default) & TRegister.Above(most, value));
        }

        var total = TRegister.Sum(sum);
        for (; k < count; k++)
        {
            var (value, g) = (TLanes.LoadOne(x, k), TLanes.LoadOne(gradient, k));
            total += value >= grid.Highest ? g : 0;
            TLanes.StoreOne(y, k, value >= 0 && value < grid.Highest ? g : 0);
        }

        return total;
    }

    private static (TRegister Scale, TRegister Lowest, TRegister Highest) Wide(GridConstants grid) =>
        (TRegister.Of(grid.Scale), TRegister.Of(grid.Lowest), TRegister.Of(grid.Highest));
}
