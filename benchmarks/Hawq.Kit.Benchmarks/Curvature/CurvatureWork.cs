using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace Hawq.Kit.Benchmarks;

/// <summary>What all contestants work on: the trained ResNet20, 1,024 pictures of CIFAR-10 in batches of 128, the 11 blocks.</summary>
internal sealed class CurvatureWork : IDisposable
{
    public const int BatchSize = 128;

    private readonly string _folder = Path.Combine(BenchmarkOptions.Root, "data", "cifar10");
    private readonly PlainResNet20 _plain;
    private readonly IReadOnlyList<Batch> _rows;

    public CurvatureWork(BenchmarkOptions options)
    {
        Network = new CifarResNet(20);
        Network.LoadWeights(Checkpoint).eval();
        Pictures = options.Quick ? 128 : 1024;
        Batches = [.. Cifar10.Load(_folder).Train.Take(Pictures).Batches(BatchSize)];
        Blocks = BlockPartition.ByUnit.Of(Network);
        _plain = new PlainResNet20(Network);
        _plain.eval();
        _rows = [.. Batches.Select(batch => new Batch(batch.Inputs.contiguous(), batch.Targets.alias()))];
        Yardstick = new FullNetworkHessian(_plain, _rows);
        Places = FullNetworkHessian.Places(Network, Blocks);
    }

    public static string Checkpoint { get; } = Path.Combine(BenchmarkOptions.Root, "models", "resnet20-cifar10.safetensors");

    public int Pictures { get; }

    public CifarResNet Network { get; }

    public IReadOnlyList<Batch> Batches { get; }

    public IReadOnlyList<Block> Blocks { get; }

    /// <summary>Full-network products of the plain network, channels first.</summary>
    public FullNetworkHessian Yardstick { get; }

    /// <summary>Of each block's weights among the network's parameters.</summary>
    public IReadOnlyList<int[]> Places { get; }

    /// <summary>The work in words; they name the checkpoint's content, so that counts of another are made anew.</summary>
    public string Words => $"ResNet20 ({Path.GetFileName(Checkpoint)} {Fingerprint.Of(File.ReadAllBytes(Checkpoint))}), {Blocks.Count} blocks, the first {Pictures:N0} training pictures of CIFAR-10 in batches of {BatchSize}";

    public HessianAnalysis Analysis => HessianAnalysis.Of(Network, nn.CrossEntropyLoss(), Batches);

    /// <summary>Seconds of one product of the yardstick over all pictures; the block does not matter to its time.</summary>
    public double Product()
    {
        using var v = ones([Blocks[0].WeightCount]);
        var clock = Stopwatch.StartNew();
        Yardstick.Multiply(Places[0], v).Dispose();
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>One product of the script over all pictures; the block does not matter to its time.</summary>
    public Contestant Python(string name, BenchmarkOptions options) => PythonYardstick.Contestant(
        name, options, "curvature.py", "--threads", Text(options.Threads), "--checkpoint", Checkpoint, "--data", _folder,
        "--pictures", Text(Pictures), "--batch", Text(BatchSize), "--block", "0", "--products", "1");

    /// <summary>Largest ‖difference‖ ÷ ‖H·v‖ of the kit's and the yardstick's product over the blocks, for a random v.</summary>
    public double ProductDifference()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        using var graphs = new GradientGraphs(new EmpiricalRisk(Network, nn.CrossEntropyLoss(), Batches), Blocks, 0);
        return Enumerable.Range(0, Blocks.Count).Max(b =>
        {
            using var inner = NewDisposeScope();
            var v = randn([Blocks[b].WeightCount], generator: generator);
            var kit = graphs.Product(b, v);
            return (kit - Yardstick.Multiply(Places[b], v)).norm().item<float>() / kit.norm().item<float>();
        });
    }

    public void Dispose()
    {
        Network.Dispose();
        _plain.Dispose();
        foreach (var batch in Batches.Concat(_rows))
        {
            batch.Dispose();
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
