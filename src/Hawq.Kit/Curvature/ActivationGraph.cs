using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Adds a zero to the input of every weight layer, so that the loss can be differentiated with respect to that input alone.</summary>
internal sealed class ActivationGraph : IDisposable
{
    private readonly EmpiricalRisk _risk;
    private readonly IReadOnlyList<Block> _blocks;
    private readonly ModelState _state;
    private readonly List<nn.Module<Tensor, Tensor>.HookRemover> _hooks;
    private readonly Dictionary<string, Tensor> _zeros = [];
    private readonly Dictionary<string, long> _volumes = [];

    public ActivationGraph(EmpiricalRisk risk, Network network, IReadOnlyList<Block> blocks)
    {
        (_risk, _blocks, _state) = (risk, blocks, new ModelState(network));
        network.eval();
        foreach (var parameter in network.parameters())
        {
            parameter.requires_grad = false;
        }

        _hooks = [.. network.WeightLayers().Select(layer => layer.Layer.register_forward_pre_hook((_, input) => Shifted(layer.Name, input)))];
    }

    /// <summary>Values of the inputs of a block's layers for one sample; known after the first batch.</summary>
    public long Volume(Block block) => block.LayerNames.Sum(layer => _volumes.GetValueOrDefault(layer));

    /// <summary>Adds a batch's share of zᵀHz for each block (first index) and probe (second).</summary>
    public void Add(Batch batch, double[][] totals, Generator generator, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var recording = enable_grad();
        var loss = _risk.Part(batch).RequireGraph();
        var layers = _blocks.SelectMany(block => block.LayerNames).Where(_zeros.ContainsKey).ToList();
        if (layers.Count == 0)
        {
            throw new ArgumentException("No weight layer of the network ran; expected ConvolutionLayer or LinearLayer, whose inputs are analysed.");
        }

        var gradients = layers.Zip(autograd.grad([loss], [.. layers.Select(layer => _zeros[layer])], null, retain_graph: true, create_graph: true, allow_unused: true))
            .ToDictionary(pair => pair.First, pair => pair.Second);
        if (layers.Find(layer => gradients[layer] is null || gradients[layer].IsInvalid) is { } unused)
        {
            throw new ArgumentException($"The loss does not depend on the input of layer \"{unused}\", so it has no Hessian; leave the layer out of the network or its blocks.");
        }

        for (var b = 0; b < _blocks.Count; b++)
        {
            // A layer that no loss depends on twice, as the last linear layer under a linear loss would be, has no graph.
            var used = _blocks[b].LayerNames.Where(layer => gradients.TryGetValue(layer, out var g) && g.requires_grad).ToList();
            for (var probe = 0; used.Count > 0 && probe < totals[b].Length; probe++)
            {
                NotebookEngine.ThrowIfInterrupted(cancellation);
                totals[b][probe] += Quadratic([.. used.Select(layer => gradients[layer])], [.. used.Select(layer => _zeros[layer])], generator);
            }
        }

        Forget();
    }

    public void Dispose()
    {
        Forget();
        _hooks.ForEach(hook => hook.remove());
        _state.Dispose();
    }

    private void Forget()
    {
        foreach (var zero in _zeros.Values)
        {
            zero.Dispose();
        }

        _zeros.Clear();
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
        _zeros[layer] = zero;
        _volumes[layer] = input.numel() / input.shape[0];
        return input + zero;
    }
}
