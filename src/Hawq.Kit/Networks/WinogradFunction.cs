using System.Runtime.Intrinsics;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Hawq.Kit;

/// <summary>y = x ∗ W with 3 × 3 kernels, stride 1 and a border of 1, by <see cref="WinogradConvolution{TLanes}"/>: the path of a training step.</summary>
/// <remarks>
/// W is float32, x and y are float32 or bfloat16, sums are float32. Its gradient cannot be differentiated again; in evaluation mode,
/// where accuracies and Hessians are taken, layers use libtorch's convolution.
/// </remarks>
internal sealed class WinogradFunction : SingleTensorFunction<WinogradFunction>
{
    private const int Positions = 36;

    public override string Name => nameof(WinogradFunction);

    /// <summary>Whether it computes this convolution.</summary>
    public static bool Fits(ConvolutionShape shape, Tensor x, Tensor weight) =>
        Vector512.IsHardwareAccelerated && is_grad_enabled() && IsOfKind(shape) && weight.dtype == ScalarType.Float32 && DenseMemory.FitsInRows(x);

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
        var (size, outputs) = (x.shape, numbers.shape[2]);
        var y = empty([size[0], size[2], size[3], outputs], dtype: x.dtype).permute(0, 3, 1, 2);
        var (read, weights, written, inputs) = (DenseMemory.Address(x), DenseMemory.Address(numbers), DenseMemory.Address(y), (int)size[1]);
        if (x.dtype == ScalarType.Float32)
        {
            Over<SingleLanes>(size).Forward(read, inputs, weights, written, (int)outputs);
        }
        else
        {
            Over<BrainLanes>(size).Forward(read, inputs, weights, written, (int)outputs);
        }

        return y;
    }

    private static Tensor WeightGradient(Tensor x, Tensor g)
    {
        var (size, inputs, outputs) = (x.shape, (int)x.shape[1], (int)g.shape[1]);
        var (read, gradients) = (DenseMemory.Address(x), DenseMemory.Address(g));
        Tensor sums;
        if (x.dtype == ScalarType.Float32)
        {
            var convolution = Over<SingleLanes>(size);
            sums = zeros(convolution.SumCount, Positions, inputs, outputs);
            convolution.WeightGradient(read, inputs, gradients, outputs, DenseMemory.Address(sums));
        }
        else
        {
            var convolution = Over<BrainLanes>(size);
            sums = zeros(convolution.SumCount, Positions, inputs, outputs);
            convolution.WeightGradient(read, inputs, gradients, outputs, DenseMemory.Address(sums));
        }

        var (total, result) = (sums.sum(dim: 0), empty(3, 3, inputs, outputs));
        WinogradKernels.Contract(DenseMemory.Address(total), DenseMemory.Address(result), inputs * outputs);
        return result.permute(3, 2, 0, 1);
    }

    private static WinogradConvolution<TLanes> Over<TLanes>(long[] size)
        where TLanes : struct, ILanes => new((int)size[0], (int)size[2], (int)size[3]);
}
