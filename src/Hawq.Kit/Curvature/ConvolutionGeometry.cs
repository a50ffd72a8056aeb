using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A convolution's sizes with its three linear maps.</summary>
/// <param name="Shape">Stride, padding, groups and the weight's sizes.</param>
/// <param name="Input">Height and width of its input.</param>
/// <param name="Bias">(C_out), constant, or <see langword="null"/>.</param>
internal sealed record ConvolutionGeometry(ConvolutionShape Shape, (long Height, long Width) Input, Tensor? Bias)
{
    private long[] Stride => [Shape.Stride, Shape.Stride];

    private long[] Padding => [Shape.PaddingHeight, Shape.PaddingWidth];

    public ConvolutionGeometry WithoutBias() => this with { Bias = null };

    /// <summary>x ∗ W + bias.</summary>
    public Tensor Forward(Tensor x, Tensor weight)
    {
        using var scope = NewDisposeScope();
        return (WinogradMaps.Fit(Shape, x, weight)
            ? WinogradMaps.Forward(x, weight)
            : nn.functional.conv2d(x, weight, Bias, Stride, Padding, groups: Shape.Groups)).MoveToOuterDisposeScope();
    }

    /// <summary>Wᵀg, (N, C_in, H, W).</summary>
    public Tensor Data(Tensor g, Tensor weight)
    {
        using var scope = NewDisposeScope();
        return (WinogradMaps.Fit(Shape, g, weight) ? WinogradMaps.Data(g, weight) : nn.functional.conv_transpose2d(
            g, weight, null, Stride, Padding,
            [Left(Input.Height, g.shape[2], Shape.PaddingHeight, Shape.KernelHeight), Left(Input.Width, g.shape[3], Shape.PaddingWidth, Shape.KernelWidth)],
            groups: Shape.Groups)).MoveToOuterDisposeScope();
    }

    /// <summary>Σ g xᵀ, in the shape of the weight.</summary>
    public Tensor Weight(Tensor g, Tensor x)
    {
        using var scope = NewDisposeScope();
        if (WinogradMaps.Fit(Shape, g, x))
        {
            return WinogradMaps.Weight(g, x).MoveToOuterDisposeScope();
        }

        using var recording = enable_grad();
        var weight = zeros(Shape.WeightSizes, x.dtype, x.device, requires_grad: true);
        var y = WithoutBias().Forward(x.detach(), weight);
        return autograd.grad([y], [weight], [g.detach()]).Single().MoveToOuterDisposeScope();
    }

    /// <summary>Rows that a strided convolution left over at the end, which the transposed one must add.</summary>
    private long Left(long input, long output, long padding, long kernel) => input - (((output - 1) * Shape.Stride) - (2 * padding) + kernel);
}
