namespace Hawq.Kit;

/// <summary>One metric of every block.</summary>
/// <param name="Metric">Which.</param>
/// <param name="ByWidth">A list for each bit width of the report, with an estimate for each block.</param>
public sealed record MetricValues(SensitivityMetric Metric, IReadOnlyList<IReadOnlyList<Estimate>> ByWidth);

/// <summary>How well two metrics agree on the order of the blocks.</summary>
/// <param name="Bits">Bit width of the change.</param>
/// <param name="First">A metric.</param>
/// <param name="Second">Another.</param>
/// <param name="Spearman">Spearman's ρ over the blocks, −1 to 1; NaN where a metric is the same for all blocks.</param>
/// <param name="Low">Lower end of the bootstrap interval over the blocks.</param>
/// <param name="High">Upper end.</param>
public sealed record MetricCorrelation(BitWidth Bits, SensitivityMetric First, SensitivityMetric Second, double Spearman, double Low, double High);

/// <summary>Sensitivity metrics side by side, with what made the numbers.</summary>
/// <param name="Blocks">The blocks, in network order.</param>
/// <param name="Bits">The bit widths, ascending.</param>
/// <param name="Scheme">How weights are quantized.</param>
/// <param name="Metrics">The metrics that could be had.</param>
/// <param name="Correlations">Each pair of metrics at each bit width.</param>
/// <param name="Loss">L(W), the mean loss of the float network.</param>
/// <param name="SampleHash">Names the sample set of the measured loss.</param>
/// <param name="Settings">The comparison in words.</param>
/// <param name="Seed">Seed of the bootstrap.</param>
public sealed record MetricReport(
    IReadOnlyList<Block> Blocks,
    IReadOnlyList<BitWidth> Bits,
    QuantizationScheme Scheme,
    IReadOnlyList<MetricValues> Metrics,
    IReadOnlyList<MetricCorrelation> Correlations,
    double Loss,
    string SampleHash,
    string Settings,
    long Seed)
{
    /// <summary>One metric of every block at one bit width, in network order.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="bits">The bit width.</param>
    /// <exception cref="ArgumentException">The report has no such metric or bit width.</exception>
    public IReadOnlyList<Estimate> Of(SensitivityMetric metric, BitWidth bits)
    {
        var values = Metrics.FirstOrDefault(m => m.Metric == metric) ?? throw new ArgumentException(
            $"The report has no {metric}; it has {string.Join(", ", Metrics.Select(m => m.Metric))}. Add what it needs to the HessianAnalysis.", nameof(metric));
        var at = Bits.ToList().IndexOf(bits);
        return at >= 0
            ? values.ByWidth[at]
            : throw new ArgumentException($"The report has no {bits} bits; it has {string.Join(", ", Bits)}. Add it to QuantizedTo(…).", nameof(bits));
    }

    /// <summary>Indices of the blocks, most sensitive first; the order of the network where the metric is equal.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="bits">The bit width.</param>
    public IReadOnlyList<int> Ranking(SensitivityMetric metric, BitWidth bits)
    {
        var values = Of(metric, bits);
        return [.. Enumerable.Range(0, Blocks.Count).OrderByDescending(k => values[k].Value).ThenBy(k => k)];
    }

    /// <summary>Spearman's ρ of two metrics at a bit width; 1 for a metric with itself.</summary>
    /// <param name="first">A metric.</param>
    /// <param name="second">Another.</param>
    /// <param name="bits">The bit width.</param>
    public double Spearman(SensitivityMetric first, SensitivityMetric second, BitWidth bits) =>
        RankCorrelation.Spearman(Numbers(first, bits), Numbers(second, bits));

    /// <summary>
    /// Chance that two blocks truly stand in the other order than the estimates say, Φ(−|x − y| ÷ √(s_x² + s_y²)), as if the
    /// errors were normal and independent.
    /// </summary>
    /// <param name="metric">The metric.</param>
    /// <param name="bits">The bit width.</param>
    /// <param name="first">Index of a block.</param>
    /// <param name="second">Index of another.</param>
    /// <remarks>
    /// Errors of two blocks' Fisher or loss change come from the same samples and so go together; the chance is then overstated.
    /// λ has no standard error: its residual, a bound, stands in for one, so its chance is an upper bound as well.
    /// </remarks>
    public double SwapProbability(SensitivityMetric metric, BitWidth bits, int first, int second) =>
        RankCorrelation.SwapProbability(Of(metric, bits)[first], Of(metric, bits)[second]);

    private List<double> Numbers(SensitivityMetric metric, BitWidth bits) => [.. Of(metric, bits).Select(estimate => estimate.Value)];
}

/// <summary>How far a comparison is.</summary>
/// <param name="Block">The block whose loss change is measured.</param>
/// <param name="Done">Losses done.</param>
/// <param name="Total">Losses in all.</param>
public readonly record struct MetricProgress(string Block, int Done, int Total);
