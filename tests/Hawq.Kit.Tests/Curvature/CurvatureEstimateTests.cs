using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Curvature;

/// <summary>The heap is the whole process's: no other test runs beside these.</summary>
[CollectionDefinition(nameof(CurvatureEstimateTests), DisableParallelization = true)]
[Collection(nameof(CurvatureEstimateTests))]
public class CurvatureEstimateTests
{
    [Fact]
    public void Products_and_memory_are_within_a_quarter_of_the_run()
    {
        using var network = new CifarResNet(8);
        var analysis = HessianAnalysis.Of(network, nn.CrossEntropyLoss(), Given.Pictures.Take(96).Batches(32).ToArray())
            .WithTopEigenvalues(maximum: 12).KeepingGraphsOf(2);
        var estimate = analysis.Estimate(1);
        CurvatureReport report = null!;
        var before = NativeHeap.InUse();
        var peak = NativeHeap.PeakOf(() => report = analysis.Run(2)) - before;
        ((double)estimate.Products / report.Products).ShouldBe(1, 0.25);
        ((double)estimate.Bytes!.Value / peak).ShouldBe(1, 0.25);
        estimate.Seconds.ShouldBeGreaterThan(0, "time is a benchmark's matter");
    }

    [Fact]
    public void Passes_of_a_trace_are_within_a_factor_of_two_of_the_run()
    {
        var analysis = HessianAnalysis.Of(Given.TinyNetwork(), nn.CrossEntropyLoss(), Given.TinyBatches(100, 100, 56)).WithTrace(0.01, maximum: 5000);
        var (estimate, report) = (analysis.Estimate(1), analysis.Run(1));
        report.Products.ShouldBeGreaterThan(10, "or the fewest passes would do for both");
        ((double)estimate.Products / report.Products).ShouldBeInRange(0.5, 2);
    }

    [Fact]
    public void It_reads_as_a_sentence()
    {
        new CurvatureEstimate(1234, 12.3, 3_400_000).ToString().ShouldBe("about 1,234 Hessian products, 12 seconds, 3 MB at most");
        new CurvatureEstimate(10, 600, null).ToString().ShouldBe("about 10 Hessian products, 10 minutes");
        new CurvatureEstimate(10, 9000, null).ToString().ShouldBe("about 10 Hessian products, 2.5 hours");
    }
}
