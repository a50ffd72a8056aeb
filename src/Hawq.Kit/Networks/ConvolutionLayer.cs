using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A 2-D convolution: input (N, C_in, H, W), output (N, C_out, H', W').</summary>
public sealed class ConvolutionLayer : WeightLayer
{
    private readonly long[] _stride;
    private readonly long[] _padding;
    private readonly long _groups;

    /// <summary>Makes a convolution with weights drawn from <paramref name="generator"/>.</summary>
    /// <param name="shape">Its sizes.</param>
    /// <param name="generator">Source of the initial weights (Kaiming normal, fan-in; He et al. 2015).</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public ConvolutionLayer(ConvolutionShape shape, Generator generator)
        : base(nameof(ConvolutionLayer), Validated(shape).WeightSizes, shape.Bias, generator)
    {
        Shape = shape;
        _stride = [shape.Dense.Stride, shape.Dense.Stride];
        _padding = [shape.PaddingHeight, shape.PaddingWidth];
        _groups = shape.Groups;
    }

    /// <summary>The sizes that it was made with.</summary>
    public ConvolutionShape Shape { get; }

    private protected override Tensor Apply(Tensor input, Tensor weight) =>
        nn.functional.conv2d(Shape.PixelsRead(input), weight, Bias, _stride, _padding, groups: _groups);

    private static ConvolutionShape Validated(ConvolutionShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        shape.Validate();
        return shape;
    }
}
