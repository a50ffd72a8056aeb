using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using static TorchSharp.torch;

namespace Hawq.Kit.Benchmarks;

/// <summary>What one process measured.</summary>
/// <param name="Before">Resident bytes with the network and the pictures, before the analysis.</param>
/// <param name="Peak">Most resident bytes of the process, by the kernel's count.</param>
/// <param name="Vectors">Bytes of Lanczos' vectors for the largest block, which no budget bounds.</param>
/// <param name="Seconds">What the analysis took.</param>
/// <param name="Loss">Mean loss of the pictures.</param>
/// <param name="Eigenvalues">λ of each block, in network order.</param>
internal sealed record MemoryBudgetRun(long Before, long Peak, long Vectors, double Seconds, double Loss, IReadOnlyList<double> Eigenvalues)
{
    public const int Products = 2;
    public const string CommandName = "memory-budget-run";

    private const int SettlingPasses = 40; // batch norm moves by a tenth each time: 1.5 % of the start is left

    public static IReadOnlyList<string> Networks { get; } = ["ResNet50", "Inception-V3", "SqueezeNext"];

    /// <summary>The sub-command of the measuring process.</summary>
    public static Command Command()
    {
        var network = new Argument<string>("network");
        var bytes = new Argument<long>("bytes");
        var folder = new Argument<string>("folder");
        var command = new Command(CommandName, "One measurement of memory-budget, printed as JSON.") { network, bytes, folder };
        command.Hidden = true;
        command.SetAction(parse => Console.WriteLine(JsonSerializer.Serialize(
            Measure(parse.GetValue(network)!, parse.GetValue(bytes), parse.GetValue(folder)!))));
        return command;
    }

    private static MemoryBudgetRun Measure(string name, long bytes, string folder)
    {
        var (network, side, settlingSide) = Made(name);
        var pictures = ImageFolder.Open(folder, side).WithWorkers(1);
        var samples = pictures.Batches(pictures.Count).ToList();
        Settle(network, folder, settlingSide);
        var before = Environment.WorkingSet;
        var clock = Stopwatch.StartNew();
        var report = HessianAnalysis.Of(network, nn.CrossEntropyLoss(), samples)
            .WithTopEigenvalues(tolerance: 1e-9, maximum: Products).WithinMemory(bytes).Run(seed: 0);
        return new(
            before,
            PeakResident(),
            (Products + 2) * 4 * report.Blocks.Max(block => block.Block.WeightCount),
            clock.Elapsed.TotalSeconds,
            report.Loss,
            [.. report.Blocks.Select(block => block.TopEigenvalue)]);
    }

    private static (Network Network, int Side, int SettlingSide) Made(string name) => name switch
    {
        "ResNet50" => (new ImageNetResNet(), 224, 128),
        "Inception-V3" => (new InceptionV3(dropout: 0), 299, 160),
        "SqueezeNext" => (new SqueezeNext(), 224, 128),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, $"Expected one of {string.Join(", ", Networks)}."),
    };

    /// <summary>Gives batch norm the statistics of small copies: with those of a fresh network, activations of its weights saturate softmax.</summary>
    private static void Settle(Network network, string folder, int side)
    {
        using var _ = no_grad();
        network.train();
        var pictures = ImageFolder.Open(folder, side).WithWorkers(1);
        foreach (var batch in pictures.Batches(pictures.Count))
        {
            for (var k = 0; k < SettlingPasses; k++)
            {
                network.call(batch.Inputs).Dispose();
            }

            batch.Dispose();
        }
    }

    /// <summary>The kernel's high-water mark of resident memory.</summary>
    private static long PeakResident() => 1024 * long.Parse(
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
