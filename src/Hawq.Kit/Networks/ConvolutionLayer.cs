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
        _stride = [shape.Dense.Stride, shape.Dense.Stride];
        _padding = [shape.PaddingHeight, shape.PaddingWidth];
        _groups = shape.Groups;
    }

    /// <summary>The sizes that it was made with.</summary>
    public ConvolutionShape Shape { get; }

    /// <summary>The input as <see cref="ConvolutionShape.Dense"/> takes it: the pixels that are read, in a layout that libtorch computes right.</summary>
    internal Tensor Taken(Tensor input)
    {
        var read = Shape.PixelsRead(input);
        return IsMiscomputed(read) ? ChannelsLast.Of(read) : read;
    }

    private protected override Tensor Apply(Tensor input, Tensor weight)
    {
        using var scope = NewDisposeScope();
        var taken = Taken(input);
        var output = IsPointwise && IsSingleOnCpu(taken) && input.stride(1) == 1
            ? Product(taken, weight)
            : nn.functional.conv2d(taken, As(weight, input)!, As(Bias, input), _stride, _padding, groups: _groups);
        return output.MoveToOuterDisposeScope();
    }

    private bool IsPointwise => Shape is { KernelHeight: 1, KernelWidth: 1, PaddingHeight: 0, PaddingWidth: 0, Groups: 1 };

    /// <summary>
    /// A 1×1 convolution of channels-last pictures as the matrix product that it is; libtorch 2.10's own ended the process by a
    /// divide error for ResNet50's 1024 → 2048 at 4 × 4 pixels.
    /// </summary>
    private Tensor Product(Tensor input, Tensor weight)
    {
        var rows = input.permute(0, 2, 3, 1);                                           // (N, H', W', C_in)
        return nn.functional.linear(rows, weight.view(Shape.Out, Shape.In), Bias).permute(0, 3, 1, 2);
    }

    private static bool IsSingleOnCpu(Tensor input) => input.dtype == ScalarType.Float32 && input.device.type == DeviceType.CPU;

    /// <summary>The float32 parameters are rounded to the input's type where that is narrower.</summary>
    private static Tensor? As(Tensor? parameter, Tensor input) =>
        parameter is null || parameter.dtype == input.dtype ? parameter : parameter.to(input.dtype);

    /// <summary>
    /// Whether libtorch 2.10 would give a wrong result: float32 on the CPU with channels first in memory and 24 input channels (12
    /// without AVX-512), as in SqueezeNext of width 1.5. Channels last are right, so the input is laid so.
    /// </summary>
    private bool IsMiscomputed(Tensor input) => Shape.In / _groups is 12 or 24 && IsSingleOnCpu(input) && input.stride(1) != 1;

    private static ConvolutionShape Validated(ConvolutionShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        shape.Validate();
        return shape;
    }
}
