using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Convolution, batch norm, ReLU: what torchvision calls BasicConv2d and pytorchcv ConvBlock, with their names <c>conv</c> and <c>bn</c>.</summary>
internal sealed class NormalizedConvolution : NamedParts, IGraphPart
{
    private readonly ConvolutionLayer _conv;
    private readonly BatchNorm2d _bn;

    /// <param name="shape">Sizes of the convolution.</param>
    /// <param name="epsilon">What batch norm adds to the variance: 1e-5, in Inception-V3 1e-3.</param>
    /// <param name="generator">Source of the initial weights.</param>
    public NormalizedConvolution(ConvolutionShape shape, double epsilon, Generator generator)
        : base(nameof(NormalizedConvolution))
    {
        _conv = new ConvolutionLayer(shape, generator);
        _bn = nn.BatchNorm2d(shape.Out, eps: epsilon);
        register_module("conv", _conv);
        register_module("bn", _bn);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _bn.Rectified(_conv.call(input)).MoveToOuterDisposeScope();
    }

    public string Describe(INetworkGraph graph, string input) => graph.Rectified(graph.Normalized(_bn, graph.Layer(_conv, input)));
}
