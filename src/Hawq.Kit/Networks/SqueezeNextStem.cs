using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Stem of SqueezeNext: 7×7 convolution of stride 2 and a 3×3 max-pool of stride 2, or a 3×3 convolution for small pictures.</summary>
internal sealed class SqueezeNextStem : NamedParts
{
    private readonly NormalizedConvolution _conv;
    private readonly bool _pools;

    public SqueezeNextStem(long channels, bool smallPictures, Generator generator)
        : base(nameof(SqueezeNextStem))
    {
        var shape = smallPictures
            ? ConvolutionShape.Square(3, channels, 3)
            : new ConvolutionShape(3, channels, 7, 7) { Stride = 2, PaddingHeight = 1, PaddingWidth = 1 };
        _conv = new NormalizedConvolution(shape with { Bias = true }, 1e-5, generator);
        _pools = !smallPictures;
        register_module("conv", _conv);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = _conv.call(input);                                                          // (N, C, H/2, W/2)
        return (_pools ? nn.functional.max_pool2d(x, 3, 2, ceil_mode: true) : x).MoveToOuterDisposeScope();
    }
}
