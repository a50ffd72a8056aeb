using System.Diagnostics;
using TorchSharp;

namespace Hawq.Kit.Benchmarks;

/// <summary>Fine-tunings of one network and seed with its float self as teacher: in turn with all threads each, or at the same time; with a teacher's memory or without.</summary>
internal sealed class SideBySideBenchmark : Benchmark
{
    private const double LeastGain = 1.1;

    public override string Name => "side-by-side";

    public override string Description => "ResNet20, distilled 4-bit fine-tunings, one a thread: one after the other ÷ side by side, and with a teacher's memory";

    public override BenchmarkResult Run(BenchmarkOptions options)
    {
        var (count, epochs) = (Math.Max(2, options.Threads), options.Quick ? 1 : 10);
        var pictures = Cifar10.Read(Path.Combine(BenchmarkOptions.Root, "tests", "Hawq.Kit.Tests", "Fixtures", "cifar10-train-256.bin"));
        using var network = new CifarResNet(20, seed: 1);
        var samples = pictures.Take(32).Batches(32).ToList();
        var bits = HessianAnalysis.Of(network, torch.nn.CrossEntropyLoss(), samples).WithTopEigenvalues(tolerance: 0.5, maximum: 3).Run(1)
            .SensitivityTo(network, QuantizationScheme.MidRisePerChannel, CurvatureMeasure.TopEigenvalue, 2, 4).Uniform(4);
        var recipe = BlockwiseFineTuning.Of(network, bits, activationBits: 4).OrderedBy(BlockOrder.AllAtOnce).WithEpochs(epochs);
        var timings = Alternation.Of(
            options.Rounds,
            new("one after the other", () => All(atOnce: 1, remembers: false)), new("side by side", () => All(atOnce: count, remembers: false)),
            new("one after the other, memory", () => All(atOnce: 1, remembers: true)), new("side by side, memory", () => All(atOnce: count, remembers: true)));
        return new(
            Name, $"ResNet20, batch 128, float32, 4-bit weights and inputs, teacher; seconds of {count} fine-tunings of {epochs * pictures.Count / 128} steps, calibration and validation with them",
            timings, [Ratio.AtLeast($"one after the other ÷ {timings[3].Name}", timings[0].Median / timings[3].Median, LeastGain)],
            timings.Skip(1).ToDictionary(timing => $"one after the other ÷ {timing.Name}", timing => (object)(timings[0].Median / timing.Median)));

        double All(int atOnce, bool remembers)
        {
            using var teacher = new TeacherMemory(network);
            var tuning = recipe.WithDistillation(memory: remembers ? teacher : null);
            var clock = Stopwatch.StartNew();
            SideBySide.Run(
                [.. Enumerable.Range(0, count)],
                (_, stop) =>
                {
                    tuning.Run(pictures, pictures.Take(64), seed: 1, cancellation: stop).Network.Dispose();
                    return 0;
                },
                atOnce);
            return clock.Elapsed.TotalSeconds;
        }
    }
}
