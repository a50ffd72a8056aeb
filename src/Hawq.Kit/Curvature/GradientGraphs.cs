using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Gradients of a risk with the graphs that made them, one for each batch, from which Hessian products are taken.</summary>
/// <remarks>
/// The graphs are of one block at a time: only its weights require a gradient, so layers before it are constants, and those behind
/// it need no derivative by their weights. Asking for another block builds anew. As many graphs as the limit allows stay in memory;
/// the others are built anew for each product, so memory is bounded by the limit whatever the number of samples.
/// </remarks>
internal sealed class GradientGraphs : IDisposable
{
    /// <summary>Why no curvature is taken of a quantized network.</summary>
    public const string NoSecondDerivative = "rounding has no second derivative. Analyse the float network and quantize a clone.";

    private readonly EmpiricalRisk _risk;
    private readonly ModelState _state;
    private readonly CheapDerivatives? _cheap;
    private readonly int _keptBatches;
    private readonly List<GradientGraph> _kept = [];
    private int _block = -1;
    private bool _isDisposed;

    /// <summary>Prepares the network, which another analysis that has it still loses: see <see cref="NetworkOwners"/>.</summary>
    /// <remarks>Where no products will be asked for, a loss that is differentiable but once is none to refuse.</remarks>
    public GradientGraphs(EmpiricalRisk risk, IReadOnlyList<Block> blocks, int keptBatches, bool differentiatesTwice = true)
    {
        (_risk, Blocks, _keptBatches) = (risk, blocks, keptBatches);
        (risk.Model as Network)?.RequireFloat(NoSecondDerivative);
        NetworkOwners.Take(risk.Model, this); // before its settings are looked at: another analysis puts them back here
        _state = new ModelState(risk.Model);
        try
        {
            RequireGradients();
            risk.Model.eval();
            _cheap = new CheapDerivatives(risk.Model);
            RequireDerivatives(differentiatesTwice);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IReadOnlyList<Block> Blocks { get; }

    /// <summary>Hessian products taken so far, each over all samples.</summary>
    public long Products { get; private set; }

    /// <summary>N, the samples of the risk.</summary>
    public long Samples => _risk.Samples;

    /// <summary>H_b·v, summed over the batches.</summary>
    public Tensor Product(int block, Tensor v)
    {
        var product = Summed(block, (graph, sum) => graph.Product(v, sum));
        Products++;
        return product;
    }

    /// <summary>∂L/∂W_b, summed over the batches, without a graph.</summary>
    public Tensor Gradient(int block) => Summed(block, (graph, sum) => graph.Gradient(sum));

    /// <summary>
    /// The Hessians of the batches, cut to at most so many samples; their sum is H_b. Each lives until the next is asked for, with the
    /// only graph that is in memory then.
    /// </summary>
    public IEnumerable<LinearOperator> Parts(int block, long size)
    {
        foreach (var batch in _risk.CutTo(size).Batches)
        {
            Forget();
            TurnTo(block);
            using var graph = Recorded(batch);
            yield return new PartHessian(graph, Blocks[block]);
        }
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return; // by now another analysis may have the network
        }

        _isDisposed = true;
        NetworkOwners.Leave(_risk.Model, this);
        Forget();
        _cheap?.Dispose();
        _state.Dispose();
    }

    /// <summary>Gives the graphs back that are kept; the next product builds them anew.</summary>
    public void Forget()
    {
        _kept.ForEach(graph => graph.Dispose());
        _kept.Clear();
    }

    /// <summary>From here on graphs are of this block.</summary>
    private void TurnTo(int block)
    {
        if (_isDisposed)
        {
            throw new ObjectDisposedException(
                nameof(HessianOperator), "Another analysis took the network over, and these gradients were given back; make the operator anew, and use one analysis of a network at a time.");
        }

        if (_block == block)
        {
            return;
        }

        Forget();
        _block = block;
        var weights = Blocks[block].Weights.ToHashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (var parameter in _risk.Model.parameters())
        {
            parameter.requires_grad = weights.Contains(parameter);
        }
    }

    /// <summary>As <see cref="TurnTo"/>, with the graphs that stay.</summary>
    private void Keep(int block)
    {
        TurnTo(block);
        if (_kept.Count == 0)
        {
            _kept.AddRange(_risk.Batches.Take(_keptBatches).Select(Recorded));
        }
    }

    /// <summary>A sum over the batches, to which each adds its own; the graphs that do not stay come and go one by one.</summary>
    private Tensor Summed(int block, Func<GradientGraph, Tensor?, Tensor> add)
    {
        Keep(block);
        using var scope = NewDisposeScope();
        Tensor? sum = null;
        for (var k = 0; k < _risk.Batches.Count; k++)
        {
            using var anew = k < _kept.Count ? null : Recorded(_risk.Batches[k]);
            sum = add(anew ?? _kept[k], sum);
        }

        return sum!.MoveToOuterDisposeScope();
    }

    private GradientGraph Recorded(Batch batch)
    {
        using var recording = enable_grad(); // the caller may have switched it off, which would end the process in libtorch
        using var scope = NewDisposeScope(); // the graph keeps what it needs of the forward pass; the handles can go
        return new GradientGraph(_risk.Part(batch).RequireGraph(), Blocks[_block]);
    }

    /// <summary>Fails if libtorch would end the process at one of the blocks, by one sample and the nodes that products will have.</summary>
    private void RequireDerivatives(bool twice)
    {
        using var scope = NewDisposeScope();
        using var recording = enable_grad();
        var weights = Blocks.SelectMany(block => block.Weights.Select(weight => ($"the weights of block \"{block.Name}\"", (Tensor)weight)));
        Differentiability.Require(_risk.OfSample(_risk.Batches[0], 0), [.. weights], twice);
    }

    private void RequireGradients()
    {
        foreach (var block in Blocks.Where(block => block.Weights.Any(weight => !weight.requires_grad)))
        {
            throw new ArgumentException(
                $"Block \"{block.Name}\" has a weight that does not require grad; a Hessian needs it. Set requires_grad to true, or leave its layers out by PartitionedBy(BlockPartition.By(…)), with null for their names.");
        }
    }
}
