using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Hawq.Kit;

/// <summary>x for both branches of a residual unit; backward, one gradient is added to the other where that lies.</summary>
/// <remarks>
/// libtorch's own sum takes new memory and, in bfloat16 or where a shortcut takes every second pixel, several times as long. The
/// gradient of the branch with weights is written over: its first convolution made it for this alone.
/// </remarks>
internal sealed class BranchFunction : MultiTensorFunction<BranchFunction>
{
    public override string Name => nameof(BranchFunction);

    /// <summary>x for the branch with weights, and the shortcut; by this function in a training step, else by libtorch's operators.</summary>
    /// <param name="x">(N, C, H, W).</param>
    /// <param name="training">Whether the unit is in training mode.</param>
    /// <param name="added">Channels that the shortcut gains on either side, where it halves the picture; <see langword="null"/> where it is x itself.</param>
    public static (Tensor Main, Tensor Shortcut) Of(Tensor x, bool training, long? added = null)
    {
        if (!training || !is_grad_enabled() || !x.requires_grad || !DenseMemory.FitsInRows(x))
        {
            return (x, added is { } edge ? Widened(x, edge) : x);
        }

        var branches = apply(x, added!);
        return (branches[0], branches[1]);
    }

    public override List<Tensor> forward(AutogradContext ctx, params object[] vars)
    {
        using var scope = NewDisposeScope();
        var (x, added) = ((Tensor)vars[0], (long?)vars[1]);
        ctx.save_data("added", added!);
        var shortcut = added is null ? x.alias() : Widened(x, added.Value);
        return [x.alias().MoveToOuterDisposeScope(), shortcut.MoveToOuterDisposeScope()];
    }

    public override List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_output)
    {
        using var second = GradientHandles.Received(grad_output[1]);
        var (main, shortcut, added) = (ChannelsLast.Of(grad_output[0]), grad_output[1], (long?)ctx.get_data("added"));
        if (added is { } edge)
        {
            EverySecond(main).add_(shortcut.slice(1, edge, shortcut.shape[1] - edge, 1));
        }
        else
        {
            SumKernel.Add(main, ChannelsLast.Of(shortcut));
        }

        return GradientHandles.Returned(main, null);
    }

    /// <summary>Option A of He et al. 2016: every second pixel, and zeros as new channels: (N, C + 2 · added, H / 2, W / 2).</summary>
    private static Tensor Widened(Tensor x, long added) => nn.functional.pad(EverySecond(x), [0, 0, 0, 0, added, added]);

    private static Tensor EverySecond(Tensor x) => x.slice(2, 0, x.shape[2], 2).slice(3, 0, x.shape[3], 2);
}
