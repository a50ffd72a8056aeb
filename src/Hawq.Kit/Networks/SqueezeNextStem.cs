using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Stem of SqueezeNext: a convolution and a 3×3 max-pool of stride 2, or a 3×3 convolution alone for small pictures.</summary>
internal sealed class SqueezeNextStem : NamedParts, IGraphPart
{
    private readonly NormalizedConvolution _conv;
    private readonly bool _pools;

    public SqueezeNextStem(ConvolutionShape shape, bool pools, Generator generator)
        : base(nameof(SqueezeNextStem))
    {
        _conv = new NormalizedConvolution(shape, SqueezeNext.Epsilon, generator);
        _pools = pools;
        register_module("conv", _conv);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = _conv.call(input);                                                          // (N, C, H/2, W/2)
        return (_pools ? nn.functional.max_pool2d(x, 3, 2, ceil_mode: true) : x).MoveToOuterDisposeScope();
    }

    public string Describe(INetworkGraph graph, string input)
    {
        var x = _conv.Describe(graph, input);
        return _pools ? graph.MaxPooled(x, 3, 2, roundsUp: true) : x;
    }
}
