using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The Hessian of a risk with respect to one block's weights: H_b = ∂²L / ∂W_b², by double backward.</summary>
/// <remarks>
/// Hv = ∂(gᵀv)/∂W with g = ∂L/∂W (Pearlmutter 1994). The graph of g is kept for each batch and serves every product; it
/// begins at this block, so a late block is far cheaper than an early one. The difference of two gradients, g(W ± εv), would need no
/// graph, but is no substitute where there are ReLUs: what ε carries over a kink counts in it.
/// </remarks>
public sealed class HessianOperator : LinearOperator
{
    private readonly GradientGraphs _graphs;
    private readonly int _block;

    internal HessianOperator(GradientGraphs graphs, int block)
    {
        (_graphs, _block) = (graphs, block);
        Block = graphs.Blocks[block];
    }

    /// <summary>The block.</summary>
    public Block Block { get; }

    /// <inheritdoc/>
    public override long Dimension => Block.WeightCount;

    /// <inheritdoc/>
    public override ScalarType Type => Block.Weights[0].dtype;

    /// <inheritdoc/>
    public override Device Device => Block.Weights[0].device;

    /// <inheritdoc/>
    public override Tensor Multiply(Tensor v)
    {
        ArgumentNullException.ThrowIfNull(v);
        if (v.dim() != 1 || v.numel() != Dimension)
        {
            throw new ArgumentException(
                $"Block \"{Block.Name}\" has {Dimension} weights; received a vector of shape [{string.Join(", ", v.shape)}].", nameof(v));
        }

        NotebookEngine.ThrowIfInterrupted();
        return _graphs.Product(_block, v);
    }
}
