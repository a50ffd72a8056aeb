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
        ((double)estimate.Bytes!.Value / peak).ShouldBe(1, 0.25, $"estimated {estimate.Bytes:N0} bytes, peak {peak:N0} above {before:N0}");
        estimate.Seconds.ShouldBeGreaterThan(0, "time is a benchmark's matter");
    }

    /// <summary>No residual meets this tolerance, so all products are taken; a graph of one layer is small beside their vectors.</summary>
    [Fact]
    public void Memory_of_Lanczos_counts_where_blocks_are_large_and_samples_few()
    {
        using var model = nn.Sequential(("wide", nn.Linear(64, 1000, hasBias: false, dtype: ScalarType.Float64)));
        using var generator = new Generator(1);
        var batch = new Batch(randn([48, 64], ScalarType.Float64, generator: generator), randint(0, 1000, [48], ScalarType.Int64, generator: generator));
        var analysis = HessianAnalysis.Of(model, nn.CrossEntropyLoss(), [batch]).WithTopEigenvalues(tolerance: 1e-30, maximum: 40);
        var bytes = analysis.Estimate(1).Bytes!.Value;
        var report = analysis.Run(1); // libtorch's own first-time memory is no part
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = NativeHeap.InUse();
        var peak = NativeHeap.PeakOf(() => report = analysis.Run(1)) - before;
        report.Products.ShouldBe(40);
        ((double)bytes / peak).ShouldBe(1, 0.25, $"estimated {bytes:N0} bytes, peak {peak:N0} above {before:N0}");
        bytes.ShouldBeGreaterThan(40 * 64_000 * sizeof(double));
    }

    /// <summary>A single pilot has few probes, so its spread is known to a quarter at best; their mean is.</summary>
    [Fact]
    public void Passes_of_a_trace_are_within_a_quarter_of_the_run_on_the_mean_of_ten_seeds()
    {
        var analysis = HessianAnalysis.Of(Given.TinyNetwork(), nn.CrossEntropyLoss(), Given.TinyBatches(200, 200, 112)).WithTrace(0.02, maximum: 5000);
        var seeds = Enumerable.Range(1, 10).ToList();
        var (estimated, taken) = (seeds.Average(seed => analysis.Estimate(seed).Products), seeds.Average(seed => analysis.Run(seed).Products));
        taken.ShouldBeGreaterThan(10, "or the fewest passes would do for both");
        (estimated / taken).ShouldBe(1, 0.25);
    }

    [Theory]
    [InlineData(320, true)]
    [InlineData(319, false)]
    public void A_run_says_beforehand_what_it_will_take_where_that_is_cheap(int samples, bool says)
    {
        var analysis = HessianAnalysis.Of(Given.TinyNetwork(), nn.CrossEntropyLoss(), Given.TinyBatches(samples)).WithTopEigenvalues(maximum: 5);
        var heard = new List<CurvatureProgress>();
        analysis.WithEstimate().Run(1, new Listener<CurvatureProgress>(heard.Add));
        heard[0].Done.ShouldBe(0);
        heard.ShouldAllBe(progress => progress.Estimate == heard[0].Estimate);
        (heard[0].Estimate?.Products).ShouldBe(says ? analysis.Estimate(1).Products : null);
        heard.Clear();
        analysis.Run(1, new Listener<CurvatureProgress>(heard.Add));
        heard.ShouldAllBe(progress => progress.Estimate == null);
    }

    [Fact]
    public void It_reads_as_a_sentence()
    {
        new CurvatureEstimate(1234, 12.3, 3_400_000).ToString().ShouldBe("about 1,234 Hessian products, 12 seconds, 3 MB at most");
        new CurvatureEstimate(10, 600, null).ToString().ShouldBe("about 10 Hessian products, 10 minutes");
        new CurvatureEstimate(10, 9000, null).ToString().ShouldBe("about 10 Hessian products, 2.5 hours");
    }
}
