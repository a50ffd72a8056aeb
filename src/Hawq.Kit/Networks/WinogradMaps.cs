using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The three linear maps of a 3 × 3 convolution with stride 1 and a border of 1, in float32, by <see cref="WinogradConvolution"/>.</summary>
internal static class WinogradMaps
{
    private const int Positions = 36;

    /// <summary>With fewer tiles of 4 × 4 pixels the kernels, four times as large here, cost more than they save.</summary>
    private const long FewestTiles = 32;

    /// <summary>Whether they compute a convolution of these sizes, in any layout.</summary>
    /// <param name="shape">Its sizes.</param>
    /// <param name="one">x or g, (N, C, H, W).</param>
    /// <param name="other">Another of x, g and W.</param>
    public static bool Fit(ConvolutionShape shape, Tensor one, Tensor other) => Vector512.IsHardwareAccelerated
        && shape is { KernelHeight: 3, KernelWidth: 3, Stride: 1, Groups: 1, Bias: false, PaddingHeight: 1, PaddingWidth: 1 }
        && shape.In % 16 == 0 && shape.Out % 16 == 0 && IsPlain(one) && IsPlain(other) && Tiles(one) >= FewestTiles;

    /// <summary>x ∗ W.</summary>
    public static Tensor Forward(Tensor x, Tensor weight) => Convolved(ChannelsLast.Of(x), Expanded(weight.permute(2, 3, 1, 0)));

    /// <summary>Wᵀg, the gradient by the input.</summary>
    public static Tensor Data(Tensor g, Tensor weight) => Convolved(ChannelsLast.Of(g), Expanded(weight.flip(2, 3).permute(2, 3, 0, 1)));

    /// <summary>Σ g xᵀ, the gradient by the weight.</summary>
    public static Tensor Weight(Tensor g, Tensor x)
    {
        var (images, gradients) = (ChannelsLast.Of(x), ChannelsLast.Of(g));
        var (convolution, inputs, outputs) = (Over(x.shape), (int)x.shape[1], (int)g.shape[1]);
        var sums = zeros(convolution.SumCount, Positions, inputs, outputs);
        convolution.WeightGradient(DenseMemory.Address(images), inputs, DenseMemory.Address(gradients), outputs, DenseMemory.Address(sums));
        var (total, result) = (convolution.SumCount == 1 ? sums : sums.sum(dim: 0), empty(3, 3, inputs, outputs));
        WinogradKernels.Contract(DenseMemory.Address(total), DenseMemory.Address(result), inputs * outputs);
        return result.permute(3, 2, 0, 1);
    }

    private static long Tiles(Tensor pictures) => pictures.shape[0] * ((pictures.shape[2] + 3) / 4) * ((pictures.shape[3] + 3) / 4);

    private static bool IsPlain(Tensor tensor) => tensor.dtype == ScalarType.Float32 && DenseMemory.IsPlain(tensor);

    /// <summary>(3, 3, inputs, outputs) → (36, inputs, outputs).</summary>
    private static Tensor Expanded(Tensor kernels)
    {
        var (planes, result) = (kernels.contiguous(), empty(Positions, kernels.shape[2], kernels.shape[3]));
        WinogradKernels.Expand(DenseMemory.Address(planes), DenseMemory.Address(result), (int)(kernels.shape[2] * kernels.shape[3]));
        return result;
    }

    private static Tensor Convolved(Tensor x, Tensor numbers)
    {
        var (size, outputs) = (x.shape, (int)numbers.shape[2]);
        var y = empty(size[0], size[2], size[3], outputs).permute(0, 3, 1, 2);
        Over(size).Forward(DenseMemory.Address(x), (int)size[1], DenseMemory.Address(numbers), DenseMemory.Address(y), outputs);
        return y;
    }

    private static WinogradConvolution Over(long[] size) => new((int)size[0], (int)size[2], (int)size[3]);
}
