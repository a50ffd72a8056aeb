using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Hawq.Kit;

/// <summary>Q(x) on the levels of a learned basis. The gradient passes through a weight unchanged, through an activation up to its highest level.</summary>
internal sealed class LevelSnap : SingleTensorFunction<LevelSnap>
{
    public override string Name => nameof(LevelSnap);

    /// <param name="values">Any shape.</param>
    /// <param name="rows">Their levels.</param>
    /// <param name="seen">Hears what fell on each level.</param>
    public static Tensor Of(Tensor values, LevelRows rows, Action<LevelSums[]> seen) => apply(values, rows, seen);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var (values, rows) = ((Tensor)vars[0], (LevelRows)vars[1]);
        if (!rows.Sets[0].IsSigned && values.requires_grad)
        {
            ctx.save_for_backward([values]);
            ctx.save_data("rows", rows);
        }

        var (snapped, sums) = rows.Snap(values);
        ((Action<LevelSums[]>)vars[2])(sums);
        return snapped;
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        using var call = GradientHandles.Received(grad_output);
        var saved = ctx.get_saved_variables();
        return GradientHandles.Returned(
            saved is [var values] ? ((LevelRows)ctx.get_data("rows")).Pass(values, grad_output) : grad_output.alias(), null, null);
    }
}
