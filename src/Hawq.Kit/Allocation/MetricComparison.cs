using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Recipe for sensitivity metrics side by side: <c>Of … QuantizedTo Run</c>. Immutable.</summary>
/// <remarks>
/// A metric is left out if the curvature report lacks what it needs: add WithTopEigenvalues(), WithTrace() and
/// WithEmpiricalFisher() to the analysis for all of them.
/// </remarks>
public sealed record MetricComparison
{
    private MetricComparison()
    {
    }

    private CurvatureReport Curvature { get; init; } = null!;

    private nn.Module<Tensor, Tensor> Model { get; init; } = null!;

    private Loss<Tensor, Tensor, Tensor> Loss { get; init; } = null!;

    private IReadOnlyList<Batch> Batches { get; init; } = [];

    private QuantizationScheme Scheme { get; init; } = QuantizationScheme.AsymmetricPerTensor;

    private BitWidth[] Bits { get; init; } = [4];

    private int Resamples { get; init; } = 1000;

    private double Level { get; init; } = 0.95;

    /// <summary>Starts from measured curvature and the samples on which the loss change is measured.</summary>
    /// <param name="curvature">The measured blocks of this network.</param>
    /// <param name="model">The network; its weights are quantized a block at a time and put back, bit for bit.</param>
    /// <param name="loss">A loss that averages over the batch, such as <c>nn.CrossEntropyLoss()</c>.</param>
    /// <param name="batches">The samples. They stay the caller's.</param>
    public static MetricComparison Of(
        CurvatureReport curvature, nn.Module<Tensor, Tensor> model, Loss<Tensor, Tensor, Tensor> loss, IEnumerable<Batch> batches)
    {
        ArgumentNullException.ThrowIfNull(curvature);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(batches);
        var stranger = curvature.Blocks.FirstOrDefault(block => !block.Block.IsOf(model));
        return stranger is null
            ? new MetricComparison { Curvature = curvature, Model = model, Loss = loss, Batches = [.. batches] }
            : throw new ArgumentException(
                $"Block \"{stranger.Block.Name}\" of the curvature report is not of this network; pass the network that was analysed, not a copy.", nameof(model));
    }

    /// <summary>How weights are quantized; asymmetric per tensor at 4 bits unless said.</summary>
    /// <param name="scheme">Symmetry, granularity and range rule.</param>
    /// <param name="bits">One or more of 1 to 8.</param>
    /// <exception cref="ArgumentException">No bit width is given, or one is float.</exception>
    public MetricComparison QuantizedTo(QuantizationScheme scheme, params ReadOnlySpan<BitWidth> bits)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        var widths = bits.ToArray().Distinct().Order().ToArray();
        return widths.Length > 0 && !widths.Any(width => width.IsFloat)
            ? this with { Scheme = scheme, Bits = widths }
            : throw new ArgumentException($"Received {(widths.Length == 0 ? "no bit width" : "32 bits, which change nothing")}; expected one or more of 1 to 8.", nameof(bits));
    }

    /// <summary>How the intervals of Spearman's ρ are made: blocks are drawn with replacement.</summary>
    /// <param name="resamples">Draws; 1000 unless said.</param>
    /// <param name="level">Share that the interval holds; 0.95 unless said.</param>
    public MetricComparison WithBootstrap(int resamples, double level)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(level, 1);
        return this with { Resamples = resamples, Level = level };
    }

    /// <summary>Measures the loss changes, and compares all metrics.</summary>
    /// <param name="seed">Seed of the bootstrap.</param>
    /// <param name="progress">Hears of each loss.</param>
    /// <param name="cancellation">Stops between losses and between draws of the bootstrap.</param>
    /// <exception cref="InvalidOperationException">The loss is not finite or not repeatable.</exception>
    public MetricReport Run(long seed, IProgress<MetricProgress>? progress = null, CancellationToken cancellation = default)
    {
        var risk = new EmpiricalRisk(Model, Loss, Batches);
        var loss = risk.RequireRepeatable();
        var blocks = Curvature.Blocks.Select(measured => measured.Block).ToList();
        var metrics = BlockMetrics.Of(Curvature.Blocks, Bits, Scheme).Append(
            new MetricValues(SensitivityMetric.LossChange, new LossChange(risk).Table(blocks, Bits, Scheme, progress, cancellation))).ToList();
        return new MetricReport(
            blocks, Bits, Scheme, metrics, Correlations(metrics, seed, cancellation), loss, risk.SampleHash, Describe(risk), seed);
    }

    private List<MetricCorrelation> Correlations(List<MetricValues> metrics, long seed, CancellationToken cancellation)
    {
        var found = new List<MetricCorrelation>();
        foreach (var (k, bits) in Bits.Index())
        {
            var numbers = metrics.ConvertAll(metric => Numbers(metric, k));
            var intervals = RankCorrelation.Intervals(numbers, seed, Resamples, Level, cancellation); // the same draws at every bit width
            found.AddRange(RankCorrelation.Pairs(metrics.Count).Zip(intervals, (pair, interval) => new MetricCorrelation(
                bits, metrics[pair.First].Metric, metrics[pair.Second].Metric,
                RankCorrelation.Spearman(numbers[pair.First], numbers[pair.Second]), interval.Low, interval.High)));
        }

        return found;
    }

    private static List<double> Numbers(MetricValues metric, int width) => [.. metric.ByWidth[width].Select(estimate => estimate.Value)];

    private string Describe(EmpiricalRisk risk) => FormattableString.Invariant(
        $"weights {Scheme} at {string.Join(", ", Bits)} bits; loss change over {risk.Samples} samples; {100 * Level} % intervals of {Resamples} resamples");
}
