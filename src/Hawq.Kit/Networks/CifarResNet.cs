using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>
/// ResNet for 32 × 32 pictures: depth 6n + 2, three stages of n residual units with 16, 32, 64 channels, option-A shortcuts
/// (He et al. 2016, section 4.2). Depth 20 is the network of HAWQ's Table 1.
/// </summary>
/// <remarks>
/// ResNet20 has 269,722 parameters, of which 268,336 are conv and linear weights. Names of parameters are those of the
/// public <c>akamaster/pytorch_resnet_cifar10</c> checkpoints (<c>layer1.0.conv1.weight</c>, <c>linear.bias</c>).
/// Input (N, 3, 32, 32), output logits (N, classes).
/// </remarks>
public sealed class CifarResNet : Network
{
    private readonly int _depth;
    private readonly int _classes;
    private readonly ConvolutionLayer _conv1;
    private readonly BatchNorm2d _bn1;
    private readonly Sequential[] _stages;
    private readonly LinearLayer _linear;

    /// <summary>Makes a network with weights drawn from a seed.</summary>
    /// <param name="depth">6n + 2 with n ≥ 1: 8, 14, 20, 32, 44, 56, 110 …; 20 is the paper's.</param>
    /// <param name="classes">Number of classes, 10 for CIFAR-10.</param>
    /// <param name="seed">Seed of the initial weights (Kaiming normal).</param>
    /// <exception cref="ArgumentOutOfRangeException">The depth is not 6n + 2, or there are fewer than 2 classes.</exception>
    public CifarResNet(int depth = 20, int classes = 10, long seed = 0)
        : base($"ResNet{depth} (CIFAR, option A)")
    {
        if (depth < 8 || (depth - 2) % 6 != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(depth), depth, "A CIFAR ResNet has depth 6n + 2 with n ≥ 1: 8, 14, 20, 32, 44, 56, 110 …");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        (_depth, _classes) = (depth, classes);
        using var generator = new Generator((ulong)seed);
        var units = (depth - 2) / 6;
        _conv1 = new ConvolutionLayer(ConvolutionShape.Square(3, 16, 3), generator);
        _bn1 = nn.BatchNorm2d(16);
        _stages = [Stage(16, 16, 1), Stage(16, 32, 2), Stage(32, 64, 2)];
        _linear = new LinearLayer(64, classes, generator);
        register_module("conv1", _conv1);
        register_module("bn1", _bn1);
        for (var k = 0; k < 3; k++)
        {
            register_module($"layer{k + 1}", _stages[k]);
        }

        register_module("linear", _linear);

        Sequential Stage(long input, long output, long stride) => nn.Sequential(Enumerable.Range(0, units).Select(
            k => (k.ToString(System.Globalization.CultureInfo.InvariantCulture),
                (nn.Module<Tensor, Tensor>)new ResidualUnit(k == 0 ? input : output, output, k == 0 ? stride : 1, generator))));
    }

    /// <inheritdoc/>
    public override Network NewInstance() => new CifarResNet(_depth, _classes);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = _bn1.Rectified(_conv1.call(input));                                     // (N, 16, 32, 32)
        foreach (var stage in _stages)
        {
            x = stage.call(x);
        }

        var features = x.mean([2, 3]);                                                  // (N, 64)
        return _linear.call(features).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override string Describe(INetworkGraph graph, string input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var x = graph.Rectified(graph.Normalized(_bn1, graph.Layer(_conv1, input)));
        x = _stages.Aggregate(x, (y, stage) => stage.Describe(graph, y));
        return graph.Layer(_linear, graph.PixelMean(x));
    }
}
