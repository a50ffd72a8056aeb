using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Gradients of a risk with the graphs that made them, one for each batch, from which Hessian products are taken.</summary>
/// <remarks>
/// As many graphs as the limit allows stay in memory; the others are built anew for each product, so memory is bounded by
/// the limit whatever the number of samples.
/// </remarks>
internal sealed class GradientGraphs : IDisposable
{
    private readonly EmpiricalRisk _risk;
    private readonly ModelState _state;
    private readonly List<GradientGraph> _kept = [];

    public GradientGraphs(EmpiricalRisk risk, IReadOnlyList<Block> blocks, int keptBatches)
    {
        (_risk, Blocks) = (risk, blocks);
        RequireGradients();
        _state = new ModelState(risk.Model);
        try
        {
            risk.Model.eval();
            var weights = blocks.SelectMany(block => block.Weights).ToHashSet<object>(ReferenceEqualityComparer.Instance);
            foreach (var parameter in risk.Model.parameters())
            {
                parameter.requires_grad = weights.Contains(parameter);
            }

            for (var k = 0; k < Math.Min(keptBatches, risk.Batches.Count); k++)
            {
                _kept.Add(Build(risk.Batches[k]));
            }
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
        using var scope = NewDisposeScope();
        var sum = zeros_like(v);
        for (var k = 0; k < _risk.Batches.Count; k++)
        {
            if (k < _kept.Count)
            {
                sum.add_(_kept[k].Product(block, v));
            }
            else
            {
                using var graph = Build(_risk.Batches[k]);
                sum.add_(graph.Product(block, v));
            }
        }

        Products++;
        return sum.MoveToOuterDisposeScope();
    }

    /// <summary>∂L/∂W_b, summed over the batches, without a graph.</summary>
    public Tensor Gradient(int block)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var parts = _risk.Batches.Select((batch, k) =>
        {
            if (k < _kept.Count)
            {
                return _kept[k].Gradient(block);
            }

            using var recording = enable_grad();
            using var graph = Build(batch);
            return graph.Gradient(block);
        });
        return parts.Aggregate((sum, part) => sum.add_(part)).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _kept.ForEach(graph => graph.Dispose());
        _state.Dispose();
    }

    private GradientGraph Build(Batch batch)
    {
        using var scope = NewDisposeScope(); // the graph keeps what it needs of the forward pass; the handles can go
        return new GradientGraph(_risk.Part(batch), Blocks);
    }

    private void RequireGradients()
    {
        foreach (var block in Blocks.Where(block => block.Weights.Any(weight => !weight.requires_grad)))
        {
            throw new ArgumentException(
                $"Block \"{block.Name}\" has a weight that does not require grad; a Hessian needs it. Set requires_grad to true, or leave the block out.");
        }
    }

    /// <summary>One batch's gradient with respect to every block's weights, with its graph.</summary>
    private sealed class GradientGraph : IDisposable
    {
        private readonly IReadOnlyList<Block> _blocks;
        private readonly Tensor _loss;
        private readonly Tensor[][] _gradients;

        public GradientGraph(Tensor loss, IReadOnlyList<Block> blocks)
        {
            (_loss, _blocks) = (loss.DetachFromDisposeScope(), blocks);
            var all = blocks.SelectMany(block => block.Weights).Cast<Tensor>().ToList();
            var gradients = autograd.grad([loss], all, null, retain_graph: true, create_graph: true)
                .Select(gradient => gradient.DetachFromDisposeScope()).ToArray();
            var at = 0;
            _gradients = [.. blocks.Select(block => gradients[at..(at += block.Weights.Count)])];
        }

        public Tensor Product(int block, Tensor v)
        {
            using var scope = NewDisposeScope();
            var weights = _blocks[block].Weights;
            var parts = v.split([.. weights.Select(weight => weight.numel())]);
            var directions = parts.Zip(weights, (part, weight) => part.view(weight.shape)).ToList();
            var products = autograd.grad(_gradients[block], [.. weights], directions, retain_graph: true);
            return cat([.. products.Select(product => product.reshape(-1))]).MoveToOuterDisposeScope();
        }

        public Tensor Gradient(int block)
        {
            using var scope = NewDisposeScope();
            return cat([.. _gradients[block].Select(gradient => gradient.detach().reshape(-1))]).MoveToOuterDisposeScope(); // cat copies
        }

        public void Dispose()
        {
            foreach (var gradient in _gradients.SelectMany(g => g))
            {
                gradient.Dispose();
            }

            _loss.Dispose();
        }
    }
}
