using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Recipe for the loss on a line or a plane through the trained weights: <c>Of … Along… Run</c>. Immutable.</summary>
public sealed record LossLandscape
{
    private LossLandscape()
    {
    }

    private nn.Module<Tensor, Tensor> Model { get; init; } = null!;

    private Loss<Tensor, Tensor, Tensor> Loss { get; init; } = null!;

    private IReadOnlyList<Batch> Batches { get; init; } = [];

    private BlockPartition Partition { get; init; } = BlockPartition.ByUnit;

    private string? BlockName { get; init; }

    private int Dimensions { get; init; }

    private double Radius { get; init; } = 0.5;

    private int Points { get; init; } = 21;

    private int KeptBatches { get; init; } = 8;

    /// <summary>Starts from a trained network, a loss and the samples whose mean loss is drawn.</summary>
    /// <param name="model">The network; its weights are moved and put back, bit for bit, with its mode and gradients' settings.</param>
    /// <param name="loss">A loss that averages over the batch, such as <c>nn.CrossEntropyLoss()</c>.</param>
    /// <param name="batches">The samples. They stay the caller's.</param>
    public static LossLandscape Of(nn.Module<Tensor, Tensor> model, Loss<Tensor, Tensor, Tensor> loss, IEnumerable<Batch> batches)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(batches);
        return new LossLandscape { Model = model, Loss = loss, Batches = [.. batches] };
    }

    /// <summary>How the network is cut into blocks; by unit unless said.</summary>
    /// <param name="partition">The way.</param>
    public LossLandscape PartitionedBy(BlockPartition partition) => this with { Partition = partition ?? throw new ArgumentNullException(nameof(partition)) };

    /// <summary>Along the eigenvectors of largest |λ| of one block's Hessian; each has length 1, so t is a 2-norm of weights.</summary>
    /// <param name="block">The block's name.</param>
    /// <param name="dimensions">1 for a line, 2 for a plane.</param>
    public LossLandscape AlongEigenvectors(string block, int dimensions = 1)
    {
        ArgumentNullException.ThrowIfNull(block);
        RequireOneOrTwo(dimensions);
        return this with { BlockName = block, Dimensions = dimensions };
    }

    /// <summary>
    /// Along random directions of all conv and linear weights, each filter scaled to the length of the network's own (Li et al.
    /// 2018, section 4), so t = 1 changes each filter by as much as it is; biases and batch norm stay.
    /// </summary>
    /// <param name="dimensions">1 for a line, 2 for a plane.</param>
    public LossLandscape AlongRandomDirections(int dimensions = 2)
    {
        RequireOneOrTwo(dimensions);
        return this with { BlockName = null, Dimensions = dimensions };
    }

    /// <summary>Where the loss is taken: at evenly spaced t from −radius to radius.</summary>
    /// <param name="radius">Largest t; 0.5 unless said, as in PyHessian.</param>
    /// <param name="points">How many t, an odd number so that 0 is one; 21 unless said. A plane has points².</param>
    public LossLandscape WithGrid(double radius, int points)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(radius);
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 3);
        return points % 2 == 1
            ? this with { Radius = radius, Points = points }
            : throw new ArgumentOutOfRangeException(nameof(points), points, "An even number of points leaves out t = 0, the trained weights; use an odd number.");
    }

    /// <summary>How many batches' graphs stay in memory while directions are found; 8 unless said.</summary>
    /// <param name="count">0 or more.</param>
    public LossLandscape KeepingGraphsOf(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return this with { KeptBatches = count };
    }

    /// <summary>Finds the directions and takes the losses.</summary>
    /// <param name="seed">Seed of start vectors and directions.</param>
    /// <param name="progress">Hears of each loss.</param>
    /// <param name="cancellation">Stops between products and between losses.</param>
    /// <exception cref="InvalidOperationException">
    /// No direction was chosen, the loss is not finite, not repeatable or without a second derivative, a layer is quantized, or the block's
    /// Hessian shows one eigenvector where a plane needs two, as that of a loss that is linear in the weights.
    /// </exception>
    /// <exception cref="ArgumentException">No block has the chosen name, it has one weight where a plane needs two, or the loss does not depend on one of its weights.</exception>
    public LandscapeReport Run(long seed, IProgress<LandscapeProgress>? progress = null, CancellationToken cancellation = default)
    {
        var block = Chosen();
        var clock = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        var risk = new EmpiricalRisk(Model, Loss, Batches);
        var loss = risk.RequireRepeatable();
        var finder = new DirectionFinder(risk, block, KeptBatches);
        var found = BlockName is null ? finder.Random(Dimensions, seed) : finder.Eigenvectors(Dimensions, seed, cancellation);
        var losses = Losses(risk, block, [.. found.Select(pair => pair.Vector)], progress, cancellation);
        return new LandscapeReport(
            [.. found.Select(pair => pair.Direction)], Steps(), losses, loss, risk.Samples, risk.SampleHash, Describe(), seed, clock.Elapsed.TotalSeconds);
    }

    private static void RequireOneOrTwo(int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimensions, 2);
    }

    private Block Chosen()
    {
        if (Dimensions == 0)
        {
            throw new InvalidOperationException("The landscape has no direction; add AlongEigenvectors(block) or AlongRandomDirections().");
        }

        if (BlockName is null)
        {
            return BlockPartition.By(_ => "all weights").Of(Model)[0];
        }

        var blocks = Partition.Of(Model);
        var block = blocks.FirstOrDefault(b => b.Name == BlockName)
            ?? throw new ArgumentException($"There is no block \"{BlockName}\"; expected one of {string.Join(", ", blocks.Select(b => b.Name))}.");
        return block.WeightCount >= Dimensions
            ? block
            : throw new ArgumentException($"Block \"{block.Name}\" has {block.WeightCount} weight; a plane needs two or more. Ask for 1 dimension.");
    }

    private double[] Steps() => [.. Enumerable.Range(0, Points).Select(k => Radius * ((2.0 * k / (Points - 1)) - 1))];

    private double[][] Losses(
        EmpiricalRisk risk, Block block, Tensor[] directions, IProgress<LandscapeProgress>? progress, CancellationToken cancellation)
    {
        var (steps, done) = (Steps(), 0);
        var total = Dimensions == 1 ? Points : Points * Points;
        using var keeper = new WeightKeeper([block]);
        return [.. steps.Select(s => Dimensions == 1 ? [At(s)] : steps.Select(t => At(s, t)).ToArray())];

        double At(params double[] t)
        {
            cancellation.ThrowIfCancellationRequested();
            keeper.Move(directions, t);
            var value = risk.Evaluate();
            progress?.Report(new LandscapeProgress(++done, total));
            return value;
        }
    }

    private string Describe()
    {
        var along = BlockName is null ? "filter-normalised random directions" : $"unit eigenvectors of block {BlockName} ({Partition.Name})";
        return FormattableString.Invariant($"{Dimensions}-D along {along}; t from {-Radius} to {Radius} at {Points} points");
    }
}
