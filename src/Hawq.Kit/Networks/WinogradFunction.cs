using System.Runtime.Intrinsics;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Hawq.Kit;

/// <summary>y = x ∗ W with 3 × 3 kernels, stride 1 and a border of 1, by <see cref="WinogradConvolution"/>: the path of a training step.</summary>
/// <remarks>
/// In float32 alone: libtorch's convolution in bfloat16 is as fast. Its gradient cannot be differentiated again; in evaluation
/// mode, where accuracies and Hessians are taken, layers use libtorch's convolution.
/// </remarks>
internal sealed class WinogradFunction : SingleTensorFunction<WinogradFunction>
{
    private const int Positions = 36;

    public override string Name => nameof(WinogradFunction);

    /// <summary>Whether it computes this convolution.</summary>
    public static bool Fits(ConvolutionShape shape, Tensor x, Tensor weight) =>
        Vector512.IsHardwareAccelerated && is_grad_enabled() && IsOfKind(shape)
        && weight.dtype == ScalarType.Float32 && x.dtype == ScalarType.Float32 && DenseMemory.FitsInRows(x);

    public static Tensor Of(Tensor x, Tensor weight) => apply(x, weight);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        using var scope = NewDisposeScope();
        var (x, weight) = ((Tensor)vars[0], (Tensor)vars[1]);
        ctx.save_for_backward([x, weight]);
        return Convolved(x, Expanded(weight.permute(2, 3, 1, 0))).MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var (x, weight, g) = (saved[0], saved[1], ChannelsLast.Of(grad_output));
        var ofInput = x.requires_grad ? Convolved(g, Expanded(weight.flip(2, 3).permute(2, 3, 0, 1))) : null;
        var ofWeight = weight.requires_grad ? WeightGradient(x, g) : null;
        saved.ForEach(tensor => tensor.Dispose());
        return GradientHandles.Returned(ofInput, ofWeight);
    }

    private static bool IsOfKind(ConvolutionShape shape) =>
        shape is { KernelHeight: 3, KernelWidth: 3, Stride: 1, Groups: 1, Bias: false, PaddingHeight: 1, PaddingWidth: 1 }
        && shape.In % 16 == 0 && shape.Out % 16 == 0;

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

    private static Tensor WeightGradient(Tensor x, Tensor g)
    {
        var (convolution, inputs, outputs) = (Over(x.shape), (int)x.shape[1], (int)g.shape[1]);
        var sums = zeros(convolution.SumCount, Positions, inputs, outputs);
        convolution.WeightGradient(DenseMemory.Address(x), inputs, DenseMemory.Address(g), outputs, DenseMemory.Address(sums));
        var (total, result) = (sums.sum(dim: 0), empty(3, 3, inputs, outputs));
        WinogradKernels.Contract(DenseMemory.Address(total), DenseMemory.Address(result), inputs * outputs);
        return result.permute(3, 2, 0, 1);
    }

    private static WinogradConvolution Over(long[] size) => new((int)size[0], (int)size[2], (int)size[3]);
}
