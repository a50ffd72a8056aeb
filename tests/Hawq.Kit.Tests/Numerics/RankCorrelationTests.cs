using System.Text.Json;
using CsCheck;

namespace Hawq.Kit.Tests.Numerics;

public class RankCorrelationTests
{
    [Fact]
    public void Spearman_and_ranks_are_scipys_also_with_ties()
    {
        var cases = Given.Reference("rank_correlation.json").GetProperty("cases").EnumerateArray().ToList();
        cases.Count.ShouldBe(8);
        foreach (var c in cases)
        {
            RankCorrelation.Ranks(Numbers(c, "x")).ShouldBe(Numbers(c, "ranks"));
            RankCorrelation.Spearman(Numbers(c, "x"), Numbers(c, "y")).ShouldBe(c.GetProperty("rho").GetDouble(), 1e-12);
        }
    }

    [Fact]
    public void Without_ties_Spearman_is_the_closed_form_of_rank_differences() => Gen.Shuffle(Enumerable.Range(1, 9).ToArray()).Sample(order =>
    {
        var squares = order.Select((rank, k) => Math.Pow(rank - (k + 1), 2)).Sum();
        var found = RankCorrelation.Spearman([.. Enumerable.Range(1, 9).Select(k => Math.Exp(k))], [.. order.Select(k => (double)k)]);
        return Math.Abs(found - (1 - (6 * squares / (9 * 80)))) < 1e-12;
    });

    [Fact]
    public void Bootstrap_interval_tends_to_that_of_all_resamples()
    {
        double[] x = [1, 2, 3, 4, 5], y = [2, 1, 4, 3, 5];
        var all = Resamples(5).Select(picks => RankCorrelation.Spearman([.. picks.Select(k => x[k])], [.. picks.Select(k => y[k])]))
            .Where(double.IsFinite).Order().ToList();
        var (low, high) = RankCorrelation.Intervals([x, y], 7, 20_000, 0.8).Single();
        low.ShouldBe(all[(int)(0.1 * all.Count)], 0.02);
        high.ShouldBe(all[(int)(0.9 * all.Count)], 0.02);
        RankCorrelation.Intervals([x, y], 7, 100, 0.8).Single().ShouldBe(RankCorrelation.Intervals([x, y], 7, 100, 0.8).Single());
    }

    /// <summary>Here each pair draws by itself, and ranks by counting what is smaller.</summary>
    [Fact]
    public void Intervals_of_many_lists_are_those_of_each_pair_by_itself_from_the_same_draws()
    {
        double[][] lists = [[3, 1, 4, 1, 5, 9], [2, 7, 1, 8, 2, 8], [1, 2, 3, 4, 5, 6], [-1, double.NegativeInfinity, 0, 0, 2, 1]];
        var found = RankCorrelation.Intervals(lists, 7, 301, 0.9);
        RankCorrelation.Pairs(4).ShouldBe([(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]);
        found.Count.ShouldBe(6);
        foreach (var ((first, second), (low, high)) in RankCorrelation.Pairs(4).Zip(found))
        {
            var random = new SplitMix64(7);
            var all = new List<double>();
            for (var draw = 0; draw < 301; draw++)
            {
                var picks = new int[6];
                for (var k = 0; k < 6; k++)
                {
                    picks[k] = random.Below(6);
                }

                all.Add(Correlation(Counted([.. picks.Select(pick => lists[first][pick])]), Counted([.. picks.Select(pick => lists[second][pick])])));
            }

            var sorted = all.Where(double.IsFinite).Order().ToList();
            low.ShouldBe(At(sorted, 0.05), 1e-12);
            high.ShouldBe(At(sorted, 0.95), 1e-12);
        }

        static double[] Counted(double[] values) => [.. values.Select(x => values.Count(y => y < x) + ((values.Count(y => y == x) + 1) / 2.0))];

        static double Correlation(double[] a, double[] b)
        {
            var (left, right) = (a.Select(x => x - a.Average()).ToArray(), b.Select(x => x - b.Average()).ToArray());
            return left.Zip(right, (x, y) => x * y).Sum() / Math.Sqrt(left.Sum(x => x * x) * right.Sum(x => x * x));
        }

        static double At(List<double> sorted, double share)
        {
            var (whole, rest) = ((int)(share * (sorted.Count - 1)), share * (sorted.Count - 1) % 1);
            return ((1 - rest) * sorted[whole]) + (rest * sorted[whole + 1]);
        }
    }

    [Fact]
    public void A_cancelled_bootstrap_stops() => Should.Throw<OperationCanceledException>(
        () => RankCorrelation.Intervals([[1, 2, 3], [3, 1, 2]], 1, int.MaxValue, 0.9, new CancellationToken(canceled: true)));

    [Fact]
    public void Chance_of_a_swap_is_scipys_normal_tail()
    {
        foreach (var c in Given.Reference("rank_correlation.json").GetProperty("swaps").EnumerateArray())
        {
            double Number(string name) => c.GetProperty(name).GetDouble();
            var (x, y) = (new Estimate(Number("x"), Number("sx"), 9), new Estimate(Number("y"), Number("sy"), 9));
            RankCorrelation.SwapProbability(x, y).ShouldBe(Number("p"), 1e-12);
        }
    }

    [Fact]
    public void Exact_numbers_never_swap_equal_ones_by_half_and_a_constant_has_no_correlation()
    {
        RankCorrelation.SwapProbability(new(1, 0, 1), new(2, 0, 1)).ShouldBe(0);
        RankCorrelation.SwapProbability(new(2, 0, 1), new(2, 0, 1)).ShouldBe(0.5);
        RankCorrelation.SwapProbability(new(double.NegativeInfinity, 0, 1), new(double.NegativeInfinity, 0, 1)).ShouldBe(0.5);
        RankCorrelation.SwapProbability(new(1, double.PositiveInfinity, 1), new(2, 1, 8)).ShouldBe(0.5);
        RankCorrelation.Spearman([1, 2, 3], [4, 4, 4]).ShouldBe(double.NaN);
        RankCorrelation.Intervals([[1, 2, 3], [4, 4, 4]], 1, 50, 0.9).Single().Low.ShouldBe(double.NaN);
    }

    private static double[] Numbers(JsonElement of, string name) => [.. of.GetProperty(name).EnumerateArray().Select(x => x.GetDouble())];

    private static IEnumerable<int[]> Resamples(int n) =>
        Enumerable.Range(0, (int)Math.Pow(n, n)).Select(code => Enumerable.Range(0, n).Select(k => code / (int)Math.Pow(n, k) % n).ToArray());
}
