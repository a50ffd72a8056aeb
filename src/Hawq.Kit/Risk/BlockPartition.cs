using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A way to cut a network into blocks.</summary>
public sealed class BlockPartition
{
    private readonly Func<string, IReadOnlyCollection<string>, string?> _blockOf;

    private BlockPartition(string name, Func<string, IReadOnlyCollection<string>, string?> blockOf) =>
        (Name, _blockOf) = (name, blockOf);

    /// <summary>
    /// Each residual unit, bottleneck or Mixed module is a block, and so is each weight layer outside of them: HAWQ-V1's
    /// blocks, 11 for ResNet20 (Dong et al. 2019).
    /// </summary>
    public static BlockPartition ByUnit { get; } = new("by unit", (layer, units) =>
        units.FirstOrDefault(unit => layer.StartsWith(unit + ".", StringComparison.Ordinal)) ?? layer);

    /// <summary>Each weight layer is a block, as in HAWQ-V2.</summary>
    public static BlockPartition ByLayer { get; } = new("by layer", (layer, _) => layer);

    /// <summary>What it is called in tables and run cards.</summary>
    public string Name { get; }

    /// <summary>A partition of your own.</summary>
    /// <param name="blockOf">
    /// Gives each layer, by its dotted name, the name of its block, or <see langword="null"/> to leave it out: no curvature is taken of
    /// it, and it stays float.
    /// </param>
    public static BlockPartition By(Func<string, string?> blockOf)
    {
        ArgumentNullException.ThrowIfNull(blockOf);
        return new("custom", (layer, _) => blockOf(layer));
    }

    /// <summary>The blocks of a network, in network order.</summary>
    /// <param name="model">
    /// Any network; its conv and linear weights (two or more dimensions) are cut, but those of layers that are for training alone, as
    /// an auxiliary head, on which the loss in evaluation mode does not depend.
    /// </param>
    /// <exception cref="ArgumentException">The network has no conv or linear weight, or all of them are left out.</exception>
    public IReadOnlyList<Block> Of(nn.Module<Tensor, Tensor> model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var units = model.named_modules().Where(m => m.module is INetworkUnit).Select(m => m.name).ToHashSet();
        var blocks = Weights(model)
            .Select(layer => (Name: _blockOf(layer.Layer, units), layer.Layer, layer.Weight))
            .Where(layer => layer.Name is not null)
            .GroupBy(layer => layer.Name!)
            .Select(block => new Block(block.Key, [.. block.Select(l => l.Layer)], [.. block.Select(l => l.Weight)]))
            .ToList();
        return blocks.Count > 0
            ? blocks
            : throw new ArgumentException(
                $"{model.GetName()} has no conv or linear weight, or the partition {Name} leaves out all of them; expected at least one in a block.", nameof(model));
    }

    private static IEnumerable<(string Layer, Parameter Weight)> Weights(nn.Module model)
    {
        var network = model as Network;
        return from parameter in model.named_parameters()
               where parameter.name.EndsWith(".weight", StringComparison.Ordinal) && parameter.parameter.dim() >= 2
               let layer = parameter.name[..^".weight".Length]
               where network?.IsForTrainingAlone(layer) != true
               select (layer, parameter.parameter);
    }
}
