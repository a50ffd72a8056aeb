using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Hawq.Kit;

/// <summary>Q(x) on any grid, with the straight-through gradient: 1 inside the grid's range, 0 outside (Bengio et al. 2013).</summary>
internal sealed class StraightThrough : SingleTensorFunction<StraightThrough>
{
    public override string Name => nameof(StraightThrough);

    /// <param name="values">Any shape.</param>
    /// <param name="grid">Its grid.</param>
    /// <param name="spansAll">Whether the grid is known to span all values, so that the gradient is the identity.</param>
    public static Tensor Of(Tensor values, QuantizationGrid grid, bool spansAll) => apply(values, grid, spansAll);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var (values, grid) = ((Tensor)vars[0], (QuantizationGrid)vars[1]);
        if (!(bool)vars[2] && values.requires_grad)
        {
            ctx.save_for_backward([grid.Inside(values)]);
        }

        return grid.Snap(values);
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        using var call = GradientHandles.Received(grad_output);
        return GradientHandles.Returned(ctx.get_saved_variables() is [var inside] ? grad_output.mul(inside) : grad_output.alias(), null, null);
    }
}
