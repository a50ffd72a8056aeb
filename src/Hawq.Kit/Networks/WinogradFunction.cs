using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Hawq.Kit;

/// <summary>y = x ∗ W with 3 × 3 kernels, stride 1 and a border of 1, by <see cref="WinogradMaps"/>: the path of a training step.</summary>
/// <remarks>
/// In float32 alone: libtorch's convolution in bfloat16 is as fast. Its gradient cannot be differentiated again; Hessian products
/// take the same maps by <see cref="ConvolutionGeometry"/>, and accuracies are measured with libtorch's convolution.
/// </remarks>
internal sealed class WinogradFunction : SingleTensorFunction<WinogradFunction>
{
    public override string Name => nameof(WinogradFunction);

    /// <summary>Whether it computes this convolution, without another copy of the input.</summary>
    public static bool Fits(ConvolutionShape shape, Tensor x, Tensor weight) =>
        DenseMemory.FitsInRows(x) && WinogradMaps.Fit(shape, x, weight); // (N, C, H, W) first: the maps ask for its sizes

    public static Tensor Of(Tensor x, Tensor weight)
    {
        if (is_grad_enabled())
        {
            return apply(x, weight);
        }

        using var scope = NewDisposeScope(); // without gradients a function would leave the handles that it saved
        return WinogradMaps.Forward(x, weight).MoveToOuterDisposeScope();
    }

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        using var scope = NewDisposeScope();
        var (x, weight) = ((Tensor)vars[0], (Tensor)vars[1]);
        ctx.save_for_backward([x, weight]);
        return WinogradMaps.Forward(x, weight).MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        using var call = GradientHandles.Received(grad_output);
        var saved = ctx.get_saved_variables();
        var (x, weight) = (saved[0], saved[1]);
        var ofInput = x.requires_grad ? WinogradMaps.Data(grad_output, weight) : null;
        var ofWeight = weight.requires_grad ? WinogradMaps.Weight(grad_output, x) : null;
        return GradientHandles.Returned(ofInput, ofWeight);
    }
}
