using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Hawq.Kit;

/// <summary>Q(x) of x clipped to [0, α] on 2^b − 1 steps, with a gradient for α (PACT; Choi et al. 2018, equations 1–3).</summary>
/// <remarks>∂Q/∂α = 1 where x ≥ α, else 0; ∂Q/∂x = 1 where 0 ≤ x &lt; α, else 0.</remarks>
internal sealed class LearnedClipFunction : SingleTensorFunction<LearnedClipFunction>
{
    public override string Name => nameof(LearnedClipFunction);

    public static Tensor Of(Tensor values, Tensor clip, BitWidth bits) => apply(values, clip, bits);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var (values, clip, bits) = ((Tensor)vars[0], (Tensor)vars[1], (BitWidth)vars[2]);
        using var scope = NewDisposeScope();
        ctx.save_for_backward([values, clip]);
        if (FusedSnap.Fits(values) && clip.dtype == ScalarType.Float32)
        {
            var (levels, highest) = (bits.LevelCount - 1, clip.item<float>());
            return FusedSnap.Forward(values, new(highest / levels, 0, levels)).MoveToOuterDisposeScope();
        }

        var step = clip.div(bits.LevelCount - 1);
        return values.div(step).round_().clamp_(0, bits.LevelCount - 1).mul_(step).MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        using var call = GradientHandles.Received(grad_output);
        var saved = ctx.get_saved_variables();
        if (FusedSnap.Fits(saved[0], grad_output) && saved[1].dtype == ScalarType.Float32)
        {
            var (masked, sum) = FusedSnap.BackwardOfClip(saved[0], grad_output, saved[1].item<float>());
            var ofClip = full(saved[1].shape, sum, ScalarType.Float32);
            return GradientHandles.Returned(masked, ofClip, null);
        }

        var above = saved[0].ge(saved[1]);
        var clipGradient = grad_output.mul(above).sum().reshape(saved[1].shape);
        var valueGradient = grad_output.mul(saved[0].ge(0).logical_and_(above.logical_not_()));
        return GradientHandles.Returned(valueGradient, clipGradient, null);
    }
}
