using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Hawq.Kit.Benchmarks;

/// <summary>λ of every block of the three ImageNet networks within two memory budgets, each in a process of its own.</summary>
internal sealed class MemoryBudgetBenchmark : Benchmark
{
    private const double Rounding = 1e-3;

    public override string Name => "memory-budget";

    public override string Description => "λ of all blocks at 224 and 299 pixels: the process's peak memory within 4 GB and less, and that the values agree";

    public override BenchmarkResult Run(BenchmarkOptions options)
    {
        var pictures = options.Quick ? 2 : 8;
        using var folder = new PictureTree(pictures);
        double[] gigabytes = options.Quick ? [2, 1] : [4, 1.5];
        var (ratios, timings, facts) = (new List<Ratio>(), new List<Timing>(), new Dictionary<string, object>());
        foreach (var network in MemoryBudgetRun.Networks)
        {
            var runs = gigabytes.Select(budget => Child(network, (long)(budget * 1e9), folder.Path, options)).ToList();
            foreach (var (run, budget) in runs.Zip(gigabytes))
            {
                var name = FormattableString.Invariant($"{network} within {budget} GB");
                Console.WriteLine(FormattableString.Invariant($"{name}: peak {run.Peak / 1e9:F2} GB, {run.Before / 1e9:F2} GB before, {run.Seconds:F0} s"));
                ratios.Add(Ratio.AtMost($"{name}, (peak − before − vectors of Lanczos) ÷ budget", (run.Peak - run.Before - run.Vectors) / (budget * 1e9), 1));
                timings.Add(new Timing(name, [run.Seconds], run.Seconds));
                facts[name] = new { run.Before, run.Peak, run.Vectors, run.Loss, run.Eigenvalues };
            }

            var difference = runs[0].Eigenvalues.Zip(runs[1].Eigenvalues, (a, b) => Math.Abs(a - b) / Math.Abs(a)).Max();
            ratios.Add(Ratio.AtMost($"{network}, {runs[0].Eigenvalues.Count} blocks, largest relative difference of λ", difference, Rounding));
        }

        return new(
            Name, $"{pictures} pictures ({folder.Words}), top eigenvalue by {MemoryBudgetRun.Products} products a block, {options.Threads} threads", timings, ratios, facts);
    }

    private static MemoryBudgetRun Child(string network, long bytes, string folder, BenchmarkOptions options)
    {
        var program = Environment.ProcessPath!;
        string[] host = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(MemoryBudgetBenchmark).Assembly.Location] : [];
        var start = new ProcessStartInfo(program, [.. host, MemoryBudgetRun.CommandName, network, bytes.ToString(CultureInfo.InvariantCulture), folder])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["OMP_NUM_THREADS"] = options.Threads.ToString(CultureInfo.InvariantCulture);
        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return process.ExitCode == 0 && lines.Length > 0
            ? JsonSerializer.Deserialize<MemoryBudgetRun>(lines[^1])!
            : throw new InvalidOperationException($"{network} within {bytes:N0} bytes ended with code {process.ExitCode}.");
    }
}
