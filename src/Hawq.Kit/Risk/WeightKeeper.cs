using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Keeps a copy of weights, sets them to other values, and puts the copy back, bit for bit, when disposed.</summary>
internal sealed class WeightKeeper : IDisposable
{
    private readonly IReadOnlyList<Tensor> _weights;
    private readonly List<Tensor> _copies;

    public WeightKeeper(IEnumerable<Block> blocks)
    {
        _weights = [.. blocks.SelectMany(block => block.Weights)];
        using var _ = no_grad();
        _copies = [.. _weights.Select(weight => weight.detach().clone().DetachFromDisposeScope())];
    }

    /// <summary>W ← W₀ + Σ_k t_k d_k.</summary>
    /// <param name="directions">Each (n), in the order of the weights.</param>
    /// <param name="steps">t_k, one a direction.</param>
    public void Move(IReadOnlyList<Tensor> directions, params IReadOnlyList<double> steps)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var at = 0L;
        for (var k = 0; k < _weights.Count; k++)
        {
            _weights[k].copy_(_copies[k]);
            for (var d = 0; d < directions.Count; d++)
            {
                _weights[k].add_(directions[d].narrow(0, at, _copies[k].numel()).view(_copies[k].shape), alpha: steps[d]);
            }

            at += _copies[k].numel();
        }
    }

    /// <summary>W ← the given values.</summary>
    /// <param name="values">One a weight, of its shape.</param>
    public void Set(IReadOnlyList<Tensor> values)
    {
        using var _ = no_grad();
        for (var k = 0; k < _weights.Count; k++)
        {
            _weights[k].copy_(values[k]);
        }
    }

    public void Dispose()
    {
        using var _ = no_grad();
        for (var k = 0; k < _weights.Count; k++)
        {
            _weights[k].copy_(_copies[k]);
            _copies[k].Dispose();
        }
    }
}
