using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Allocation;

public class MetricComparisonTests
{
    private static readonly QuantizationScheme Scheme = QuantizationScheme.SymmetricPerTensor;

    [Theory]
    [InlineData("a", 2)]
    [InlineData("a", 4)]
    [InlineData("b", 3)]
    public void Loss_change_is_that_of_the_network_with_this_block_snapped_by_hand(string name, int bits)
    {
        var reference = new TinyReference();
        var (a, b) = (reference.Model.get_parameter("a.weight")!, reference.Model.get_parameter("b.weight")!);
        var found = Compared(reference).Of(SensitivityMetric.LossChange, bits)[name == "a" ? 0 : 1];
        var batch = reference.Batches(11)[0];
        var hidden = batch.Inputs.matmul((name == "a" ? ByHand(a, bits) : a).T) + reference.Model.get_parameter("a.bias")!;
        var logits = hidden.tanh().matmul((name == "b" ? ByHand(b, bits) : b).T) + reference.Model.get_parameter("b.bias")!;
        var losses = logits.logsumexp(1) - logits.gather(1, batch.Targets.view(11, 1)).view(11);
        losses.mean().ToNumber().ShouldBe(reference.Loss + found.Value, 1e-12);
        var original = logitsOf(a, b);
        var differences = (losses - original).detach();
        found.StandardError.ShouldBe((differences.std() / Math.Sqrt(11)).ToNumber(), 1e-12);
        found.Value.ShouldNotBe(0);

        Tensor logitsOf(Tensor first, Tensor second)
        {
            var outputs = (batch.Inputs.matmul(first.T) + reference.Model.get_parameter("a.bias")!).tanh().matmul(second.T)
                + reference.Model.get_parameter("b.bias")!;
            return outputs.logsumexp(1) - outputs.gather(1, batch.Targets.view(11, 1)).view(11);
        }
    }

    [Fact]
    public void Each_metric_is_its_formula()
    {
        var reference = new TinyReference();
        var report = Compared(reference);
        foreach (var (name, k) in new[] { ("a", 0), ("b", 1) })
        {
            var weight = reference.Model.get_parameter(name + ".weight")!.detach();
            var (n, error) = (weight.numel(), (ByHand(weight, 3) - weight).pow(2).sum().ToNumber());
            var eigenvalues = reference.Numbers("eigenvalues", name);
            Value(SensitivityMetric.TopEigenvaluePerWeight, k).ShouldBe(eigenvalues[^1] / n, 1e-9);
            Value(SensitivityMetric.TopEigenvaluePerturbation, k).ShouldBe(eigenvalues[^1] * error, 1e-9);
            var trace = report.Of(SensitivityMetric.AverageTrace, 3)[k];
            Math.Abs(trace.Value - (eigenvalues.Sum() / n)).ShouldBeLessThanOrEqualTo(4 * trace.StandardError);
            Value(SensitivityMetric.AverageTracePerturbation, k).ShouldBe(trace.Value * error, 1e-12);
            Value(SensitivityMetric.FisherPerturbation, k).ShouldBe(reference.Numbers("fisher", name).Average() / n * error, 1e-12);
            Value(SensitivityMetric.QuantizationError, k).ShouldBe(error, 1e-12);
            Value(SensitivityMetric.NoiseToSignal, k).ShouldBe(-10 * Math.Log10(weight.pow(2).sum().ToNumber() / error), 1e-10);
        }

        double Value(SensitivityMetric metric, int k) => report.Of(metric, 3)[k].Value;
    }

    [Fact]
    public void Metrics_that_the_curvature_lacks_are_left_out_and_named()
    {
        var reference = new TinyReference();
        var curvature = HessianAnalysis.Of(reference.Model, nn.CrossEntropyLoss(), reference.Batches(11)).WithTopEigenvalues().Run(1);
        var report = MetricComparison.Of(curvature, reference.Model, nn.CrossEntropyLoss(), reference.Batches(11)).Run(1);
        report.Metrics.Count.ShouldBe(5);
        Should.Throw<ArgumentException>(() => report.Of(SensitivityMetric.AverageTrace, 4)).Message.ShouldStartWith("The report has no AverageTrace; it has TopEigenvalue");
        Should.Throw<ArgumentException>(() => report.Of(SensitivityMetric.LossChange, 3)).Message.ShouldStartWith("The report has no 3 bits; it has 4.");
    }

    [Fact]
    public void Another_network_and_a_float_width_are_refused()
    {
        var (reference, other) = (new TinyReference(), new TinyReference());
        var curvature = HessianAnalysis.Of(reference.Model, nn.CrossEntropyLoss(), reference.Batches(11)).WithTopEigenvalues().Run(1);
        Should.Throw<ArgumentException>(() => MetricComparison.Of(curvature, other.Model, nn.CrossEntropyLoss(), reference.Batches(11)))
            .Message.ShouldStartWith("Block \"a\" of the curvature report is not of this network");
        var comparison = MetricComparison.Of(curvature, reference.Model, nn.CrossEntropyLoss(), reference.Batches(11));
        Should.Throw<ArgumentException>(() => comparison.QuantizedTo(Scheme, 32)).Message.ShouldStartWith("Received 32 bits");
        Should.Throw<ArgumentException>(() => comparison.QuantizedTo(Scheme)).Message.ShouldStartWith("Received no bit width");
    }

    [Fact]
    public void Blocks_of_a_network_correlate_as_their_numbers_do_and_it_is_left_as_found()
    {
        using var network = new CifarResNet(8);
        network.train();
        var before = network.parameters().Select(p => p.detach().clone()).ToList();
        var batches = Given.Pictures.Take(6).Batches(6).ToArray();
        var curvature = Curvature(network);
        var comparison = MetricComparison.Of(curvature, network, nn.CrossEntropyLoss(), batches).QuantizedTo(Scheme, 2, 4).WithBootstrap(200, 0.9);
        var live = Given.LiveTensors;
        var (report, again) = (comparison.Run(3), comparison.Run(3));
        Given.LiveTensors.ShouldBe(live);
        network.training.ShouldBeTrue();
        network.parameters().Zip(before, Given.Distance).ShouldAllBe(distance => distance == 0);
        report.Correlations.ShouldBe(again.Correlations);
        report.Correlations.Count.ShouldBe(2 * (8 * 7 / 2));
        report.Correlations.ShouldAllBe(c => -1 <= c.Low && c.Low <= c.High && c.High <= 1);
        foreach (var c in report.Correlations)
        {
            var (x, y) = (Values(report, c.First, c.Bits), Values(report, c.Second, c.Bits));
            c.Spearman.ShouldBe(RankCorrelation.Spearman(x, y), 1e-15);
            (c.Low, c.High).ShouldBe(RankCorrelation.Intervals([x, y], 3, 200, 0.9).Single()); // each pair by itself, from the same seed
        }

        report.Spearman(SensitivityMetric.LossChange, SensitivityMetric.LossChange, 2).ShouldBe(1, 1e-12);
        report.Ranking(SensitivityMetric.TopEigenvaluePerWeight, 2)[0].ShouldBe(0);         // conv1: a large λ over few weights

        foreach (var (metric, measure) in new[]
        {
            (SensitivityMetric.TopEigenvaluePerturbation, CurvatureMeasure.TopEigenvalue),
            (SensitivityMetric.AverageTracePerturbation, CurvatureMeasure.AverageTrace),
            (SensitivityMetric.FisherPerturbation, CurvatureMeasure.EmpiricalFisher),
            (SensitivityMetric.QuantizationError, CurvatureMeasure.None),
        })
        {
            var table = report.SensitivityBy(network, metric);
            var expected = curvature.SensitivityTo(network, Scheme, measure, 2, 4);
            table.Blocks.SelectMany(b => new[] { b.Perturbation(0), b.Perturbation(1) })
                .Zip(expected.Blocks.SelectMany(b => new[] { b.Perturbation(0), b.Perturbation(1) }), (x, y) => Math.Abs((x / y) - 1)).Max().ShouldBeLessThan(1e-12);
            table.OtherBytes.ShouldBe(expected.OtherBytes);
        }

        var hawq = report.SensitivityBy(network, SensitivityMetric.TopEigenvaluePerturbation);
        hawq.PrecisionOrder.ShouldBe(curvature.SensitivityTo(network, Scheme, CurvatureMeasure.TopEigenvalue, 2, 4).PrecisionOrder);
        Should.Throw<ArgumentException>(() => report.SensitivityBy(network, SensitivityMetric.TopEigenvaluePerWeight)).Message.ShouldContain("prices no bits");
    }

    [Fact]
    public void Tables_and_charts_hold_every_block_and_pair()
    {
        var report = Compared(new TinyReference());
        report.ToDataFrame(3).Rows.Count.ShouldBe(2);
        report.ToDataFrame(3).Columns.Select(c => c.Name).ShouldContain("± ΔL [nat]");
        report.Correlations.ToDataFrame().Rows.Count.ShouldBe(3 * 28);
        report.SwapsToDataFrame(3).Rows.Count.ShouldBe(8);
        var html = ChartHtml.Of(report.PlotSpearman(3));
        html.ShouldContain("\"type\":\"heatmap\"");
        html.ShouldContain("|λ|/n");
        ChartHtml.Summary(report.PlotSpearman(3)).ShouldContain("64 points");
        ChartHtml.Summary(report.PlotRanks(3)).ShouldContain("rank: 16 points, 1 to 2");
        var swaps = ChartHtml.Of(report.PlotSwapProbability(SensitivityMetric.LossChange, 3));
        swaps.ShouldContain("<svg");
        swaps.ShouldNotContain("NaN", Case.Sensitive);
        report.SwapProbability(SensitivityMetric.QuantizationError, 3, 0, 1).ShouldBe(0);
        report.SwapProbability(SensitivityMetric.FisherPerturbation, 3, 0, 1).ShouldBeInRange(1e-6, 0.5);
    }

    private static List<double> Values(MetricReport report, SensitivityMetric metric, BitWidth bits) => [.. report.Of(metric, bits).Select(x => x.Value)];

    private static MetricReport Compared(TinyReference reference)
    {
        var curvature = HessianAnalysis.Of(reference.Model, nn.CrossEntropyLoss(), reference.Batches(11))
            .WithTopEigenvalues(tolerance: 1e-10).WithTrace(0.05).WithEmpiricalFisher().Run(1);
        return MetricComparison.Of(curvature, reference.Model, nn.CrossEntropyLoss(), reference.Batches(4, 7)).QuantizedTo(Scheme, 2, 3, 4).Run(1);
    }

    /// <summary>λ falls from block to block, so that conv1 leads; the signs of trace and λ are mixed.</summary>
    private static CurvatureReport Curvature(Network network) => new(
        [.. BlockPartition.ByUnit.Of(network).Select((block, k) => new BlockCurvature(block, [new Eigenpair((20.0 - k) * (k == 2 ? -1 : 1), 0.01, 1, true)], new Estimate((10.0 + k) * (k == 3 ? -1 : 1), 0.1, 5)) { Fisher = new Estimate(k + 1, 0.1, 5) })],
        0, 1, "", "", 0, 0, 0);

    /// <summary>Symmetric per tensor: integers −(2^(b−1) − 1) to 2^(b−1) − 1, largest weight on the last.</summary>
    private static Tensor ByHand(Tensor weight, int bits)
    {
        var step = weight.abs().max() / ((1 << (bits - 1)) - 1);
        return (weight / step).round() * step;
    }
}
