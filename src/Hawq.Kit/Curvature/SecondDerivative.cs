using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Refuses a loss that cannot be differentiated, once or twice: <c>autograd.grad</c> would end the process on it.</summary>
internal static class SecondDerivative
{
    /// <summary>A loss as it is, if it has a graph.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public static Tensor RequireGraph(this Tensor loss) => loss.requires_grad
        ? loss
        : throw new InvalidOperationException(
            "The loss has no graph, so it has no derivative; expected one by the weights. A layer detaches what it receives or computes without gradients, or inference mode is on.");

    /// <summary>Fails if a loss has no second derivative, because a layer's own derivative has none.</summary>
    /// <param name="loss">The loss of few samples; its graph is used up.</param>
    /// <param name="weights">What it is differentiated by; all of them are used.</param>
    /// <exception cref="InvalidOperationException">An operation is differentiable but once.</exception>
    public static void Require(Tensor loss, Tensor[] weights)
    {
        using var scope = NewDisposeScope();
        var gradients = autograd.grad([loss], weights, retain_graph: true, create_graph: true).Where(gradient => gradient.requires_grad).ToList();
        var before = weights.Select(weight => weight.grad).ToList();
        try
        {
            Array.ForEach(weights, weight => weight.grad = null);
            if (gradients.Count > 0)
            {
                gradients.Select(gradient => gradient.sum()).Aggregate((sum, part) => sum + part).backward(); // unlike autograd.grad it throws
            }
        }
        catch (ExternalException error)
        {
            throw new InvalidOperationException(
                $"The loss has no second derivative, or it could not be computed, so there is no Hessian: {error.Message.Split('\n')[0].TrimEnd('.')}. Put an operation that is differentiable twice in its place, or leave the layer out.", error);
        }
        finally
        {
            foreach (var (weight, gradient) in weights.Zip(before))
            {
                weight.grad = gradient;
            }
        }
    }
}
