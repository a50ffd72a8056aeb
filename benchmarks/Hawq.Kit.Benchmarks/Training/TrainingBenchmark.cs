using System.Globalization;

namespace Hawq.Kit.Benchmarks;

/// <summary>Float training of ResNet20, kit ÷ PyTorch.</summary>
internal sealed class TrainingBenchmark : Benchmark
{
    public override string Name => "training";

    public override string Description => "ResNet20 float training, batch 128: kit ÷ PyTorch in its best layout";

    /// <remarks>bfloat16 takes part where the CPU multiplies it; elsewhere one of its steps takes longer than all the others together.</remarks>
    public override BenchmarkResult Run(BenchmarkOptions options)
    {
        (string Name, TrainingPrecision Precision, double Least)[] kits =
            [("float32", TrainingPrecision.Float32, 1.5), ("bfloat16", TrainingPrecision.BFloat16, 2.5)];
        kits = [.. kits.Where(kit => kit.Precision == TrainingPrecision.Float32 || kit.Precision == TrainingPrecisions.Fastest)];
        var steps = kits.Select(kit => new TrainingSteps(options, kit.Precision)).ToList();
        string[] arguments = ["--threads", options.Threads.ToString(CultureInfo.InvariantCulture), "--steps", options.Quick ? "2" : "15", "--layout"];
        IReadOnlyList<Contestant> contestants =
        [
            .. kits.Zip(steps, (kit, its) => new Contestant($"kit, {kit.Name}", its.Seconds)),
            PythonYardstick.Contestant("PyTorch, channels first", options, "training.py", [.. arguments, "channels-first"]),
            PythonYardstick.Contestant("PyTorch, channels last", options, "training.py", [.. arguments, "channels-last"]),
            PythonYardstick.WithTunedMalloc("PyTorch, channels first, malloc tuned", options, "training.py", [.. arguments, "channels-first"]),
            PythonYardstick.WithTunedMalloc("PyTorch, channels last, malloc tuned", options, "training.py", [.. arguments, "channels-last"]),
        ];
        var timings = Alternation.Of(options.Rounds, contestants);
        steps.ForEach(its => its.Dispose());
        var yardsticks = timings.Skip(kits.Length).Select(timing => timing.Median).ToList();
        (string Name, double Seconds)[] bests =
            [("as installed", Math.Min(yardsticks[0], yardsticks[1])), ("with the kit's malloc settings", Math.Min(yardsticks[2], yardsticks[3]))];
        return new(
            Name, "ResNet20, batch 128 of 32 × 32 pictures, SGD with Nesterov momentum; seconds of a step, median", timings,
            [
                .. bests.SelectMany(best => kits.Select((kit, k) => Ratio.AtLeast(
                    $"images/s in {kit.Name}, kit ÷ PyTorch {best.Name}, best layout", best.Seconds / timings[k].Median, kit.Least))),
            ],
            kits.Index().ToDictionary(kit => $"imagesPerSecond{kit.Item.Precision}", kit => (object)(128 / timings[kit.Index].Median)));
    }
}
