namespace Hawq.Kit;

/// <summary>From a metric to a table that bits are allocated from.</summary>
public static class MetricVerbs
{
    /// <summary>
    /// Ω by any metric, so that bits can be allocated by it under the same budget; the precision order is that of the metric at
    /// the fewest bits, but S or the average trace for HAWQ's own.
    /// </summary>
    /// <param name="report">The metrics at all bit widths to choose from.</param>
    /// <param name="network">The network that was measured.</param>
    /// <param name="metric">
    /// A metric that depends on the bits. <see cref="SensitivityMetric.NoiseToSignal"/> counts as ‖ΔW‖² ÷ ‖W‖², since decibels do not add up.
    /// </param>
    /// <exception cref="ArgumentException">The report has no such metric, or it does not depend on the bits.</exception>
    public static SensitivityTable SensitivityBy(this MetricReport report, Network network, SensitivityMetric metric)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(network);
        if (metric is SensitivityMetric.TopEigenvaluePerWeight or SensitivityMetric.AverageTrace)
        {
            throw new ArgumentException($"{metric} is the same at any bit width, so it orders blocks but prices no bits; use its …Perturbation.", nameof(metric));
        }

        return new SensitivityTable(
            [.. report.Blocks.Select((block, k) => Row(report, block, k, metric))],
            report.Bits, CurvatureMeasure.None, report.Scheme, AllocationVerbs.OtherBytes(network, report.Blocks));
    }

    private static BlockSensitivity Row(MetricReport report, Block block, int k, SensitivityMetric metric)
    {
        double[] values = [.. report.Bits.Select(bits => report.Of(metric, bits)[k].Value)];
        values = metric == SensitivityMetric.NoiseToSignal ? [.. values.Select(decibels => Math.Pow(10, decibels / 10))] : values;
        var order = metric switch
        {
            SensitivityMetric.TopEigenvaluePerturbation => SensitivityMetric.TopEigenvaluePerWeight,
            SensitivityMetric.AverageTracePerturbation => SensitivityMetric.AverageTrace,
            _ => metric,
        };
        return new BlockSensitivity(block, 1, report.Of(order, report.Bits[0])[k].Value, values);
    }
}
