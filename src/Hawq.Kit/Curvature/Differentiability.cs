using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Refuses a loss that cannot be differentiated, once or twice: <c>autograd.grad</c> would end the process on it.</summary>
internal static class Differentiability
{
    /// <summary>A loss as it is, if it has a graph.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public static Tensor RequireGraph(this Tensor loss) => loss.requires_grad
        ? loss
        : throw new InvalidOperationException(
            "The loss has no graph, so it has no derivative; expected one by the weights. A layer detaches what it receives or computes without gradients, or inference mode is on.");

    /// <summary>Fails unless a loss depends on all variables and can be differentiated by them. Their gradients stay as they are.</summary>
    /// <param name="loss">The loss of one sample; its graph is used up.</param>
    /// <param name="of">What it is differentiated by, leaves of its graph, each with the words for it in a message.</param>
    /// <param name="twice">Whether it must have a second derivative too.</param>
    /// <exception cref="ArgumentException">The loss does not depend on a variable.</exception>
    /// <exception cref="InvalidOperationException">It has no graph, or an operation has no derivative, or but the first.</exception>
    public static void Require(Tensor loss, IReadOnlyList<(string Name, Tensor Variable)> of, bool twice)
    {
        using var scope = NewDisposeScope();
        Tensor[] variables = [.. of.Select(pair => pair.Variable)];
        var before = variables.Select(variable => variable.grad).ToList();
        try
        {
            Array.ForEach(variables, variable => variable.grad = null);
            Differentiate(loss.RequireGraph(), variables, keepsGraph: twice, "derivative");
            RequireUse(of);
            if (twice)
            {
                RequireSecond(loss, variables);
            }
        }
        finally
        {
            foreach (var (variable, gradient) in variables.Zip(before))
            {
                variable.grad = gradient;
            }
        }
    }

    private static void RequireUse(IReadOnlyList<(string Name, Tensor Variable)> of)
    {
        using var scope = NewDisposeScope(); // gradients are as large as the network
        var unused = of.Where(pair => pair.Variable.grad is null).Select(pair => pair.Name).Distinct().ToList();
        if (unused.Count > 0)
        {
            throw new ArgumentException(
                $"The loss does not depend on {string.Join(", ", unused)}, so it has no Hessian there; leave the layers out by PartitionedBy(BlockPartition.By(…)), with null for their names.");
        }
    }

    private static void RequireSecond(Tensor loss, Tensor[] variables)
    {
        Array.ForEach(variables, variable => variable.grad = null);
        var sums = autograd.grad([loss], variables, null, retain_graph: true, create_graph: true).Select(Sum).Where(sum => sum.requires_grad).ToList();
        if (sums.Count > 0) // none where the loss is linear in the variables: its second derivative is zero
        {
            Differentiate(sums.Aggregate((sum, part) => sum + part), variables, keepsGraph: false, "second derivative");
        }

        static Tensor Sum(Tensor gradient)
        {
            using (gradient)
            {
                return gradient.sum();
            }
        }
    }

    private static void Differentiate(Tensor what, Tensor[] variables, bool keepsGraph, string name)
    {
        try
        {
            autograd.backward(what, retain_graph: keepsGraph, inputs: variables); // unlike autograd.grad it throws
        }
        catch (ExternalException error)
        {
            throw new InvalidOperationException(
                $"The loss has no {name}, or it could not be computed: {error.Message.Split('\n')[0].TrimEnd('.')}. Put an operation that has one " +
                "in its place, or leave the layers in front of it out by PartitionedBy(BlockPartition.By(…)), with null for their names.", error);
        }
    }
}
