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
        var (low, high) = RankCorrelation.Interval(x, y, 7, 20_000, 0.8);
        low.ShouldBe(all[(int)(0.1 * all.Count)], 0.02);
        high.ShouldBe(all[(int)(0.9 * all.Count)], 0.02);
        RankCorrelation.Interval(x, y, 7, 100, 0.8).ShouldBe(RankCorrelation.Interval(x, y, 7, 100, 0.8));
    }

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
        RankCorrelation.Interval([1, 2, 3], [4, 4, 4], 1, 50, 0.9).Low.ShouldBe(double.NaN);
    }

    private static double[] Numbers(JsonElement of, string name) => [.. of.GetProperty(name).EnumerateArray().Select(x => x.GetDouble())];

    private static IEnumerable<int[]> Resamples(int n) =>
        Enumerable.Range(0, (int)Math.Pow(n, n)).Select(code => Enumerable.Range(0, n).Select(k => code / (int)Math.Pow(n, k) % n).ToArray());
}
