using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Gives the handles of gradients back soon: those that a backward function received and those that it returned.</summary>
/// <remarks>
/// libtorch has its own reference to each. A handle that a dispose scope held on to would keep every layer's gradient in memory to
/// the end of the step, and each layer would write to memory that no cache holds. So the handles that one function returned are
/// disposed when the next one on the same thread returns.
/// </remarks>
internal static class GradientHandles
{
    [ThreadStatic]
    private static List<Tensor>? _last;

    /// <summary>Begins a backward function: at its end the handle that it received and all others that it made are given back.</summary>
    public static IDisposable Received(Tensor gradient) => new Call(gradient);

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

    private sealed class Call(Tensor gradient) : IDisposable
    {
        private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

        public void Dispose()
        {
            _scope.Dispose();
            gradient.Dispose();
        }
    }
}
