namespace Hawq.Kit.Benchmarks;

/// <summary>Traces of all blocks of ResNet20: the kit beside plain Hutchinson with full-network products.</summary>
internal sealed class TracesBenchmark : Benchmark
{
    public override string Name => "traces";

    public override string Description => "ResNet20, traces of the 11 blocks, 1,024 pictures, standard error ≤ 5 %: plain Hutchinson ÷ kit";

    public override BenchmarkResult Run(BenchmarkOptions options)
    {
        using var work = new CurvatureWork(options);
        var counts = YardstickCounts.HutchinsonProbes(work, options);
        var analysis = work.Analysis.WithTrace(0.05);
        var estimate = EstimatedRun.Of(analysis);
        CurvatureReport report = null!;
        var timings = Alternation.Of(
            options.Rounds,
            new("kit, all blocks", () => (report = analysis.Run(1)).Seconds),
            new("full-network product on the same libtorch", work.Product));
        var total = counts.Total(YardstickCounts.Probes);
        return new(
            Name, $"{work.Words}; kit: {report.Settings}; yardstick: one Rademacher probe after another for each block, full-network products, graph anew for each batch", timings,
            [
                Ratio.AtLeast("plain Hutchinson on the same libtorch ÷ kit", total * timings[1].Median / timings[0].Median, 8),
                Ratio.AtMost("largest standard error ÷ trace, kit", report.Blocks.Max(block => block.Trace!.RelativeError), 0.05),
                Ratio.AtMost("largest difference of a trace, kit and yardstick, in standard errors of both", report.Blocks.Zip(counts.Blocks, Deviation).Max(), 4),
                .. estimate.Ratios(report, timings[0]),
            ],
            new Dictionary<string, object>(estimate.Facts(timings[0]))
            {
                ["measured"] = "the kit's whole analysis; one full-network product over all pictures, alternating with it",
                ["multiplied"] = "the yardstick's seconds are those of its product × the probes that Hutchinson needs for all blocks by the spread of 16 (hutchinson-probes.json), known to about 8 %",
                ["kitPasses"] = report.Products,
                ["kitTraces"] = report.Blocks.ToDictionary(block => block.Block.Name, block => block.Trace!.ToString()),
                ["yardstickProbes"] = total,
            });
    }

    private static double Deviation(BlockCurvature kit, KeptCounts.Row yardstick) =>
        Math.Abs(kit.Trace!.Value - yardstick.Value) / double.Hypot(kit.Trace.StandardError, yardstick.Error);
}
