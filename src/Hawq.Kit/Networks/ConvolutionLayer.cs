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

    private protected override Tensor Apply(Tensor input, Tensor weight)
    {
        using var scope = NewDisposeScope();
        var laid = IsMiscomputed(input) ? input.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : input;
        return nn.functional.conv2d(laid, weight, Bias, _stride, _padding, groups: _groups).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Whether libtorch 2.10 would give a wrong result: float32 on the CPU with channels first in memory and 24 input channels (12
    /// without AVX-512), as in SqueezeNext of width 1.5. Channels last are right, so the input is laid so.
    /// </summary>
    private bool IsMiscomputed(Tensor input) =>
        Shape.In / _groups is 12 or 24 && input.dtype == ScalarType.Float32 && input.device.type == DeviceType.CPU && input.stride(1) != 1;

    private static ConvolutionShape Validated(ConvolutionShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        shape.Validate();
        return shape;
    }
}
