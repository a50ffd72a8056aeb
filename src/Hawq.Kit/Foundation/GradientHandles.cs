using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Gives the handles of gradients back soon after a backward function has returned them.</summary>
/// <remarks>
/// libtorch takes its own reference to a returned gradient. A handle that a dispose scope held on to would keep every layer's
/// gradient in memory to the end of the step, and each layer would write to memory that no cache holds. So the handles of one
/// function are disposed when the next one on the same thread returns.
/// </remarks>
internal static class GradientHandles
{
    [ThreadStatic]
    private static List<Tensor>? _last;

    /// <summary>What a backward function returns: one gradient an argument of the forward function, null where there is none.</summary>
    public static List<Tensor> Returned(params ReadOnlySpan<Tensor?> gradients)
    {
        _last?.ForEach(gradient => gradient.Dispose());
        _last = [];
        var all = new List<Tensor>();
        foreach (var gradient in gradients)
        {
            all.Add(gradient!);
            if (gradient is not null)
            {
                _last.Add(gradient.DetachFromDisposeScope());
            }
        }

        return all;
    }
}
