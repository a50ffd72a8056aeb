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
        _stride = [shape.Stride, shape.Stride];
        _padding = [shape.PaddingHeight, shape.PaddingWidth];
        _groups = shape.Groups;
    }

    /// <summary>The sizes that it was made with.</summary>
    public ConvolutionShape Shape { get; }

    private protected override Tensor Apply(Tensor input, Tensor weight) =>
        nn.functional.conv2d(input, As(weight, input)!, As(Bias, input), _stride, _padding, groups: _groups);

    /// <summary>The float32 parameters are rounded to the input's type where that is narrower.</summary>
    private static Tensor? As(Tensor? parameter, Tensor input) =>
        parameter is null || parameter.dtype == input.dtype ? parameter : parameter.to(input.dtype);

    private static ConvolutionShape Validated(ConvolutionShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        shape.Validate();
        return shape;
    }
}
