using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>
/// The Hessian of a mean loss with respect to one block's weights, H_b = ∂²L / ∂W_b², by double backward: for <see cref="Lanczos"/>,
/// <see cref="PowerIteration"/>, <see cref="Hutchinson"/>, <see cref="SpectralDensity"/>, or an estimator of your own.
/// </summary>
/// <remarks>
/// Hv = ∂(gᵀv)/∂W with g = ∂L/∂W (Pearlmutter 1994). The graph of g is kept for each batch and serves every product; it
/// begins at this block, so a late block is far cheaper than an early one. The difference of two gradients, g(W ± εv), would need no
/// graph, but is no substitute where there are ReLUs: what ε carries over a kink counts in it.
/// </remarks>
public sealed class HessianOperator : LinearOperator, IDisposable
{
    private readonly GradientGraphs _graphs;
    private readonly int _block;
    private bool _isDisposed;

    internal HessianOperator(GradientGraphs graphs, int block)
    {
        (_graphs, _block) = (graphs, block);
        Block = graphs.Blocks[block];
    }

    private bool OwnsGraphs { get; init; }

    /// <summary>Prepares the network. The first product records the gradients of all samples, which stay in memory until the operator is disposed.</summary>
    /// <param name="model">The network. Until the operator is disposed it is in evaluation mode and belongs to it.</param>
    /// <param name="loss">A loss that averages over the batch, such as <c>nn.CrossEntropyLoss()</c>.</param>
    /// <param name="batches">The samples. They stay the caller's and must live as long as the operator.</param>
    /// <param name="block">A block of the network, from a <see cref="BlockPartition"/>.</param>
    /// <exception cref="ArgumentException">
    /// There are no samples, a batch is empty or on another device, the loss does not average, or a weight of the block does not require
    /// grad or is not used by the loss.
    /// </exception>
    /// <exception cref="InvalidOperationException">The network is quantized, or the loss has no graph or no second derivative.</exception>
    public static HessianOperator Of(
        TorchSharp.torch.nn.Module<Tensor, Tensor> model, TorchSharp.Loss<Tensor, Tensor, Tensor> loss, IEnumerable<Batch> batches, Block block)
    {
        ArgumentNullException.ThrowIfNull(block);
        var risk = new EmpiricalRisk(model, loss, batches);
        return new HessianOperator(new GradientGraphs(risk, [block], risk.Batches.Count), 0) { OwnsGraphs = true };
    }

    /// <summary>The block.</summary>
    public Block Block { get; }

    /// <inheritdoc/>
    public override long Dimension => Block.WeightCount;

    /// <inheritdoc/>
    public override ScalarType Type => Block.Weights[0].dtype;

    /// <inheritdoc/>
    public override Device Device => Block.Weights[0].device;

    /// <summary>Gives the recorded gradients back, and the network its mode.</summary>
    public void Dispose()
    {
        if (OwnsGraphs && !_isDisposed)
        {
            _isDisposed = true;
            _graphs.Dispose();
        }
    }

    /// <inheritdoc/>
    public override Tensor Multiply(Tensor v)
    {
        ArgumentNullException.ThrowIfNull(v);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (v.dim() != 1 || v.numel() != Dimension)
        {
            throw new ArgumentException(
                $"Block \"{Block.Name}\" has {Dimension} weights; received a vector of shape [{string.Join(", ", v.shape)}].", nameof(v));
        }

        NotebookEngine.ThrowIfInterrupted();
        return _graphs.Product(_block, v);
    }
}
