using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Bottleneck unit of the ImageNet ResNets: 1×1, 3×3, 1×1 convolution with a shortcut (He et al. 2016, figure 5).</summary>
/// <remarks>
/// y = ReLU(BN(conv1×1(ReLU(BN(conv3×3(ReLU(BN(conv1×1(x)))))))) + shortcut(x)), with C_out = 4 · width. The shortcut is a 1×1
/// convolution with batch norm where the sizes change, else x itself. Names are torchvision's.
/// </remarks>
internal sealed class Bottleneck : NamedParts, INetworkUnit, IGraphPart
{
    public const long Expansion = 4;

    private readonly ConvolutionLayer[] _convolutions;
    private readonly BatchNorm2d[] _norms;
    private readonly Sequential? _projection;

    public Bottleneck(long input, long width, long stride, ResNetStride strides, Generator generator)
        : base(nameof(Bottleneck))
    {
        var output = Expansion * width;
        var (first, second) = strides == ResNetStride.OnFirstOneByOne ? (stride, 1L) : (1L, stride);
        _convolutions =
        [
            new ConvolutionLayer(ConvolutionShape.Square(input, width, 1, first), generator),
            new ConvolutionLayer(ConvolutionShape.Square(width, width, 3, second), generator),
            new ConvolutionLayer(ConvolutionShape.Square(width, output, 1), generator),
        ];
        _norms = [nn.BatchNorm2d(width), nn.BatchNorm2d(width), nn.BatchNorm2d(output)];
        for (var k = 0; k < 3; k++)
        {
            register_module($"conv{k + 1}", _convolutions[k]);
            register_module($"bn{k + 1}", _norms[k]);
        }

        if (stride != 1 || input != output)
        {
            _projection = nn.Sequential(
                ("0", new ConvolutionLayer(ConvolutionShape.Square(input, output, 1, stride), generator)), ("1", nn.BatchNorm2d(output)));
            register_module("downsample", _projection);
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (x, entry) = BranchFunction.Of(input, training);
        for (var k = 0; k < 2; k++)
        {
            x = _norms[k].Rectified(_convolutions[k].call(x));
        }

        var shortcut = _projection is null ? entry : _projection.call(entry);
        return _norms[2].RectifiedSum(_convolutions[2].call(x), shortcut).MoveToOuterDisposeScope();      // (N, C_out, H', W')
    }

    public string Describe(INetworkGraph graph, string input)
    {
        var x = input;
        for (var k = 0; k < 2; k++)
        {
            x = graph.Rectified(graph.Normalized(_norms[k], graph.Layer(_convolutions[k], x)));
        }

        var shortcut = _projection is null ? input : _projection.Describe(graph, input);
        return graph.Rectified(graph.Sum(graph.Normalized(_norms[2], graph.Layer(_convolutions[2], x)), shortcut));
    }
}
