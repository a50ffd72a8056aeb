using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hawq.Kit;

/// <summary>Moves a run of numbers to the nearest of a few levels in one pass over memory, and sums what falls above each threshold.</summary>
/// <typeparam name="TLanes">How the numbers lie in memory.</typeparam>
internal static class LevelKernel<TLanes>
    where TLanes : struct, ILanes
{
    private const int Width = 8;

    /// <summary>y = the nearest level; a tie goes to the lower one. To the sums it adds count and sum of all x, then of those above each threshold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Snap(nint x, nint y, int count, ReadOnlySpan<float> levels, ReadOnlySpan<float> thresholds, LevelSums sums)
    {
        Span<Vector256<float>> numbers = stackalloc Vector256<float>[thresholds.Length];
        Span<Vector256<float>> totals = stackalloc Vector256<float>[levels.Length];
        numbers.Clear();
        totals.Clear();
        var k = 0;
        for (; k <= count - Width; k += Width)
        {
            var (value, level) = (TLanes.Load(x, k), Vector256.Create(levels[0]));
            totals[0] += value;
            for (var j = 0; j < thresholds.Length; j++)
            {
                var above = Vector256.GreaterThan(value, Vector256.Create(thresholds[j]));
                level = Vector256.ConditionalSelect(above, Vector256.Create(levels[j + 1]), level);
                numbers[j] += above & Vector256<float>.One;
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
