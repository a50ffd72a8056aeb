using static TorchSharp.torch;

namespace Hawq.Kit.Benchmarks;

/// <summary>
/// The yardstick's product, as PyHessian's <c>dataloader_hv_product</c> (Yao et al. 2020): for each batch anew, the loss's gradient by
/// all parameters with its graph, then the derivative of gᵀv by all parameters.
/// </summary>
/// <remarks>PyHessian knows no blocks: v is zero outside of the block, and what H·v has there is thrown away.</remarks>
internal sealed class FullNetworkHessian(nn.Module<Tensor, Tensor> network, IReadOnlyList<Batch> batches)
{
    private readonly List<Tensor> _parameters = [.. network.parameters()];

    /// <summary>Products taken.</summary>
    public int Products { get; private set; }

    /// <summary>The weights of each block of the kit's network, by their places among the parameters.</summary>
    public static IReadOnlyList<int[]> Places(Network source, IReadOnlyList<Block> blocks)
    {
        var all = source.parameters().Select((parameter, k) => (parameter, k)).ToList();
        return [.. blocks.Select(block => block.Weights.Select(weight => all.Single(one => ReferenceEquals(one.parameter, weight)).k).ToArray())];
    }

    /// <summary>(H·v) on one block, for a v, (n), that is zero elsewhere.</summary>
    /// <param name="places">Of the block's weights.</param>
    /// <param name="v">In their order.</param>
    public Tensor Multiply(int[] places, Tensor v)
    {
        using var scope = NewDisposeScope();
        var vector = _parameters.Select(parameter => zeros_like(parameter)).ToList();
        var start = 0L;
        foreach (var place in places)
        {
            vector[place] = v.narrow(0, start, _parameters[place].numel()).view(_parameters[place].shape);
            start += _parameters[place].numel();
        }

        var product = Multiply(vector);
        return cat([.. places.Select(place => product[place].reshape(-1))]).MoveToOuterDisposeScope();
    }

    private List<Tensor> Multiply(List<Tensor> v)
    {
        var sum = _parameters.Select(parameter => zeros_like(parameter)).ToList();
        var samples = (double)batches.Sum(batch => batch.Size);
        foreach (var batch in batches)
        {
            using var scope = NewDisposeScope();
            var loss = nn.functional.cross_entropy(network.call(batch.Inputs), batch.Targets);
            var gradients = autograd.grad([loss], _parameters, null, retain_graph: true, create_graph: true);
            foreach (var (total, part) in sum.Zip(autograd.grad(gradients, _parameters, v)))
            {
                total.add_(part, batch.Size / samples);
            }
        }

        Products++;
        return sum;
    }
}
