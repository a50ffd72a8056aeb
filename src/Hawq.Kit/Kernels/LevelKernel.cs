using System.Runtime.CompilerServices;

namespace Hawq.Kit;

/// <summary>Moves a run of numbers to the nearest of a few levels in one pass over memory, and sums what falls above each threshold.</summary>
/// <typeparam name="TLanes">How the numbers lie in memory.</typeparam>
/// <typeparam name="TRegister">How many are taken at once.</typeparam>
internal static class LevelKernel<TLanes, TRegister>
    where TLanes : struct, ILanes
    where TRegister : unmanaged, IRegister<TRegister>
{
    /// <summary>y = the nearest level; a tie goes to the lower one. To the sums it adds count and sum of all x, then of those above each threshold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Snap(nint x, nint y, int count, ReadOnlySpan<float> levels, ReadOnlySpan<float> thresholds, LevelSums sums)
    {
        Span<TRegister> numbers = stackalloc TRegister[thresholds.Length];
        Span<TRegister> totals = stackalloc TRegister[levels.Length];
        numbers.Clear();
        totals.Clear();
        var (k, one) = (0, TRegister.Of(1));
        for (; k <= count - TRegister.Width; k += TRegister.Width)
        {
            var (value, level) = (TLanes.Load<TRegister>(x, k), TRegister.Of(levels[0]));
            totals[0] += value;
            for (var j = 0; j < thresholds.Length; j++)
            {
                var above = TRegister.Above(value, TRegister.Of(thresholds[j]));
                level = TRegister.Choose(above, TRegister.Of(levels[j + 1]), level);
                numbers[j] += above & one;
                totals[j + 1] += above & value;
            }

            TLanes.Store(y, k, level);
        }

        sums.Add(k, numbers, totals);
        for (; k < count; k++)
        {
            var value = TLanes.LoadOne(x, k);
            TLanes.StoreOne(y, k, levels[sums.Add(value, thresholds)]);
        }
    }
}
