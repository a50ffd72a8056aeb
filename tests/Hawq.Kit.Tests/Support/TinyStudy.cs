namespace Hawq.Kit.Tests;

/// <summary>Studies of a network of 5 blocks on a few pictures.</summary>
internal static class TinyStudy
{
    public static ImageSet Train { get; } = Given.Pictures.Take(16);

    public static ImageSet Validation { get; } = Given.Pictures.Sample(16, seed: 9);

    /// <summary>λ falls from block to block, so that conv1 leads; Fisher and trace rise.</summary>
    public static CurvatureReport Curvature(Network network) => new(
        [.. BlockPartition.ByUnit.Of(network).Select((block, k) => new BlockCurvature(block, [new Eigenpair(20.0 - k, 0.01, 1, true)], new Estimate(k + 1, 0.1, 9))
        {
            Fisher = new Estimate(k + 1, 0.1, 5),
        })],
        2, 16, "hash", "by hand", 1, 1, 1);

    public static Study Of(Network network) => Study.Of(network, Curvature(network), Train, Validation)
        .WithBits(2, 4, 8).WithBudgets(Budget.AverageBits(5)).FineTunedBy(tuning => tuning.WithBatchSize(8));

    /// <summary>48 cells, each a training of its own.</summary>
    public static Study Sweep(Network network) => Of(network)
        .WithRules(AllocationRule.UniformBits, AllocationRule.Hawq).WithOrders(BlockOrder.AllAtOnce, BlockOrder.Random)
        .WithSchemes(QuantizationScheme.AsymmetricPerTensor, QuantizationScheme.SymmetricPerChannel).WithSeeds(1, 2, 3, 4, 5, 6);
}
