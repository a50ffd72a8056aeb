using System.Globalization;

namespace Hawq.Kit.Benchmarks;

/// <summary>Float training of ResNet20, kit ÷ PyTorch.</summary>
internal sealed class TrainingBenchmark : Benchmark
{
    public override string Name => "training";

    public override string Description => "ResNet20 float training, batch 128: kit ÷ PyTorch in its best layout";

    public override BenchmarkResult Run(BenchmarkOptions options)
    {
        using var single = new TrainingSteps(options);
        using var brain = new TrainingSteps(options, TrainingPrecision.BFloat16);
        string[] arguments = ["--threads", options.Threads.ToString(CultureInfo.InvariantCulture), "--steps", options.Quick ? "2" : "15", "--layout"];
        var timings = Alternation.Of(
            options.Rounds,
            new("kit, float32", single.Seconds),
            new("kit, bfloat16", brain.Seconds),
            PythonYardstick.Contestant("PyTorch, channels first", options, "training.py", [.. arguments, "channels-first"]),
            PythonYardstick.Contestant("PyTorch, channels last", options, "training.py", [.. arguments, "channels-last"]),
            PythonYardstick.WithTunedMalloc("PyTorch, channels first, malloc tuned", options, "training.py", [.. arguments, "channels-first"]),
            PythonYardstick.WithTunedMalloc("PyTorch, channels last, malloc tuned", options, "training.py", [.. arguments, "channels-last"]));
        var (best, tuned) = (Math.Min(timings[2].Median, timings[3].Median), Math.Min(timings[4].Median, timings[5].Median));
        return new(
            Name, "ResNet20, batch 128 of 32 × 32 pictures, SGD with Nesterov momentum; seconds of a step, median", timings,
            [
                Ratio.AtLeast("images/s in float32, kit ÷ PyTorch as installed, best layout", best / timings[0].Median, 1.5),
                Ratio.AtLeast("images/s in bfloat16, kit ÷ PyTorch as installed, best layout", best / timings[1].Median, 2.5),
                Ratio.AtLeast("images/s in float32, kit ÷ PyTorch with the kit's malloc settings, best layout", tuned / timings[0].Median, 1.5),
                Ratio.AtLeast("images/s in bfloat16, kit ÷ PyTorch with the kit's malloc settings, best layout", tuned / timings[1].Median, 2.5),
            ],
            new Dictionary<string, object> { ["imagesPerSecondFloat32"] = 128 / timings[0].Median, ["imagesPerSecondBFloat16"] = 128 / timings[1].Median });
    }
}
