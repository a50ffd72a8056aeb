using TorchSharp;
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

    /// <summary>
    /// The input in a layout of which libtorch 2.10 gives a right result. In float32 on the CPU with channels first in memory and 24
    /// input channels (12 without AVX-512), as in SqueezeNext of width 1.5, it gives a wrong one.
    /// </summary>
    internal Tensor Laid(Tensor input)
    {
        var isMiscomputed = Shape.In / _groups is 12 or 24 && input.dtype == ScalarType.Float32 && IsOnCpu(input) && input.stride(1) != 1;
        return isMiscomputed ? ChannelsLast.Of(input) : input;
    }

    private protected override Tensor Apply(Tensor input, Tensor weight)
    {
        if ((training || FastInference.IsOn) && WinogradFunction.Fits(Shape, input, weight))
        {
            return WinogradFunction.Of(input, weight);
        }

        using var scope = NewDisposeScope();
        var (cast, bias) = (As(weight, input)!, As(Bias, input));
        var output = Shape.IsPointwise && IsOnCpu(input)
            ? Product(input, cast, bias)
            : nn.functional.conv2d(Laid(input), cast, bias, _stride, _padding, groups: _groups);
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// A 1×1 convolution as the matrix product that it is. libtorch 2.10's own ends the process by a divide error for some sizes on
    /// CPUs with AVX-512: strided with 512 channels in its derivative, 1024 → 2048 with channels last in the forward pass.
    /// </summary>
    private Tensor Product(Tensor input, Tensor weight, Tensor? bias)
    {
        var read = Shape.Stride == 1 ? input : input.slice(2, 0, input.shape[2], Shape.Stride).slice(3, 0, input.shape[3], Shape.Stride);
        var rows = read.permute(0, 2, 3, 1);                                            // (N, H', W', C_in)
        return nn.functional.linear(rows, weight.view(Shape.Out, Shape.In), bias).permute(0, 3, 1, 2);
    }

    private static bool IsOnCpu(Tensor input) => input.device.type == DeviceType.CPU;

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
