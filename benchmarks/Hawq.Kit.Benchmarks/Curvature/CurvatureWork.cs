using static TorchSharp.torch;

namespace Hawq.Kit.Benchmarks;

/// <summary>What all contestants work on: the trained ResNet20, 1,024 pictures of CIFAR-10 in batches of 128, the 11 blocks.</summary>
internal sealed class CurvatureWork : IDisposable
{
    public const int BatchSize = 128;

    public CurvatureWork(BenchmarkOptions options)
    {
        var folder = Path.Combine(BenchmarkOptions.Root, "data", "cifar10");
        Network = new CifarResNet(20);
        Network.LoadWeights(Checkpoint).eval();
        Pictures = options.Quick ? 256 : 1024;
        Batches = [.. Cifar10.Load(folder).Train.Take(Pictures).Batches(BatchSize)];
        Blocks = BlockPartition.ByUnit.Of(Network);
        _plain = new PlainResNet20(Network);
        _plain.eval();
        _rows = [.. Batches.Select(batch => new Batch(batch.Inputs.contiguous(), batch.Targets.alias()))];
        Yardstick = new FullNetworkHessian(_plain, _rows);
        Places = FullNetworkHessian.Places(Network, Blocks);
    }

    private readonly PlainResNet20 _plain;
    private readonly IReadOnlyList<Batch> _rows;

    public static string Checkpoint { get; } = Path.Combine(BenchmarkOptions.Root, "models", "resnet20-cifar10.safetensors");

    public int Pictures { get; }

    public CifarResNet Network { get; }

    public IReadOnlyList<Batch> Batches { get; }

    public IReadOnlyList<Block> Blocks { get; }

    /// <summary>Full-network products of the plain network, channels first.</summary>
    public FullNetworkHessian Yardstick { get; }

    /// <summary>Of each block's weights among the network's parameters.</summary>
    public IReadOnlyList<int[]> Places { get; }

    public HessianAnalysis Analysis => HessianAnalysis.Of(Network, nn.CrossEntropyLoss(), Batches);

    public void Dispose()
    {
        Network.Dispose();
        _plain.Dispose();
        foreach (var batch in Batches.Concat(_rows))
        {
            batch.Dispose();
        }
    }
}
