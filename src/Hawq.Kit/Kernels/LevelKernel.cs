using System.Runtime.Intrinsics;

namespace Hawq.Kit;

/// <summary>Moves a run of numbers to the nearest of a few levels in one pass over memory, and sums what falls above each threshold.</summary>
/// <typeparam name="TLanes">How the numbers lie in memory.</typeparam>
internal static class LevelKernel<TLanes>
    where TLanes : struct, ILanes
{
    private const int Width = 8;

    /// <summary>y = the nearest level; a tie goes to the lower one. To the sums it adds count and sum of all x, then of those above each threshold.</summary>
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

    /// <summary>y = g where x ≤ top, else 0.</summary>
    public static void Pass(nint x, nint gradient, nint y, int count, float top)
    {
        var (highest, k) = (Vector256.Create(top), 0);
        for (; k <= count - Width; k += Width)
        {
            TLanes.Store(y, k, TLanes.Load(gradient, k) & Vector256.LessThanOrEqual(TLanes.Load(x, k), highest));
        }

        for (; k < count; k++)
        {
            TLanes.StoreOne(y, k, TLanes.LoadOne(x, k) <= top ? TLanes.LoadOne(gradient, k) : 0);
        }
    }
}

/// <summary>Count and sum of all numbers, and of those above each threshold.</summary>
internal sealed class LevelSums(int levels)
{
    /// <summary>How many numbers there are at or above each level, lowest level first.</summary>
    public double[] Counts { get; } = new double[levels];

    /// <summary>Their sums.</summary>
    public double[] Totals { get; } = new double[levels];

    public void Add(int count, ReadOnlySpan<Vector256<float>> numbers, ReadOnlySpan<Vector256<float>> totals)
    {
        Counts[0] += count;
        Totals[0] += Vector256.Sum(totals[0]);
        for (var j = 0; j < numbers.Length; j++)
        {
            Counts[j + 1] += Vector256.Sum(numbers[j]);
            Totals[j + 1] += Vector256.Sum(totals[j + 1]);
        }
    }

    /// <summary>Adds one number, and returns its level.</summary>
    public int Add(float value, ReadOnlySpan<float> thresholds)
    {
        var level = 0;
        while (level < thresholds.Length && value > thresholds[level])
        {
            level++;
        }

        for (var j = 0; j <= level; j++)
        {
            Counts[j]++;
            Totals[j] += value;
        }

        return level;
    }

    public void Add(LevelSums other)
    {
        for (var j = 0; j < Counts.Length; j++)
        {
            Counts[j] += other.Counts[j];
            Totals[j] += other.Totals[j];
        }
    }

    /// <summary>Count and sum of the numbers on one level.</summary>
    public (double Count, double Total) On(int level) => level + 1 < Counts.Length
        ? (Counts[level] - Counts[level + 1], Totals[level] - Totals[level + 1])
        : (Counts[level], Totals[level]);
}
