using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Adds a zero to the input of every weight layer, so that the loss can be differentiated with respect to that input alone.</summary>
/// <remarks>A layer that runs more than once in a pass gets a zero for each call, and has the inputs of all calls.</remarks>
internal sealed class ActivationGraph : IDisposable
{
    private readonly EmpiricalRisk _risk;
    private readonly IReadOnlyList<Block> _blocks;
    private readonly ModelState _state;
    private readonly List<nn.Module<Tensor, Tensor>.HookRemover> _hooks;
    private readonly List<(string Layer, Tensor Zero)> _calls = [];
    private readonly Dictionary<string, long> _volumes = [];
    private bool _isDisposed;

    /// <exception cref="ArgumentException">A layer of a block does not run, or the loss does not depend on its input.</exception>
    /// <exception cref="InvalidOperationException">The loss has no graph or no second derivative.</exception>
    public ActivationGraph(EmpiricalRisk risk, Network network, IReadOnlyList<Block> blocks)
    {
        (_risk, _blocks) = (risk, blocks);
        NetworkOwners.Take(risk.Model, this); // before its settings are looked at: another analysis puts them back here
        _state = new ModelState(network);
        _hooks = [.. network.WeightLayers().Select(layer => layer.Layer.register_forward_pre_hook((_, input) => Shifted(layer.Name, input)))];
        try
        {
            network.eval();
            foreach (var parameter in network.parameters())
            {
                parameter.requires_grad = false;
            }

            TryOneSample();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Values of the inputs of a block's layers for one sample, over all calls.</summary>
    public long Volume(Block block) => block.LayerNames.Sum(layer => _volumes[layer]);

    /// <summary>Adds a batch's share of zᵀHz for each block (first index) and probe (second).</summary>
    public void Add(Batch batch, double[][] totals, Generator generator, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using var scope = NewDisposeScope();
        using var recording = enable_grad();
        var loss = _risk.Part(batch).RequireGraph();
        var inputs = _blocks.SelectMany((block, b) => Calls(block).Select(call => (Block: b, call.Zero))).ToList();
        var gradients = autograd.grad([loss], [.. inputs.Select(input => input.Zero)], null, retain_graph: true, create_graph: true, allow_unused: true);

        // An input that no loss depends on twice, as that of the last linear layer under a linear loss would be, has no graph.
        var curved = inputs.Zip(gradients, (input, gradient) => (input.Block, input.Zero, Gradient: gradient))
            .Where(input => !input.Gradient.IsInvalid && input.Gradient.requires_grad)
            .ToLookup(input => input.Block);
        foreach (var block in curved)
        {
            var (variables, slopes) = (block.Select(input => input.Zero).ToArray(), block.Select(input => input.Gradient).ToArray());
            for (var probe = 0; probe < totals[block.Key].Length; probe++)
            {
                NotebookEngine.ThrowIfInterrupted(cancellation);
                totals[block.Key][probe] += Quadratic(slopes, variables, generator);
            }
        }

        Forget();
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
        _hooks.ForEach(hook => hook.remove());
        _state.Dispose();
    }

    private void Forget()
    {
        _calls.ForEach(call => call.Zero.Dispose());
        _calls.Clear();
    }

    /// <summary>The calls of a block's layers in the pass that was recorded: by layer, each layer's in their order.</summary>
    private IEnumerable<(string Layer, Tensor Zero)> Calls(Block block) => block.LayerNames.SelectMany(layer => _calls.Where(call => call.Layer == layer));

    /// <summary>Learns the volumes, and fails if libtorch would end the process later.</summary>
    private void TryOneSample()
    {
        using var scope = NewDisposeScope();
        using var recording = enable_grad();
        var loss = _risk.OfSample(_risk.Batches[0], 0);
        if (_blocks.SelectMany(block => block.LayerNames).FirstOrDefault(layer => !_calls.Exists(call => call.Layer == layer)) is { } idle)
        {
            throw new ArgumentException(
                $"Layer \"{idle}\" did not run as a ConvolutionLayer or LinearLayer, whose inputs are analysed; leave it out by PartitionedBy(BlockPartition.By(…)), with null for its name.");
        }

        var inputs = _blocks.SelectMany(Calls).ToList();
        Differentiability.Require(loss, [.. inputs.Select(call => ($"the input of layer \"{call.Layer}\"", call.Zero))], twice: true);
        foreach (var layer in inputs.GroupBy(call => call.Layer))
        {
            _volumes[layer.Key] = layer.Sum(call => call.Zero.numel());
        }

        Forget();
    }

    private static double Quadratic(Tensor[] gradients, Tensor[] variables, Generator generator)
    {
        using var scope = NewDisposeScope();
        var z = variables.Select(v => randint(0, 2, v.shape, v.dtype, v.device, generator: generator).mul_(2).sub_(1)).ToList();
        var products = autograd.grad(gradients, variables, z, retain_graph: true, allow_unused: true);
        return z.Zip(products).Where(pair => pair.Second is not null && !pair.Second.IsInvalid)
            .Sum(pair => (pair.First * pair.Second!).sum(ScalarType.Float64).item<double>());
    }

    private Tensor Shifted(string layer, Tensor input)
    {
        if (!is_grad_enabled())
        {
            return input;
        }

        var zero = zeros_like(input).requires_grad_().DetachFromDisposeScope(); // units dispose what they made on leaving
        _calls.Add((layer, zero));
        return input + zero;
    }
}
