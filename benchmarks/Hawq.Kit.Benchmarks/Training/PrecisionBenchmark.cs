using System.Globalization;

namespace Hawq.Kit.Benchmarks;

/// <summary>Whether training in bfloat16 ends where training in float32 does: a short schedule on CIFAR-10, several seeds of each.</summary>
/// <remarks>
/// Each training keeps its state under <c>data/</c>, so that a stopped run goes on. 20,000 pictures are held out: on 5,000, two equally
/// good networks of a seed would differ by half a point, by the choice of the pictures alone.
/// </remarks>
internal sealed class PrecisionBenchmark : Benchmark
{
    private const double MostDifference = 0.2;

    public override string Name => "precision";

    public override string Description => "ResNet20 on CIFAR-10, short schedule, a seed a round: final accuracy in bfloat16 − float32";

    public override BenchmarkResult Run(BenchmarkOptions options)
    {
        var (all, _) = Cifar10.Load(Path.Combine(BenchmarkOptions.Root, "data", "cifar10"));
        var (train, held) = all.Split(20_000, seed: 2019);
        var epochs = options.Quick ? 1 : 6;
        var states = new List<string>();
        var accuracies = new Dictionary<TrainingPrecision, List<double>> { [TrainingPrecision.Float32] = [], [TrainingPrecision.BFloat16] = [] };
        var timings = Alternation.Of(options.Rounds, [.. accuracies.Keys.Select(precision => new Contestant($"{precision}, {epochs} epochs", () => Train(precision)))]);
        states.ForEach(File.Delete); // a later run measures anew
        var (single, brain) = (accuracies[TrainingPrecision.Float32], accuracies[TrainingPrecision.BFloat16]);
        var difference = brain.Average() - single.Average();
        return new(
            Name, $"ResNet20, {epochs} epochs on {train.Count:N0} pictures, one cycle to 0.1; seconds of a training", timings,
            [Ratio.AtMost("percentage points between the mean accuracies, bfloat16 and float32", Math.Abs(difference), MostDifference)],
            new Dictionary<string, object>
            {
                ["accuracyFloat32"] = single,
                ["accuracyBFloat16"] = brain,
                ["meanDifference"] = difference,
                ["standardErrorOfDifference"] = Math.Sqrt((Variance(single) + Variance(brain)) / options.Rounds),
            });

        double Train(TrainingPrecision precision)
        {
            var seed = accuracies[precision].Count + 1;
            var state = Path.Combine(BenchmarkOptions.Root, "data", string.Create(CultureInfo.InvariantCulture, $"precision-{precision}-{epochs}-{seed}.state"));
            states.Add(state);
            var report = NetworkTraining.Of(new CifarResNet(20, seed: seed)).WithEpochs(epochs)
                .With(Optimization.Sgd(0.1) with { WeightDecay = 5e-4, Schedule = LearningRateSchedule.OneCycle(0.2) })
                .With(precision).WithCheckpoint(state).Run(train, held.Take(1000), seed);
            accuracies[precision].Add(Accuracy.Of(report.Network, held).Percent);
            return report.Epochs.Sum(epoch => epoch.Seconds);
        }
    }

    private static double Variance(List<double> values) =>
        values.Count < 2 ? double.NaN : values.Sum(value => Math.Pow(value - values.Average(), 2)) / (values.Count - 1);
}
