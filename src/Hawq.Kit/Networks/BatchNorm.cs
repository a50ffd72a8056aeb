using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Batch norm with what follows it in a network: another branch to add, and ReLU.</summary>
internal static class BatchNorm
{
    /// <summary>ReLU(BN(x)).</summary>
    public static Tensor Rectified(this BatchNorm2d norm, Tensor x) => Of(norm, x, null, rectifies: true);

    /// <summary>ReLU(BN(x) + residual).</summary>
    public static Tensor RectifiedSum(this BatchNorm2d norm, Tensor x, Tensor residual) => Of(norm, x, residual, rectifies: true);

    /// <summary>BN(x).</summary>
    public static Tensor Normalized(this BatchNorm2d norm, Tensor x) => Of(norm, x, null, rectifies: false);

    private static Tensor Of(BatchNorm2d norm, Tensor x, Tensor? residual, bool rectifies)
    {
        if (norm.training && NormalizationFunction.Fits(x, residual))
        {
            return Fused(norm, x, residual, rectifies);
        }

        using var scope = NewDisposeScope();
        var y = norm.call(x);
        y = residual is null ? y : y.add_(residual);
        return (rectifies ? y.relu_() : y).MoveToOuterDisposeScope();
    }

    private static Tensor Fused(BatchNorm2d norm, Tensor x, Tensor? residual, bool rectifies)
    {
        var pass = INormalizationPass.Over(x, norm.eps);
        var y = NormalizationFunction.Of(x, norm.weight!, norm.bias!, residual, pass, rectifies);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var count = x.numel() / x.shape[1];
        var momentum = norm.momentum ?? 0.1;
        norm.running_mean!.mul_(1 - momentum).add_(tensor(pass.Mean), alpha: momentum);
        norm.running_var!.mul_(1 - momentum).add_(tensor(pass.Variance), alpha: momentum * count / Math.Max(1, count - 1));
        norm.num_batches_tracked!.add_(1);
        return y;
    }
}
