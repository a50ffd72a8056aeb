namespace Hawq.Kit;

/// <summary>One stage to come: blocks to quantize at its start (none in the closing stage), and its epochs.</summary>
internal sealed record StagePlan(string Name, IReadOnlyList<BlockPrecision> Blocks, double Perturbation, int Epochs)
{
    private const long OrderStream = -1; // not that of an epoch's data

    /// <summary>Epochs of the stages before it.</summary>
    public int First { get; private init; }

    /// <summary>Epochs when it has ended.</summary>
    public int End => First + Epochs;

    /// <summary>Whether it quantizes something at its start.</summary>
    public bool Quantizes => Blocks.Any(block => !block.WeightBits.IsFloat || !block.ActivationBits.IsFloat);

    /// <summary>The stages of an allocation in an order, closed by epochs with all blocks.</summary>
    public static IReadOnlyList<StagePlan> Of(
        IReadOnlyList<(BlockPrecision Precision, double Perturbation)> blocks, BlockOrder order, int epochsPerStage, int closingEpochs, long seed)
    {
        var stages = order switch
        {
            BlockOrder.AllAtOnce => [new StagePlan("all blocks", [.. blocks.Select(b => b.Precision)], blocks.Max(b => b.Perturbation), epochsPerStage)],
            BlockOrder.MostSensitiveFirst => Each(blocks.OrderByDescending(b => b.Perturbation)),
            BlockOrder.LeastSensitiveFirst => Each(blocks.OrderBy(b => b.Perturbation)),
            BlockOrder.Random => Each(new SplitMix64(seed, OrderStream).Permutation(blocks.Count).Select(k => blocks[k])),
            _ => Each(blocks),
        };
        if (closingEpochs > 0)
        {
            stages.Add(new StagePlan("closing", [], 0, closingEpochs));
        }

        return [.. stages.Select((stage, k) => stage with { First = stages.Take(k).Sum(before => before.Epochs) })];

        List<StagePlan> Each(IEnumerable<(BlockPrecision Precision, double Perturbation)> ordered) =>
            [.. ordered.Select(b => new StagePlan(b.Precision.Block.Name, [b.Precision], b.Perturbation, epochsPerStage))];
    }
}
