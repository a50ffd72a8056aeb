using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The metrics that follow from curvature and quantization errors alone, without a further pass of the network.</summary>
internal static class BlockMetrics
{
    /// <summary>Those metrics that the measured blocks have.</summary>
    /// <param name="blocks">The measured blocks.</param>
    /// <param name="bits">The bit widths.</param>
    /// <param name="scheme">How weights are quantized, by symmetry, granularity and range; the method that fine-tuning uses (DoReFa, LSQ, LQ-Nets) plays no role.</param>
    public static IEnumerable<MetricValues> Of(IReadOnlyList<BlockCurvature> blocks, IReadOnlyList<BitWidth> bits, QuantizationScheme scheme)
    {
        var errors = bits.Select(width => blocks.Select(b => QuantizationError.Of(b.Block, width, scheme)).ToList()).ToList(); // ‖ΔW‖²
        if (blocks.All(b => b.Eigenvalues.Count > 0))
        {
            yield return Make(SensitivityMetric.TopEigenvaluePerWeight, (b, _) => Scaled(TopEigenvalue(b), 1.0 / b.Block.WeightCount));
            yield return Make(SensitivityMetric.TopEigenvaluePerturbation, (b, error) => Scaled(TopEigenvalue(b), error));
        }

        if (blocks.All(b => b.Trace is not null))
        {
            yield return Make(SensitivityMetric.AverageTrace, (b, _) => Scaled(b.Trace!, 1.0 / b.Block.WeightCount));
            yield return Make(SensitivityMetric.AverageTracePerturbation, (b, error) => Scaled(b.Trace!, error / b.Block.WeightCount));
        }

        if (blocks.All(b => b.Fisher is not null))
        {
            yield return Make(SensitivityMetric.FisherPerturbation, (b, error) => Scaled(b.Fisher!, error / b.Block.WeightCount));
        }

        yield return Make(SensitivityMetric.QuantizationError, (_, error) => Exact(error));
        yield return Make(SensitivityMetric.NoiseToSignal, (b, error) => Exact(error > 0 ? 10 * Math.Log10(error / Signal(b.Block)) : double.NegativeInfinity));

        MetricValues Make(SensitivityMetric metric, Func<BlockCurvature, double, Estimate> of) =>
            new(metric, [.. errors.Select(row => row.Select((error, k) => of(blocks[k], error)).ToList())]);
    }

    /// <summary>‖W‖² of a block.</summary>
    public static double Signal(Block block)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return block.Weights.Sum(weight => weight.pow(2).sum(ScalarType.Float64).item<double>());
    }

    /// <summary>λ with its residual, ‖Hv − λv‖, in place of a standard error: an eigenvalue lies within it.</summary>
    private static Estimate TopEigenvalue(BlockCurvature block) =>
        new(block.TopEigenvalue, Math.Abs(block.TopEigenvalue) * block.Eigenvalues[0].Residual, 1);

    private static Estimate Scaled(Estimate of, double factor) => new(Math.Abs(of.Value) * factor, of.StandardError * factor, of.Samples);

    private static Estimate Exact(double value) => new(value, 0, 1);
}
