namespace Hawq.Kit.Benchmarks;

/// <summary>λ of all blocks of ResNet20: the kit beside PyHessian's algorithm on the same libtorch and on Debian's PyTorch.</summary>
internal sealed class EigenvaluesBenchmark : Benchmark
{
    public override string Name => "eigenvalues";

    public override string Description => "ResNet20, λ of the 11 blocks, 1,024 pictures, residual ≤ 1 %: PyHessian's algorithm ÷ kit";

    public override BenchmarkResult Run(BenchmarkOptions options)
    {
        using var work = new CurvatureWork(options);
        var counts = YardstickCounts.PowerIterations(work, options);
        var analysis = work.Analysis.WithTopEigenvalues(tolerance: 0.01);
        var estimate = EstimatedRun.Of(analysis);
        CurvatureReport report = null!;
        var timings = Alternation.Of(
            options.Rounds,
            new("kit, all blocks", () => (report = analysis.Run(1)).Seconds),
            new("full-network product on the same libtorch", work.Product),
            work.Python("full-network product on PyTorch", options));
        var agreement = EigenvalueAgreement.Of(work, counts);
        return new(
            Name, $"{work.Words}; kit: {report.Settings}; yardsticks: power iteration, PyHessian's full-network products, graph anew for each batch", timings,
            [
                .. Ratios(YardstickCounts.ResidualRule), .. Ratios(YardstickCounts.OwnRule),
                .. agreement.Ratios, .. estimate.Ratios(report, timings[0]),
            ],
            new Dictionary<string, object>(estimate.Facts(timings[0]).Concat(agreement.Facts))
            {
                ["measured"] = "the kit's whole analysis; one product over all pictures of each yardstick, alternating with it",
                ["multiplied"] = "a yardstick's seconds are those of its product × the products that power iteration needs for all blocks (power-iterations.json)",
                ["kitProducts"] = report.Products,
                ["kitEigenvalues"] = report.Blocks.ToDictionary(block => block.Block.Name, block => block.TopEigenvalue),
                ["yardstickProducts"] = new[] { YardstickCounts.ResidualRule, YardstickCounts.OwnRule }.ToDictionary(rule => rule, counts.Total),
                ["productDifference"] = work.ProductDifference(),
            });

        IEnumerable<Ratio> Ratios(string rule) =>
        [
            Ratio.AtLeast($"PyHessian's algorithm on the same libtorch ÷ kit, {rule}", counts.Total(rule) * timings[1].Median / timings[0].Median, 10),
            Ratio.AtLeast($"PyHessian's algorithm on PyTorch ÷ kit, {rule}", counts.Total(rule) * timings[2].Median / timings[0].Median, 40),
        ];
    }
}
