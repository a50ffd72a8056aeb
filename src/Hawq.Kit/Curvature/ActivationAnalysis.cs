using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>
/// Recipe for HAWQ-V2's sensitivity of activations: the trace of the Hessian of the loss with respect to the inputs of each block's
/// layers (Dong et al. 2020, section 3.3). <c>Of … With… Run</c>; immutable.
/// </summary>
/// <remarks>
/// The loss is a mean over samples, (1/N) Σ ℓ_i, and in evaluation mode a sample's activations do not reach another's loss, so the Hessian
/// is block-diagonal over samples and its trace is the mean of the traces Tr ∂²ℓ_i/∂a_i², with a_i (V) the sample's activations. By
/// Hutchinson, with ±1 for every element of every sample. Each layer's input is differentiated by itself, as each has its own grid: the
/// way of a tensor into another layer or past the block does not count; of a layer that runs more than once, the inputs of all calls
/// do. One batch's graph is in memory at a time.
/// </remarks>
public sealed record ActivationAnalysis
{
    private ActivationAnalysis()
    {
    }

    private Network Model { get; init; } = null!;

    private Loss<Tensor, Tensor, Tensor> Loss { get; init; } = null!;

    private IReadOnlyList<Batch> Batches { get; init; } = [];

    private BlockPartition Partition { get; init; } = BlockPartition.ByUnit;

    private int Probes { get; init; } = 50;

    /// <summary>Starts from a trained network, a loss and the samples whose mean loss is analysed.</summary>
    /// <param name="network">The float network; its mode and gradients' settings are restored afterwards.</param>
    /// <param name="loss">A loss that averages over the batch, such as <c>nn.CrossEntropyLoss()</c>, without class weights.</param>
    /// <param name="batches">The samples. They stay the caller's. Smaller batches take less memory.</param>
    public static ActivationAnalysis Of(Network network, Loss<Tensor, Tensor, Tensor> loss, IEnumerable<Batch> batches)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(batches);
        return new ActivationAnalysis { Model = network, Loss = loss, Batches = [.. batches] };
    }

    /// <summary>How the network is cut into blocks; by unit unless said, by layer as in HAWQ-V2 with <see cref="BlockPartition.ByLayer"/>.</summary>
    /// <param name="partition">The way.</param>
    public ActivationAnalysis PartitionedBy(BlockPartition partition) => this with { Partition = partition ?? throw new ArgumentNullException(nameof(partition)) };

    /// <summary>How many random vectors; 50 unless said, which the authors found enough for weights (Dong et al. 2020, figure 5).</summary>
    /// <param name="count">At least 2, for a standard error.</param>
    public ActivationAnalysis WithProbes(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        return this with { Probes = count };
    }

    /// <summary>Measures.</summary>
    /// <param name="seed">Seed of the probes.</param>
    /// <param name="progress">Hears of each batch.</param>
    /// <param name="cancellation">Stops between products.</param>
    /// <exception cref="InvalidOperationException">
    /// The loss is not finite, not repeatable, no mean over samples (as with class weights), or without a graph or a second derivative,
    /// or a layer is quantized.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// There are no samples, a batch is empty or on another device, the loss does not average, or a layer of a block does not run or
    /// the loss does not depend on its input.
    /// </exception>
    public ActivationReport Run(long seed, IProgress<CurvatureProgress>? progress = null, CancellationToken cancellation = default)
    {
        Model.RequireFloat(GradientGraphs.NoSecondDerivative);
        var clock = Stopwatch.StartNew();
        var risk = new EmpiricalRisk(Model, Loss, Batches);
        var loss = risk.RequireRepeatable();
        var blocks = Partition.Of(Model);
        using var graph = new ActivationGraph(risk, Model, blocks);
        var totals = blocks.Select(_ => new double[Probes]).ToArray();
        using var generator = new Generator((ulong)seed, Model.parameters().First().device);
        for (var k = 0; k < Batches.Count; k++)
        {
            progress?.Report(new CurvatureProgress(FormattableString.Invariant($"batch {k + 1}"), k, Batches.Count));
            graph.Add(Batches[k], totals, generator, cancellation);
        }

        progress?.Report(new CurvatureProgress("done", Batches.Count, Batches.Count));
        var results = blocks.Select((block, b) => new BlockActivations(block, graph.Volume(block), Estimate.Of(totals[b])));
        return new([.. results], loss, risk.Samples, risk.SampleHash, Partition.Name, Probes, seed, clock.Elapsed.TotalSeconds);
    }
}
