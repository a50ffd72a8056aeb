using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>One batch's gradient with respect to a block's weights, with its graph.</summary>
internal sealed class GradientGraph : IDisposable
{
    private readonly Block _block;
    private readonly Tensor _loss;
    private readonly Tensor[] _gradients;

    public GradientGraph(Tensor loss, Block block)
    {
        (_loss, _block) = (loss.DetachFromDisposeScope(), block);
        _gradients = [.. autograd.grad([loss], [.. block.Weights], null, retain_graph: true, create_graph: true)
            .Select(gradient => gradient.DetachFromDisposeScope())];
    }

    public Tensor Product(Tensor v)
    {
        using var scope = NewDisposeScope();
        var parts = v.split([.. _block.Weights.Select(weight => weight.numel())]);
        var directions = parts.Zip(_block.Weights, (part, weight) => part.view(weight.shape)).ToList();
        var products = autograd.grad(_gradients, [.. _block.Weights], directions, retain_graph: true);
        return cat([.. products.Select(product => product.reshape(-1))]).MoveToOuterDisposeScope();
    }

    public Tensor Gradient()
    {
        using var scope = NewDisposeScope();
        return cat([.. _gradients.Select(gradient => gradient.detach().reshape(-1))]).MoveToOuterDisposeScope(); // cat copies
    }

    public void Dispose()
    {
        foreach (var gradient in _gradients)
        {
            gradient.Dispose();
        }

        _loss.Dispose();
    }
}
