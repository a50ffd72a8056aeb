using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Hawq.Kit;

/// <summary>Q(x) = s · clamp(round(x / s), lowest, highest) with a gradient for the step s (LSQ; Esser et al. 2020, equations 1–5).</summary>
/// <remarks>
/// ∂Q/∂s = round(x/s) − x/s where lowest &lt; x/s &lt; highest, lowest or highest outside, where ∂Q/∂x = 0; the sum over elements is scaled by 1/√(n·highest), with
/// n the weights of the layer, or the features of one sample.
/// </remarks>
internal sealed class LearnedStepFunction : SingleTensorFunction<LearnedStepFunction>
{
    public override string Name => nameof(LearnedStepFunction);

    /// <param name="values">Any shape.</param>
    /// <param name="step">s, one element; positive.</param>
    /// <param name="range">The integers in use.</param>
    /// <param name="count">n.</param>
    public static Tensor Of(Tensor values, Tensor step, IntegerRange range, long count) => apply(values, step, range, count);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var (values, step, range) = ((Tensor)vars[0], (Tensor)vars[1], (IntegerRange)vars[2]);
        ctx.save_for_backward([values, step]);
        ctx.save_data("range", range);
        ctx.save_data("count", (long)vars[3]);
        if (FusedSnap.Fits(values) && step.dtype == ScalarType.Float32)
        {
            return FusedSnap.Forward(values, Constants(step, range));
        }

        return values.div(step).round_().clamp_(range.Lowest, range.Highest).mul_(step);
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        using var call = GradientHandles.Received(grad_output);
        var range = (IntegerRange)ctx.get_data("range");
        var saved = ctx.get_saved_variables();
        var factor = 1 / Math.Sqrt((long)ctx.get_data("count") * (double)range.Highest);
        if (FusedSnap.Fits(saved[0], grad_output) && saved[1].dtype == ScalarType.Float32)
        {
            var (masked, sum) = FusedSnap.BackwardOfStep(saved[0], grad_output, Constants(saved[1], range));
            var ofStep = full(saved[1].shape, sum * factor, ScalarType.Float32);
            return GradientHandles.Returned(masked, ofStep, null, null);
        }

        var ratio = saved[0].div(saved[1]);
        var inside = ratio.gt(range.Lowest).logical_and_(ratio.lt(range.Highest));
        var slope = ratio.round().clamp_(range.Lowest, range.Highest).sub_(ratio.mul_(inside));
        var stepGradient = slope.mul_(grad_output).sum().mul_(factor).reshape(saved[1].shape);
        var valueGradient = grad_output.mul(inside);
        return GradientHandles.Returned(valueGradient, stepGradient, null, null);
    }

    private static GridConstants Constants(Tensor step, IntegerRange range) => new(step.item<float>(), range.Lowest, range.Highest);
}
