using BenchmarkDotNet.Attributes;
using static TorchSharp.torch;

namespace Hawq.Kit.Benchmarks;

/// <summary>The same numbers from libtorch's operators and from one of the kit's kernels. BenchmarkDotNet asks for public classes that are not sealed.</summary>
public abstract class KernelPair
{
    /// <summary>Size of the activations.</summary>
    [ParamsSource(nameof(Layers))]
    public KernelLayer Layer { get; set; }

    /// <summary>Values of <see cref="Layer"/>.</summary>
    public static IEnumerable<KernelLayer> Layers => KernelLayer.OfResNet20;

    /// <summary>What both compute.</summary>
    public abstract string Work { get; }

    /// <summary>Tensors that both read.</summary>
    [GlobalSetup]
    public void SetUp() => Make();

    /// <summary>By libtorch.</summary>
    [Benchmark(Baseline = true)]
    public void Libtorch() => ByLibtorch();

    /// <summary>By the kit.</summary>
    [Benchmark]
    public void Kit() => ByKit();

    /// <summary>The tensors.</summary>
    protected abstract void Make();

    /// <summary>libtorch's operators.</summary>
    protected abstract void ByLibtorch();

    /// <summary>The kit's kernel.</summary>
    protected abstract void ByKit();

    /// <summary>A forward and a backward pass.</summary>
    protected static void Pass(Func<Tensor> forward, Tensor gradient, params IList<Tensor> inputs)
    {
        using var scope = NewDisposeScope();
        autograd.grad([forward()], inputs, [gradient]);
    }
}
