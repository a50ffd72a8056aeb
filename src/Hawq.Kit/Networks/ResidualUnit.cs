using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Basic residual unit of the CIFAR ResNets with a parameter-free shortcut (option A; He et al. 2016, section 4.2).</summary>
/// <remarks>
/// y = ReLU(BN(conv3×3(ReLU(BN(conv3×3(x))))) + shortcut(x)). Where the unit halves the picture, the shortcut takes every
/// second pixel and pads the new channels with zeros, half of them before and half after.
/// </remarks>
internal sealed class ResidualUnit : nn.Module<Tensor, Tensor>, INetworkUnit
{
    private readonly ConvolutionLayer _conv1;
    private readonly ConvolutionLayer _conv2;
    private readonly BatchNorm2d _bn1;
    private readonly BatchNorm2d _bn2;
    private readonly bool _widens;
    private readonly long _added;

    public ResidualUnit(long input, long output, long stride, Generator generator)
        : base(nameof(ResidualUnit))
    {
        _conv1 = new ConvolutionLayer(ConvolutionShape.Square(input, output, 3, stride), generator);
        _conv2 = new ConvolutionLayer(ConvolutionShape.Square(output, output, 3), generator);
        _bn1 = nn.BatchNorm2d(output);
        _bn2 = nn.BatchNorm2d(output);
        _widens = stride != 1 || input != output;
        _added = (output - input) / 2;
        register_module("conv1", _conv1);
        register_module("bn1", _bn1);
        register_module("conv2", _conv2);
        register_module("bn2", _bn2);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var inner = _bn1.Rectified(_conv1.call(input));                                 // (N, C_out, H', W')
        return _bn2.RectifiedSum(_conv2.call(inner), Shortcut(input)).MoveToOuterDisposeScope();
    }

    private Tensor Shortcut(Tensor input)
    {
        if (!_widens)
        {
            return input;
        }

        var sampled = input[TensorIndex.Ellipsis, TensorIndex.Slice(step: 2), TensorIndex.Slice(step: 2)];
        return nn.functional.pad(sampled, [0, 0, 0, 0, _added, _added]);                // (N, C_out, H/2, W/2)
    }
}
