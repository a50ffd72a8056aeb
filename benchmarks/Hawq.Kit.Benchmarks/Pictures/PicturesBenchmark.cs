using System.Diagnostics;
using System.Globalization;

namespace Hawq.Kit.Benchmarks;

/// <summary>How fast pictures of a folder become batches, and whether memory stays flat meanwhile.</summary>
internal sealed class PicturesBenchmark : Benchmark
{
    private const int BatchSize = 64;
    private const double PicturesPerSecond = 150;
    private const double Growth = 1.05;

    public override string Name => "pictures";

    public override string Description => "JPEG files to normalised batches at 224 pixels: kit beside torchvision and PIL; memory over the pass";

    public override BenchmarkResult Run(BenchmarkOptions options)
    {
        using var folder = new PictureTree(options.Quick ? 200 : 2500);
        var source = ImageFolder.Open(folder.Path).WithWorkers(options.Threads);
        var memory = new MemoryOverPass();
        var processor = new List<double>();
        Seconds(source.Take(BatchSize).Batches(BatchSize), BatchSize, memory, []); // compiles
        var timings = Alternation.Of(
            options.Rounds,
            new("kit, evaluation", () => Seconds(source.Batches(BatchSize), source.Count, memory, processor)),
            new("kit, training", () => Seconds(source.TrainingBatches(BatchSize, Augmentation.CropAndFlip, 0, 0), source.Count, memory, processor)),
            Yardstick("torchvision, evaluation", options, folder, "evaluation"),
            Yardstick("torchvision, training", options, folder, "training"));
        var rates = timings.Select(timing => source.Count / timing.Median).ToList();
        return new(
            Name, $"{source.Count:N0} files ({folder.Words}), {options.Threads} decoding threads or processes, batch {BatchSize}; seconds of a pass", timings,
            [
                Ratio.AtLeast("pictures/s, evaluation (resize to 256, middle 224)", rates[0], PicturesPerSecond),
                Ratio.AtLeast("pictures/s, training (random resized crop, flip)", rates[1], PicturesPerSecond),
                Ratio.AtLeast("pictures/s, evaluation, kit ÷ torchvision", rates[0] / rates[2], 1),
                Ratio.AtLeast("pictures/s, training, kit ÷ torchvision", rates[1] / rates[3], 1),
                Ratio.AtMost("resident memory, last quarter of the last pass ÷ its second quarter", memory.Growth, Growth),
            ],
            new Dictionary<string, object>
            {
                ["picturesPerSecond"] = timings.Select((timing, k) => (timing.Name, rates[k])).ToDictionary(pair => pair.Name, pair => Math.Round(pair.Item2, 1)),
                ["residentMegabytesByTenthOfLastPass"] = memory.ByTenth(),
                ["kitProcessorMillisecondsPerPicture"] = Math.Round(1000 * Alternation.Median(processor) / source.Count, 2),
                ["meanFileKilobytes"] = Math.Round(folder.MeanBytes / 1e3, 1),
            });
    }

    private static Contestant Yardstick(string name, BenchmarkOptions options, PictureTree folder, string mode) =>
        PythonYardstick.Contestant(
            name, options, "pictures.py", "--folder", folder.Path, "--workers", options.Threads.ToString(CultureInfo.InvariantCulture),
            "--batch", BatchSize.ToString(CultureInfo.InvariantCulture), "--mode", mode);

    private static double Seconds(IEnumerable<Batch> batches, int count, MemoryOverPass memory, List<double> processor)
    {
        memory.Begin(count);
        var (clock, busy) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var seen = 0L;
        foreach (var batch in batches)
        {
            seen += batch.Size;
            batch.Dispose();
            memory.Note(seen);
        }

        processor.Add((Environment.CpuUsage.TotalTime - busy).TotalSeconds);
        return seen > count - BatchSize
            ? clock.Elapsed.TotalSeconds * count / seen // a training pass leaves out the last smaller batch
            : throw new InvalidOperationException($"{seen} of {count} pictures came; expected all.");
    }
}
