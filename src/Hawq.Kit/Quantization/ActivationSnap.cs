using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Hawq.Kit;

/// <summary>Q(x) on one fixed asymmetric grid, one memory pass forward and one backward where a fused kernel applies.</summary>
/// <remarks>The gradient is 1 where round(x / s) + z lies within the integer range, 0 elsewhere.</remarks>
internal sealed class ActivationSnap : SingleTensorFunction<ActivationSnap>
{
    public override string Name => nameof(ActivationSnap);

    public static Tensor Of(Tensor values, QuantizationGrid grid) => apply(values, grid);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var (values, grid) = ((Tensor)vars[0], (QuantizationGrid)vars[1]);
        if (values.requires_grad)
        {
            ctx.save_for_backward([values]);
            ctx.save_data("grid", grid);
        }

        return FusedSnap.Fits(values) ? FusedSnap.Forward(values, FusedSnap.Constants(grid)) : grid.Snap(values);
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        using var call = GradientHandles.Received(grad_output);
        var grid = (QuantizationGrid)ctx.get_data("grid");
        var values = ctx.get_saved_variables()[0];
        if (FusedSnap.Fits(values, grad_output))
        {
            return GradientHandles.Returned(FusedSnap.Backward(values, grad_output, FusedSnap.Constants(grid)), null);
        }

        return GradientHandles.Returned(grad_output.mul(grid.Inside(values)), null);
    }
}
