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
    /// <param name="loss">A loss that averages over the batch, such as <c>nn.CrossEntropyLoss()</c>, without class weights.</param>
    /// <param name="batches">The samples. They stay the caller's and must live as long as the operator.</param>
    /// <param name="block">A block of the network, from a <see cref="BlockPartition"/>.</param>
    /// <remarks>
    /// One analysis has a network at a time. A second operator, or the run of an analysis, takes the network over: this one is disposed
    /// then, and the network has its mode again before the other begins. So a notebook's cell can be run twice.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// There are no samples, a batch is empty or on another device, the loss does not average, the block has no weights of this network,
    /// or a weight of it does not require grad or is not used by the loss.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The network is quantized, or the loss is not finite, not repeatable, no mean over samples (as with class weights), or has no graph
    /// or no second derivative.
    /// </exception>
    public static HessianOperator Of(
        TorchSharp.torch.nn.Module<Tensor, Tensor> model, TorchSharp.Loss<Tensor, Tensor, Tensor> loss, IEnumerable<Batch> batches, Block block)
    {
        ArgumentNullException.ThrowIfNull(block);
        var risk = new EmpiricalRisk(model, loss, batches);
        if (!block.IsOf(model))
        {
            throw new ArgumentException(
                $"Block \"{block.Name}\" has no weights of this network: they are a copy's, or it is a row of a table. Take it from BlockPartition.ByUnit.Of(network).", nameof(block));
        }

        risk.RequireRepeatable();
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
    /// <exception cref="ArgumentException">The vector is of another shape, type or device than the block's weights.</exception>
    /// <exception cref="InvalidOperationException">The product is not finite.</exception>
    /// <exception cref="ObjectDisposedException">The operator was disposed, or another analysis took the network over.</exception>
    public override Tensor Multiply(Tensor v)
    {
        ArgumentNullException.ThrowIfNull(v);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        RequireLike(v);
        NotebookEngine.ThrowIfInterrupted();
        return _graphs.Product(_block, v).RequireFinite(Block);
    }

    /// <summary>libtorch would end the process at another type or device.</summary>
    private void RequireLike(Tensor v)
    {
        if (v.dim() != 1 || v.numel() != Dimension)
        {
            throw new ArgumentException(
                $"Block \"{Block.Name}\" has {Dimension} weights; received a vector of shape [{string.Join(", ", v.shape)}].", nameof(v));
        }

        if (v.dtype != Type || v.device.type != Device.type || v.device.index != Device.index)
        {
            throw new ArgumentException(
                $"Block \"{Block.Name}\" takes vectors of {Type} on {Device}; received one of {v.dtype} on {v.device}. Convert it: v.to(operator.Type).to(operator.Device).", nameof(v));
        }
    }
}
