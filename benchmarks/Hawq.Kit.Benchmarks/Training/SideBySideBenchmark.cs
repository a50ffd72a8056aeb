using System.Diagnostics;
using TorchSharp;

namespace Hawq.Kit.Benchmarks;

/// <summary>
/// Fine-tunings of one network and seed with its float self as teacher: one after the other with all threads, and at the same time with a
/// thread each and a <see cref="TeacherMemory"/> between them.
/// </summary>
internal sealed class SideBySideBenchmark : Benchmark
{
    private const double LeastGain = 1.05;

    public override string Name => "side-by-side";

    public override string Description => "ResNet20, a distilled 4-bit fine-tuning for each thread: one after the other ÷ side by side with a teacher's memory";

    public override BenchmarkResult Run(BenchmarkOptions options)
    {
        var pictures = Cifar10.Read(Path.Combine(BenchmarkOptions.Root, "tests", "Hawq.Kit.Tests", "Fixtures", "cifar10-train-256.bin"));
        using var network = new CifarResNet(20, seed: 1);
        var samples = pictures.Take(32).Batches(32).ToList();
        var bits = HessianAnalysis.Of(network, torch.nn.CrossEntropyLoss(), samples).WithTopEigenvalues(tolerance: 0.5, maximum: 3).Run(1)
            .SensitivityTo(network, QuantizationScheme.MidRisePerChannel, CurvatureMeasure.TopEigenvalue, 2, 4).Uniform(4);
        var recipe = BlockwiseFineTuning.Of(network, bits, activationBits: 4).OrderedBy(BlockOrder.AllAtOnce).WithEpochs(options.Quick ? 1 : 10);
        var timings = Alternation.Of(
            options.Rounds,
            new Contestant("one after the other", () => Timed(() => All(options, _ => Tune(recipe.WithDistillation())))),
            new Contestant("side by side", () =>
            {
                var teacher = new TeacherMemory(network);
                return Timed(() => SideBySide.Run(Numbers(options), (_, _) => Tune(recipe.WithDistillation(memory: teacher))));
            }));
        return new(
            Name, "ResNet20, batch 128, float32, 4-bit weights and inputs, teacher; seconds of 20 steps of each fine-tuning, calibration and validation with them", timings,
            [Ratio.AtLeast("one after the other ÷ side by side", timings[0].Median / timings[1].Median, LeastGain)],
            new Dictionary<string, object> { ["fineTunings"] = options.Threads });

        double Tune(BlockwiseFineTuning tuning)
        {
            var report = tuning.Run(pictures, pictures.Take(64), seed: 1);
            report.Network.Dispose();
            return report.Seconds;
        }
    }

    private static int[] Numbers(BenchmarkOptions options) => [.. Enumerable.Range(1, options.Threads)];

    private static void All(BenchmarkOptions options, Action<int> run) => Array.ForEach(Numbers(options), run);

    private static double Timed(Action work)
    {
        var clock = Stopwatch.StartNew();
        work();
        return clock.Elapsed.TotalSeconds;
    }
}
