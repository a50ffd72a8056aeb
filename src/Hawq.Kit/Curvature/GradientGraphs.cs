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
    private readonly EmpiricalRisk _risk;
    private readonly ModelState _state;
    private readonly CheapDerivatives? _cheap;
    private readonly int _keptBatches;
    private readonly List<GradientGraph> _kept = [];
    private int _block = -1;

    public GradientGraphs(EmpiricalRisk risk, IReadOnlyList<Block> blocks, int keptBatches)
    {
        (_risk, Blocks, _keptBatches) = (risk, blocks, keptBatches);
        RequireGradients();
        _state = new ModelState(risk.Model);
        try
        {
            risk.Model.eval();
            _cheap = new CheapDerivatives(risk.Model);
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

    /// <summary>H_b·v, summed over the batches.</summary>
    public Tensor Product(int block, Tensor v)
    {
        TurnTo(block);
        using var scope = NewDisposeScope();
        var sum = zeros_like(v);
        for (var k = 0; k < _risk.Batches.Count; k++)
        {
            if (k < _kept.Count)
            {
                sum.add_(_kept[k].Product(v));
            }
            else
            {
                using var graph = Build(_risk.Batches[k]);
                sum.add_(graph.Product(v));
            }
        }

        Products++;
        return sum.MoveToOuterDisposeScope();
    }

    /// <summary>∂L/∂W_b, summed over the batches, without a graph.</summary>
    public Tensor Gradient(int block)
    {
        TurnTo(block);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var parts = _risk.Batches.Select((batch, k) =>
        {
            if (k < _kept.Count)
            {
                return _kept[k].Gradient();
            }

            using var recording = enable_grad();
            using var graph = Build(batch);
            return graph.Gradient();
        });
        return parts.Aggregate((sum, part) => sum.add_(part)).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Forget();
        _cheap?.Dispose();
        _state.Dispose();
    }

    private void Forget()
    {
        _kept.ForEach(graph => graph.Dispose());
        _kept.Clear();
    }

    private void TurnTo(int block)
    {
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

        using var recording = enable_grad();
        _kept.AddRange(_risk.Batches.Take(_keptBatches).Select(Build));
    }

    private GradientGraph Build(Batch batch)
    {
        using var scope = NewDisposeScope(); // the graph keeps what it needs of the forward pass; the handles can go
        return new GradientGraph(_risk.Part(batch), Blocks[_block]);
    }

    private void RequireGradients()
    {
        foreach (var block in Blocks.Where(block => block.Weights.Any(weight => !weight.requires_grad)))
        {
            throw new ArgumentException(
                $"Block \"{block.Name}\" has a weight that does not require grad; a Hessian needs it. Set requires_grad to true, or leave the block out.");
        }
    }

    /// <summary>One batch's gradient with respect to a block's weights, with its graph.</summary>
    private sealed class GradientGraph : IDisposable
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
}
