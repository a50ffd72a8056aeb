using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Agreement of two rankings, and how sure a ranking is.</summary>
internal static class RankCorrelation
{
    /// <summary>Ranks 1 … n, smallest first; equal values share the mean of their ranks.</summary>
    public static double[] Ranks(IReadOnlyList<double> values) =>
        [.. values.Select(x => values.Count(y => y < x) + ((values.Count(y => y.Equals(x)) + 1) / 2.0))];

    /// <summary>Spearman's ρ: Pearson's correlation of the ranks, also with ties; NaN where one list is constant.</summary>
    public static double Spearman(IReadOnlyList<double> left, IReadOnlyList<double> right)
    {
        var (a, b) = (Ranks(left), Ranks(right));
        var mean = (a.Length + 1) / 2.0;                                                    // of ranks, with ties or without
        var (ab, aa, bb) = (0.0, 0.0, 0.0);
        for (var k = 0; k < a.Length; k++)
        {
            ab += (a[k] - mean) * (b[k] - mean);
            aa += (a[k] - mean) * (a[k] - mean);
            bb += (b[k] - mean) * (b[k] - mean);
        }

        return aa > 0 && bb > 0 ? ab / Math.Sqrt(aa * bb) : double.NaN;
    }

    /// <summary>
    /// Percentile bootstrap interval of Spearman's ρ (Efron and Tibshirani 1993, chapter 13): pairs are drawn with replacement;
    /// draws with a constant list do not count. NaN if none counts.
    /// </summary>
    public static (double Low, double High) Interval(
        IReadOnlyList<double> left, IReadOnlyList<double> right, long seed, int resamples, double level)
    {
        var random = new SplitMix64(seed);
        var (a, b) = (new double[left.Count], new double[left.Count]);
        var found = new List<double>();
        for (var draw = 0; draw < resamples; draw++)
        {
            for (var k = 0; k < a.Length; k++)
            {
                var pick = random.Below(a.Length);
                (a[k], b[k]) = (left[pick], right[pick]);
            }

            var ρ = Spearman(a, b);
            if (double.IsFinite(ρ))
            {
                found.Add(ρ);
            }
        }

        found.Sort();
        return (Quantile(found, (1 - level) / 2), Quantile(found, (1 + level) / 2));
    }

    /// <summary>
    /// Chance that two true values stand in the other order than their estimates, for independent normal errors:
    /// Φ(−|x − y| ÷ √(s_x² + s_y²)). 0 for two different exact numbers, ½ for equal ones.
    /// </summary>
    public static double SwapProbability(Estimate x, Estimate y)
    {
        var apart = x.Value.Equals(y.Value) ? 0 : Math.Abs(x.Value - y.Value);
        var error = Math.Sqrt((x.StandardError * x.StandardError) + (y.StandardError * y.StandardError));
        if (apart == 0 || error == 0)
        {
            return apart == 0 ? 0.5 : 0;
        }

        using var ratio = tensor(-apart / error);
        using var chance = special.ndtr(ratio);
        return chance.item<double>();
    }

    private static double Quantile(List<double> sorted, double share)
    {
        if (sorted.Count == 0)
        {
            return double.NaN;
        }

        var at = share * (sorted.Count - 1);
        var below = (int)at;
        return sorted[below] + ((at - below) * (sorted[Math.Min(below + 1, sorted.Count - 1)] - sorted[below]));
    }
}
