using Microsoft.Data.Analysis;
using Plotly.NET;
using static Hawq.Kit.Columns;

namespace Hawq.Kit;

/// <summary>Sensitivity metrics as tables and charts.</summary>
public static class MetricViews
{
    /// <summary>A row a block: each metric at a bit width, with its standard error where it has one.</summary>
    /// <param name="report">The metrics.</param>
    /// <param name="bits">The bit width.</param>
    public static DataFrame ToDataFrame(this MetricReport report, BitWidth bits)
    {
        ArgumentNullException.ThrowIfNull(report);
        var columns = new List<DataFrameColumn> { Texts("block", report.Blocks.Select(block => block.Name)) };
        foreach (var metric in report.Metrics.Select(m => m.Metric))
        {
            var values = report.Of(metric, bits);
            columns.Add(Numbers(metric.Symbol(), values.Select(x => x.Value)));
            if (values.Any(x => x.StandardError > 0))
            {
                columns.Add(Numbers($"± {metric.Symbol()}", values.Select(x => x.StandardError)));
            }
        }

        return new DataFrame(columns).WithCaption($"Sensitivity of each block at {bits} bits, {report.Scheme}");
    }

    /// <summary>A row a pair of metrics: Spearman's ρ with its interval.</summary>
    /// <param name="correlations">The pairs.</param>
    public static DataFrame ToDataFrame(this IEnumerable<MetricCorrelation> correlations)
    {
        var all = correlations.ToList();
        return new DataFrame(
            Numbers("bits", all.Select(c => (double)c.Bits.Value)),
            Texts("metric", all.Select(c => c.First.Symbol())),
            Texts("other metric", all.Select(c => c.Second.Symbol())),
            Numbers("Spearman ρ", all.Select(c => c.Spearman)),
            Numbers("low", all.Select(c => c.Low)),
            Numbers("high", all.Select(c => c.High)))
            .WithCaption("How well metrics agree on the order of the blocks; low, high: bootstrap interval");
    }

    /// <summary>A row a pair of neighbours in each metric's ranking: the chance that they truly stand the other way.</summary>
    /// <param name="report">The metrics.</param>
    /// <param name="bits">The bit width.</param>
    public static DataFrame SwapsToDataFrame(this MetricReport report, BitWidth bits)
    {
        ArgumentNullException.ThrowIfNull(report);
        var pairs = report.Metrics.SelectMany(m =>
        {
            var order = report.Ranking(m.Metric, bits);
            return order.Zip(order.Skip(1), (above, below) => (m.Metric, above, below));
        }).ToList();
        return new DataFrame(
            Texts("metric", pairs.Select(p => p.Metric.Symbol())),
            Texts("block", pairs.Select(p => report.Blocks[p.above].Name)),
            Texts("next block", pairs.Select(p => report.Blocks[p.below].Name)),
            Numbers("chance of swap [%]", pairs.Select(p => 100 * report.SwapProbability(p.Metric, bits, p.above, p.below))))
            .WithCaption($"Chance that neighbours in a metric's ranking truly stand the other way, at {bits} bits");
    }

    /// <summary>Spearman's ρ of each pair of metrics at a bit width, as colours from −1 to 1.</summary>
    /// <param name="report">The metrics.</param>
    /// <param name="bits">The bit width.</param>
    public static GenericChart PlotSpearman(this MetricReport report, BitWidth bits)
    {
        ArgumentNullException.ThrowIfNull(report);
        var metrics = report.Metrics.Select(m => m.Metric).ToList();
        IReadOnlyList<object> names = [.. metrics.Select(AxisNames.Symbol)];
        return ChartMaker.Heat(
            new Axes($"How well metrics agree on the order of the blocks, at {bits} bits", "metric", "metric"),
            new Sheet("Spearman ρ", names, names, [.. metrics.Select(a => metrics.Select(b => report.Spearman(a, b, bits)).ToList())], (-1, 1)));
    }

    /// <summary>The rank of each block by each metric, as colours; 1 is the most sensitive.</summary>
    /// <param name="report">The metrics.</param>
    /// <param name="bits">The bit width.</param>
    public static GenericChart PlotRanks(this MetricReport report, BitWidth bits)
    {
        ArgumentNullException.ThrowIfNull(report);
        return ChartMaker.Heat(
            new Axes($"Rank of each block by metric, at {bits} bits (1: most sensitive)", "block", "metric"),
            new Sheet(
                "rank",
                [.. report.Blocks.Select(block => (object)block.Name)],
                [.. report.Metrics.Select(m => (object)m.Metric.Symbol())],
                [.. report.Metrics.Select(m => RankCorrelation.Ranks([.. report.Of(m.Metric, bits).Select(x => -x.Value)]))]));
    }

    /// <summary>The chance that two blocks truly stand in the other order than a metric's estimates say, as colours from 0 to ½.</summary>
    /// <param name="report">The metrics.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="bits">The bit width.</param>
    public static GenericChart PlotSwapProbability(this MetricReport report, SensitivityMetric metric, BitWidth bits)
    {
        ArgumentNullException.ThrowIfNull(report);
        var order = report.Ranking(metric, bits);
        IReadOnlyList<object> names = [.. order.Select(k => (object)report.Blocks[k].Name)];
        return ChartMaker.Heat(
            new Axes($"Chance that two blocks swap rank by {metric.Symbol()}, at {bits} bits", "block, most sensitive first", "block"),
            new Sheet("chance", names, names, [.. order.Select(a => order.Select(b => a == b ? double.NaN : report.SwapProbability(metric, bits, a, b)).ToList())], (0, 0.5)));
    }
}
