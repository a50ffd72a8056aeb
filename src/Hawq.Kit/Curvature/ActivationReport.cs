namespace Hawq.Kit;

/// <summary>Curvature along the activations of one block.</summary>
/// <param name="Block">The block.</param>
/// <param name="Volume">V, the number of values that the inputs of its layers have for one sample, over all calls.</param>
/// <param name="Trace">(1/N) Σ_i Tr ∂²ℓ_i/∂a_i², with its standard error over the probes.</param>
public sealed record BlockActivations(Block Block, long Volume, Estimate Trace)
{
    /// <summary>Trace ÷ V.</summary>
    public double AverageTrace => Trace.Value / Volume;
}

/// <summary>Curvature along the activations of all blocks, with what made the numbers.</summary>
/// <param name="Blocks">One entry a block, in network order.</param>
/// <param name="Loss">Mean loss over the samples.</param>
/// <param name="Samples">N, the number of samples.</param>
/// <param name="SampleHash">Names the sample set.</param>
/// <param name="Partition">How the network was cut.</param>
/// <param name="Probes">Random vectors of each estimate.</param>
/// <param name="Seed">Seed of the probes.</param>
/// <param name="Seconds">Wall time, in seconds.</param>
public sealed record ActivationReport(
    IReadOnlyList<BlockActivations> Blocks,
    double Loss,
    long Samples,
    string SampleHash,
    string Partition,
    int Probes,
    long Seed,
    double Seconds);
