using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The three linear maps of a 3 × 3 convolution with stride 1 and a border of 1, in float32, by <see cref="WinogradConvolution"/>.</summary>
/// <remarks>The kernels write float32 to memory of the CPU, so each tensor says both: torch's defaults are the user's to change.</remarks>
internal static unsafe class WinogradMaps
{
    private const int Positions = 36;

    /// <summary>With fewer tiles of 4 × 4 pixels the kernels, four times as large here, cost more than they save.</summary>
    private const long FewestTiles = 32;

    /// <summary>Whether they compute a convolution of these sizes, in any layout.</summary>
    /// <param name="shape">Its sizes.</param>
    /// <param name="one">x or g, (N, C, H, W).</param>
    /// <param name="other">Another of x, g and W.</param>
    public static bool Fit(ConvolutionShape shape, Tensor one, Tensor other) => Vector256.IsHardwareAccelerated
        && shape is { KernelHeight: 3, KernelWidth: 3, Stride: 1, Groups: 1, Bias: false, PaddingHeight: 1, PaddingWidth: 1 }
        && shape.In % 16 == 0 && shape.Out % 16 == 0 && IsPlain(one) && IsPlain(other) && Tiles(one) >= FewestTiles;

    /// <summary>x ∗ W.</summary>
    public static Tensor Forward(Tensor x, Tensor weight) => Forward(x, weight, WinogradPasses.Widest);

    /// <inheritdoc cref="Forward(Tensor, Tensor)"/>
    public static Tensor Forward(Tensor x, Tensor weight, WinogradPasses passes) =>
        Convolved(ChannelsLast.Of(x), weight.permute(2, 3, 1, 0), passes);

    /// <summary>Wᵀg, the gradient by the input.</summary>
    public static Tensor Data(Tensor g, Tensor weight) => Data(g, weight, WinogradPasses.Widest);

    /// <inheritdoc cref="Data(Tensor, Tensor)"/>
    public static Tensor Data(Tensor g, Tensor weight, WinogradPasses passes) =>
        Convolved(ChannelsLast.Of(g), weight.flip(2, 3).permute(2, 3, 0, 1), passes);

    /// <summary>Σ g xᵀ, the gradient by the weight.</summary>
    public static Tensor Weight(Tensor g, Tensor x) => Weight(g, x, WinogradPasses.Widest);

    /// <inheritdoc cref="Weight(Tensor, Tensor)"/>
    public static Tensor Weight(Tensor g, Tensor x, WinogradPasses passes)
    {
        var (images, gradients) = (ChannelsLast.Of(x), ChannelsLast.Of(g));
        var (convolution, inputs, outputs) = (Over(x.shape, passes), (int)x.shape[1], (int)g.shape[1]);
        var sums = zeros(convolution.SumCount, Positions, inputs, outputs, ScalarType.Float32, CPU);
        convolution.WeightGradient(DenseMemory.Address(images), inputs, DenseMemory.Address(gradients), outputs, DenseMemory.Address(sums));
        var (total, result) = (convolution.SumCount == 1 ? sums : sums.sum(dim: 0), empty(3, 3, inputs, outputs, ScalarType.Float32, CPU));
        passes.Contract(DenseMemory.Address(total), DenseMemory.Address(result), inputs * outputs);
        return result.permute(3, 2, 0, 1);
    }

    private static long Tiles(Tensor pictures) => pictures.shape[0] * ((pictures.shape[2] + 3) / 4) * ((pictures.shape[3] + 3) / 4);

    private static bool IsPlain(Tensor tensor) => tensor.dtype == ScalarType.Float32 && DenseMemory.IsPlain(tensor);

    /// <param name="x">(N, inputs, H, W).</param>
    /// <param name="kernels">(3, 3, inputs, outputs).</param>
    /// <param name="passes">Its loops.</param>
    private static Tensor Convolved(Tensor x, Tensor kernels, WinogradPasses passes)
    {
        var (size, inputs, outputs) = (x.shape, (int)kernels.shape[2], (int)kernels.shape[3]);
        if (size[1] != inputs)
        {
            // the loops would read past its end
            throw new ArgumentException($"Received an input of shape ({string.Join(", ", size)}); expected {inputs} channels, those of the layer's weight.", nameof(x));
        }

        var (planes, numbers) = (kernels.contiguous(), empty(Positions, inputs, outputs, ScalarType.Float32, CPU));
        passes.Expand(DenseMemory.Address(planes), DenseMemory.Address(numbers), inputs * outputs);
        var y = empty(size[0], size[2], size[3], outputs, ScalarType.Float32, CPU).permute(0, 3, 1, 2);
        Over(size, passes).Forward(DenseMemory.Address(x), inputs, DenseMemory.Address(numbers), DenseMemory.Address(y), outputs);
        return y;
    }

    private static WinogradConvolution Over(long[] size, WinogradPasses passes) => new((int)size[0], (int)size[2], (int)size[3], passes);
}
