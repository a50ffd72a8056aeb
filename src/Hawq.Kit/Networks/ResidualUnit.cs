using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Basic residual unit of the CIFAR ResNets with a parameter-free shortcut (option A; He et al. 2016, section 4.2).</summary>
/// <remarks>
/// y = ReLU(BN(conv3×3(ReLU(BN(conv3×3(x))))) + shortcut(x)). Where the unit halves the picture, the shortcut takes every
/// second pixel and pads the new channels with zeros, half of them before and half after.
/// </remarks>
internal sealed class ResidualUnit : nn.Module<Tensor, Tensor>, INetworkUnit, IGraphPart
{
    private readonly ConvolutionLayer _conv1;
    private readonly ConvolutionLayer _conv2;
    private readonly BatchNorm2d _bn1;
    private readonly BatchNorm2d _bn2;
    private readonly long? _added;

    public ResidualUnit(long input, long output, long stride, Generator generator)
        : base(nameof(ResidualUnit))
    {
        _conv1 = new ConvolutionLayer(ConvolutionShape.Square(input, output, 3, stride), generator);
        _conv2 = new ConvolutionLayer(ConvolutionShape.Square(output, output, 3), generator);
        _bn1 = nn.BatchNorm2d(output);
        _bn2 = nn.BatchNorm2d(output);
        _added = stride != 1 || input != output ? (output - input) / 2 : null;
        register_module("conv1", _conv1);
        register_module("bn1", _bn1);
        register_module("conv2", _conv2);
        register_module("bn2", _bn2);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (main, shortcut) = BranchFunction.Of(input, training, _added);
        var inner = _bn1.Rectified(_conv1.call(main));                                  // (N, C_out, H', W')
        return _bn2.RectifiedSum(_conv2.call(inner), shortcut).MoveToOuterDisposeScope();
    }

    public string Describe(INetworkGraph graph, string input)
    {
        var shortcut = _added is { } added ? graph.EverySecondPixel(input, added) : input;
        var inner = graph.Rectified(graph.Normalized(_bn1, graph.Layer(_conv1, input)));
        return graph.Rectified(graph.Sum(graph.Normalized(_bn2, graph.Layer(_conv2, inner)), shortcut));
    }
}
