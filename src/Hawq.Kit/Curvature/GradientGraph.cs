using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>One batch's gradient with respect to a block's weights, with its graph.</summary>
internal sealed class GradientGraph : IDisposable
{
    private readonly Block _block;
    private readonly Tensor[] _gradients; // they hold what their derivatives need of the forward pass

    public GradientGraph(Tensor loss, Block block)
    {
        _block = block;
        _gradients = [.. autograd.grad([loss], [.. block.Weights], null, retain_graph: true, create_graph: true)
            .Select(gradient => gradient.DetachFromDisposeScope())];
    }

    /// <summary>H·v of this batch, added to a sum if there is one.</summary>
    /// <remarks>A new sum is made when the pass is over and its memory free again: it is as large as the weights.</remarks>
    public Tensor Product(Tensor v, Tensor? sum = null)
    {
        using var scope = NewDisposeScope();
        long[] sizes = [.. _block.Weights.Select(weight => weight.numel())];
        var directions = v.split(sizes).Zip(_block.Weights, (part, weight) => part.view(weight.shape)).ToList();
        var curved = _gradients.Zip(directions).Where(pair => pair.First.requires_grad).ToList(); // a gradient that does not depend on the weights has no graph
        var products = curved.Count == 0 ? [] : autograd.grad(
            [.. curved.Select(pair => pair.First)], [.. _block.Weights], [.. curved.Select(pair => pair.Second)], retain_graph: true, allow_unused: true);
        var total = sum ?? zeros_like(v).MoveToOuterDisposeScope();
        foreach (var (part, product) in total.split(sizes).Zip(products))
        {
            if (product is { IsInvalid: false })
            {
                part.add_(product.reshape(-1));
                product.Dispose();
            }
        }

        return total;
    }

    /// <summary>The gradient of this batch without its graph, added to a sum if there is one.</summary>
    public Tensor Gradient(Tensor? sum = null)
    {
        using var scope = NewDisposeScope();
        var gradient = cat([.. _gradients.Select(part => part.detach().reshape(-1))]);      // cat copies
        if (sum is null)
        {
            return gradient.MoveToOuterDisposeScope();
        }

        sum.add_(gradient);
        return sum;
    }

    public void Dispose()
    {
        foreach (var gradient in _gradients)
        {
            gradient.Dispose();
        }
    }
}
