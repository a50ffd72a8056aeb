using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Hawq.Kit.Benchmarks;

/// <summary>The kit's kernels beside libtorch's operators, measured by BenchmarkDotNet in this process, where libtorch is prepared.</summary>
internal sealed class KernelsBenchmark : Benchmark
{
    private const double NanosecondsOfSecond = 1e9;

    public override string Name => "kernels";

    public override string Description => "Convolution, batch norm and fake quantization at the sizes of ResNet20: kit ÷ libtorch";

    public override BenchmarkResult Run(BenchmarkOptions options)
    {
        Type[] pairs = [typeof(ConvolutionKernels), typeof(NormalizationKernels), typeof(BrainNormalizationKernels), typeof(SnapKernels)];
        var reports = BenchmarkRunner.Run(pairs, Configuration(options)).SelectMany(summary => summary.Reports).ToList();
        var timings = reports.Select(Measured).ToList();
        var ratios = Enumerable.Range(0, reports.Count / 2).Select(k => KitByLibtorch(timings[(2 * k) + 1], timings[2 * k]));
        return new(Name, "batch 128; seconds of a pass, median", timings, [.. ratios], new Dictionary<string, object>());
    }

    private static Ratio KitByLibtorch(Timing kit, Timing libtorch) => Ratio.AtMost($"{kit.Name} ÷ libtorch", kit.Median / libtorch.Median, 1);

    private static ManualConfig Configuration(BenchmarkOptions options)
    {
        var job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(options.Quick ? 1 : 5 * options.Rounds);
        return ManualConfig.CreateEmpty().AddJob(job).AddColumnProvider(DefaultColumnProviders.Instance).AddLogger(ConsoleLogger.Default)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "hawq-kernels")).WithOptions(ConfigOptions.DisableLogFile);
    }

    private static Timing Measured(BenchmarkReport report)
    {
        var pair = (KernelPair)Activator.CreateInstance(report.BenchmarkCase.Descriptor.Type)!;
        var layer = report.BenchmarkCase.Parameters[nameof(KernelPair.Layer)];
        var seconds = report.AllMeasurements.Where(m => m.Is(BenchmarkDotNet.Engines.IterationMode.Workload, BenchmarkDotNet.Engines.IterationStage.Result))
            .Select(m => m.Nanoseconds / m.Operations / NanosecondsOfSecond).ToList();
        return new($"{pair.Work}, {layer}: {report.BenchmarkCase.Descriptor.WorkloadMethod.Name}", seconds, Alternation.Median(seconds));
    }
}
