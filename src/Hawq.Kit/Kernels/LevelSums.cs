namespace Hawq.Kit;

/// <summary>Count and sum of all numbers, and of those above each threshold.</summary>
internal sealed class LevelSums(int levels)
{
    /// <summary>How many numbers there are at or above each level, lowest level first.</summary>
    public double[] Counts { get; } = new double[levels];

    /// <summary>Their sums.</summary>
    public double[] Totals { get; } = new double[levels];

    public void Add<TRegister>(int count, ReadOnlySpan<TRegister> numbers, ReadOnlySpan<TRegister> totals)
        where TRegister : unmanaged, IRegister<TRegister>
    {
        Counts[0] += count;
        Totals[0] += TRegister.Sum(totals[0]);
        for (var j = 0; j < numbers.Length; j++)
        {
            Counts[j + 1] += TRegister.Sum(numbers[j]);
            Totals[j + 1] += TRegister.Sum(totals[j + 1]);
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
