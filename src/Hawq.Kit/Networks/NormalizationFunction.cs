using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Hawq.Kit;

/// <summary>y = act(γ · (x − μ) / σ + β + r) with the batch's own μ and σ, forward in two passes over memory and backward in two.</summary>
/// <remarks>
/// act is ReLU or nothing; r, the other branch of a residual unit, may be absent. Statistics, γ and β are float32, sums of the
/// batch float64, x, r and y float32 or bfloat16. Its gradient cannot be differentiated again; in evaluation mode, where
/// Hessians are taken, networks use libtorch's batch norm.
/// </remarks>
internal sealed class NormalizationFunction : SingleTensorFunction<NormalizationFunction>
{
    public override string Name => nameof(NormalizationFunction);

    /// <param name="x">(N, C, H, W), channels last.</param>
    /// <param name="gain">γ, (C).</param>
    /// <param name="offset">β, (C).</param>
    /// <param name="residual">r, of x's shape and type, or <see langword="null"/>.</param>
    /// <param name="pass">A pass over x, which then knows μ and the variance of the batch.</param>
    /// <param name="rectifies">Whether ReLU follows.</param>
    public static Tensor Of(Tensor x, Tensor gain, Tensor offset, Tensor? residual, INormalizationPass pass, bool rectifies) =>
        apply(x, gain, offset, residual!, pass, rectifies);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var (x, gain, offset, residual) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (Tensor?)vars[3]);
        var (pass, rectifies) = ((INormalizationPass)vars[4], (bool)vars[5]);
        using var rows = residual is null ? null : ChannelsLast.Of(residual);
        var mask = rectifies ? empty(x.numel() / x.shape[1], SignMask.Bytes((int)x.shape[1]), ScalarType.Byte) : null;
        var y = empty_like(x);
        pass.Measure();
        pass.Forward(y, rows, rectifies, mask, gain.data<float>().ToArray(), offset.data<float>().ToArray());
        ctx.save_for_backward(mask is null ? [x, gain] : [x, gain, mask]); // x, so that the memory which the pass reads stays
        ctx.save_data("pass", pass);
        ctx.save_data("residual", residual is { requires_grad: true });
        return y;
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        using var call = GradientHandles.Received(grad_output);
        var saved = ctx.get_saved_variables();
        var result = empty_like(saved[0]);
        var residual = (bool)ctx.get_data("residual") ? empty_like(saved[0]) : null;
        var (gain, offset) = ((INormalizationPass)ctx.get_data("pass")).Backward(
            ChannelsLast.Of(grad_output), saved.ElementAtOrDefault(2), saved[1].data<float>().ToArray(), result, residual);
        return GradientHandles.Returned(result, tensor(gain), tensor(offset), residual, null, null);
    }
}
