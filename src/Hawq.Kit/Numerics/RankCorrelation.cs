using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Agreement of two rankings, and how sure a ranking is.</summary>
internal static class RankCorrelation
{
    /// <summary>Ranks 1 … n, smallest first; equal values share the mean of their ranks.</summary>
    public static double[] Ranks(IReadOnlyList<double> values)
    {
        var sorted = values.ToArray();
        var places = Enumerable.Range(0, sorted.Length).ToArray();
        Array.Sort(sorted, places);
        var ranks = new double[sorted.Length];
        for (var first = 0; first < sorted.Length;)
        {
            var next = first + 1;
            while (next < sorted.Length && sorted[next].Equals(sorted[first]))
            {
                next++;
            }

            foreach (var place in places[first..next])
            {
                ranks[place] = (first + 1 + next) / 2.0;                                    // the mean of first + 1 … next
            }

            first = next;
        }

        return ranks;
    }

    /// <summary>Spearman's ρ: Pearson's correlation of the ranks, also with ties; NaN where one list is constant.</summary>
    public static double Spearman(IReadOnlyList<double> left, IReadOnlyList<double> right) => OfRanks(Ranks(left), Ranks(right));

    /// <summary>(0, 1), (0, 2), …, (1, 2), …: each pair of so many once.</summary>
    public static IEnumerable<(int First, int Second)> Pairs(int count) =>
        Enumerable.Range(0, count).SelectMany(first => Enumerable.Range(first + 1, count - first - 1).Select(second => (first, second)));

    /// <summary>
    /// Percentile bootstrap interval of Spearman's ρ of each pair of lists (Efron and Tibshirani 1993, chapter 13): places are drawn with
    /// replacement, the same for all lists, so a list is ranked once a draw. Draws with a constant list do not count; NaN if none counts.
    /// </summary>
    /// <returns>In the order of <see cref="Pairs"/>.</returns>
    public static IReadOnlyList<(double Low, double High)> Intervals(
        IReadOnlyList<IReadOnlyList<double>> lists, long seed, int resamples, double level, CancellationToken cancellation = default)
    {
        var random = new SplitMix64(seed);
        var picks = new int[lists[0].Count];
        var pairs = Pairs(lists.Count).Select(pair => (pair.First, pair.Second, Found: new List<double>())).ToList();
        for (var draw = 0; draw < resamples; draw++)
        {
            NotebookEngine.ThrowIfInterrupted(cancellation);
            for (var k = 0; k < picks.Length; k++)
            {
                picks[k] = random.Below(picks.Length);
            }

            var ranks = lists.Select(list => Ranks([.. picks.Select(pick => list[pick])])).ToList();
            foreach (var (first, second, found) in pairs)
            {
                var ρ = OfRanks(ranks[first], ranks[second]);
                if (double.IsFinite(ρ))
                {
                    found.Add(ρ);
                }
            }
        }

        pairs.ForEach(pair => pair.Found.Sort());
        return [.. pairs.Select(pair => (Quantile(pair.Found, (1 - level) / 2), Quantile(pair.Found, (1 + level) / 2)))];
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

    /// <summary>Pearson's correlation of ranks.</summary>
    private static double OfRanks(double[] a, double[] b)
    {
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
