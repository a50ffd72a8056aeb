using System.Runtime.InteropServices;
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
        switch (norm.training, is_grad_enabled(), INormalizationPass.Fits(x, residual))
        {
            case (true, true, true): return Trained(norm, x, residual, rectifies);
            case (false, false, true): return Evaluated(norm, x, residual, rectifies);
        }

        using var scope = NewDisposeScope();
        var y = norm.call(x);
        y = residual is null ? y : y.add_(residual);
        return (rectifies ? y.relu_() : y).MoveToOuterDisposeScope();
    }

    private static Tensor Trained(BatchNorm2d norm, Tensor x, Tensor? residual, bool rectifies)
    {
        using var scope = NewDisposeScope();
        var pass = INormalizationPass.Over(x, norm.eps);
        var y = NormalizationFunction.Of(x, norm.weight!, norm.bias!, residual, pass, rectifies);
        using var _ = no_grad();
        var (count, momentum) = (x.numel() / x.shape[1], norm.momentum ?? 0.1);
        Move(norm.running_mean!, pass.Mean, momentum, 1);
        Move(norm.running_var!, pass.Variance, momentum, (double)count / Math.Max(1, count - 1));
        norm.num_batches_tracked!.add_(1);
        return y.MoveToOuterDisposeScope();
    }

    /// <summary>By the running statistics, in one pass over memory; nothing is kept for a gradient.</summary>
    private static Tensor Evaluated(BatchNorm2d norm, Tensor x, Tensor? residual, bool rectifies)
    {
        using var scope = NewDisposeScope();
        var (y, rows) = (empty_like(x), residual is null ? null : ChannelsLast.Of(residual));
        var pass = INormalizationPass.Over(x, norm.eps);
        pass.Take(Numbers(norm.running_mean!), Numbers(norm.running_var!));
        pass.Forward(y, rows, rectifies, null, Numbers(norm.weight!), Numbers(norm.bias!));
        return y.MoveToOuterDisposeScope();
    }

    private static float[] Numbers(Tensor channels) => channels.data<float>().ToArray();

    /// <summary>statistic ← (1 − momentum) · statistic + momentum · scale · batch, without four operators of libtorch for a few numbers.</summary>
    private static void Move(Tensor statistic, float[] batch, double momentum, double scale)
    {
        var numbers = MemoryMarshal.Cast<byte, float>(statistic.bytes);
        for (var c = 0; c < batch.Length; c++)
        {
            numbers[c] = (float)(((1 - momentum) * numbers[c]) + (momentum * scale * batch[c]));
        }
    }
}
