using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Unit of SqueezeNext: two 1×1 squeezes, a 3×3 kernel split in 1×3 and 3×1, a 1×1 expansion (Gholami et al. 2018, section 3).</summary>
/// <remarks>
/// y = ReLU(main(x) + shortcut(x)); main has C_in/r, C_in/2r, C_in/r, C_in/r, C_out channels. r = 1 where the unit halves the
/// picture, 4 where it has fewer channels after than before (both with a 1×1 projection as shortcut), else 2. Every
/// convolution has a bias, batch norm and ReLU. Definition and names are pytorchcv's.
/// </remarks>
internal sealed class SqueezeNextUnit : NamedParts, INetworkUnit
{
    private const double Epsilon = 1e-5;

    private readonly NormalizedConvolution[] _main;
    private readonly NormalizedConvolution? _projection;

    public SqueezeNextUnit(long input, long output, long stride, Generator generator)
        : base(nameof(SqueezeNextUnit))
    {
        var projects = stride != 1 || input > output;
        var reduction = stride != 1 ? 1 : projects ? 4 : 2;
        var (wide, narrow) = (input / reduction, input / (2 * reduction));
        ConvolutionShape[] shapes =
        [
            ConvolutionShape.Square(input, wide, 1, stride),
            ConvolutionShape.Square(wide, narrow, 1),
            new(narrow, wide, 1, 3) { PaddingWidth = 1 },
            new(wide, wide, 3, 1) { PaddingHeight = 1 },
            ConvolutionShape.Square(wide, output, 1),
        ];
        _main = [.. shapes.Select(shape => new NormalizedConvolution(shape with { Bias = true }, Epsilon, generator))];
        for (var k = 0; k < _main.Length; k++)
        {
            register_module($"conv{k + 1}", _main[k]);
        }

        if (projects)
        {
            _projection = new NormalizedConvolution(
                ConvolutionShape.Square(input, output, 1, stride) with { Bias = true }, Epsilon, generator);
            register_module("identity_conv", _projection);
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var shortcut = _projection is null ? input : _projection.call(input);
        var main = _main.Aggregate(input, (x, convolution) => convolution.call(x));         // (N, C_out, H', W')
        return (main + shortcut).relu_().MoveToOuterDisposeScope(); // no add_: ReLU's gradient needs the output of main
    }
}
