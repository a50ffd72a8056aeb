using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Curvature;

public class BlockSpectrumTests
{
    [Fact]
    public void Nodes_of_a_full_quadrature_are_the_eigenvalues_that_PyTorch_finds()
    {
        var reference = new TinyReference();
        var report = Measured(reference);
        report.Loss.ShouldBe(reference.Loss, 1e-12);
        var expected = reference.Numbers("eigenvalues", "a");
        foreach (var probe in report.Blocks[0].Density!.Probes)
        {
            probe.Count.ShouldBe(12);
            probe.Zip(expected, (p, value) => Math.Abs(p.Node - value)).Max().ShouldBeLessThan(1e-9);
        }
    }

    [Theory]
    [InlineData("a", 12)]
    [InlineData("b", 8)]
    public void Top_eigenvalue_and_average_trace_agree_with_PyTorch(string name, int weights)
    {
        var reference = new TinyReference();
        var expected = reference.Numbers("eigenvalues", name);
        var block = Measured(reference).Blocks.Single(b => b.Block.Name == name);
        block.TopEigenvalue.ShouldBe(expected[^1], 1e-9);
        block.Density!.Highest.ShouldBe(expected[^1], 1e-9);
        block.Density.Mass.ShouldBe(1, 1e-12);
        Math.Abs(block.Density.Mean.Value - (expected.Sum() / weights)).ShouldBeLessThanOrEqualTo(4 * block.Density.Mean.StandardError);
        Math.Abs(block.AverageTrace - (expected.Sum() / weights)).ShouldBeLessThanOrEqualTo(4 * block.Trace!.StandardError / weights);
    }

    [Fact]
    public void Chart_names_the_block_and_refuses_what_is_not_there()
    {
        var report = Measured(new TinyReference());
        ChartHtml.Summary(report.PlotSpectralDensity("b")).ShouldStartWith("Chart: Spectral density of block b (x: eigenvalue, y: density");
        Should.Throw<ArgumentException>(() => report.PlotSpectralDensity("c")).Message.ShouldStartWith("There is no block \"c\"; expected one of a, b.");
        var bare = report with { Blocks = [report.Blocks[0] with { Density = null }] };
        Should.Throw<InvalidOperationException>(() => bare.PlotSpectralDensity("a")).Message.ShouldContain("WithSpectralDensity()");
    }

    private static CurvatureReport Measured(TinyReference reference) =>
        HessianAnalysis.Of(reference.Model, nn.CrossEntropyLoss(), reference.Batches(4, 7))
            .WithTopEigenvalues(tolerance: 1e-10).WithTrace(0.02).WithSpectralDensity(probes: 6).Run(3);
}
