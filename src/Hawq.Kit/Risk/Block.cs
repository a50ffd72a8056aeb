using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A named group of layers that shares one bit width: the unit of HAWQ.</summary>
/// <param name="Name">Dotted name in the network, e.g. "conv1" or "layer2.0".</param>
/// <param name="LayerNames">Dotted names of its weight layers, in network order.</param>
/// <param name="Weights">Their weight tensors, in the same order. They belong to the network.</param>
public sealed record Block(string Name, IReadOnlyList<string> LayerNames, IReadOnlyList<Parameter> Weights)
{
    /// <summary>n, the number of weights: conv and linear weights alone, without bias and batch norm.</summary>
    public long WeightCount { get; internal init; } = Weights.Sum(weight => weight.numel());

    /// <summary>Whether its weights are the network's own, not a copy's. A block without tensors, as that of a table, is of no network.</summary>
    internal bool IsOf(nn.Module network)
    {
        var own = network.parameters().ToHashSet<object>(ReferenceEqualityComparer.Instance);
        return Weights.Count > 0 && Weights.All(weight => own.Contains(weight));
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Name} ({LayerNames.Count} layers, {WeightCount:N0} weights)");
}
