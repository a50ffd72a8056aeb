namespace Hawq.Kit;

/// <summary>Curvature of all blocks, with what made the numbers.</summary>
/// <param name="Blocks">One entry a block, in network order.</param>
/// <param name="Loss">Mean loss over the samples.</param>
/// <param name="Samples">Number of samples.</param>
/// <param name="SampleHash">Names the sample set.</param>
/// <param name="Settings">The analysis in words.</param>
/// <param name="Seed">Seed of start vectors and probes.</param>
/// <param name="Products">Hessian-vector products, each over all samples.</param>
/// <param name="Seconds">Wall time, in seconds.</param>
public sealed record CurvatureReport(
    IReadOnlyList<BlockCurvature> Blocks,
    double Loss,
    long Samples,
    string SampleHash,
    string Settings,
    long Seed,
    long Products,
    double Seconds);

/// <summary>How far an analysis is.</summary>
/// <param name="Block">The block at work.</param>
/// <param name="Done">Blocks done.</param>
/// <param name="Total">Blocks in all.</param>
public readonly record struct CurvatureProgress(string Block, int Done, int Total)
{
    /// <summary>What the run was estimated to take before it began, if <see cref="HessianAnalysis.WithEstimate"/> asked for it.</summary>
    public CurvatureEstimate? Estimate { get; init; }
}
