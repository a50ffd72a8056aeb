namespace Hawq.Kit;

/// <summary>What was measured of one block's Hessian.</summary>
/// <param name="Block">The block.</param>
/// <param name="Eigenvalues">Eigenvalues of largest magnitude, largest first; empty if none were asked for.</param>
/// <param name="Trace">Trace with its standard error, or <see langword="null"/> if it was not asked for.</param>
public sealed record BlockCurvature(Block Block, IReadOnlyList<Eigenpair> Eigenvalues, Estimate? Trace)
{
    /// <summary>The spectral density, or <see langword="null"/> if it was not asked for.</summary>
    public SpectralDensity? Density { get; init; }

    /// <summary>The unit eigenvector of λ, (n) in the order of the block's weights, or <see langword="null"/> if no eigenvalue was asked for.</summary>
    public IReadOnlyList<float>? TopEigenvector { get; init; }

    /// <summary>
    /// Tr F, the trace of the empirical Fisher, (1/N) Σ_i ‖∇ℓ_i‖², with its standard error over the samples, or
    /// <see langword="null"/> if it was not asked for.
    /// </summary>
    public Estimate? Fisher { get; init; }

    /// <summary>λ, the eigenvalue of largest magnitude, with its sign.</summary>
    /// <exception cref="InvalidOperationException">No eigenvalue was asked for.</exception>
    public double TopEigenvalue => Eigenvalues.Count > 0
        ? Eigenvalues[0].Value
        : throw new InvalidOperationException($"Block \"{Block.Name}\" has no eigenvalue; add WithTopEigenvalues() to the analysis.");

    /// <summary>Tr H ÷ n.</summary>
    /// <exception cref="InvalidOperationException">The trace was not asked for.</exception>
    public double AverageTrace => (Trace?.Value / Block.WeightCount)
        ?? throw new InvalidOperationException($"Block \"{Block.Name}\" has no trace; add WithTrace() to the analysis.");

    /// <summary>
    /// Whether the leading eigenvalue or the trace is negative: the network is no minimum along this block, and HAWQ's ranking,
    /// which takes magnitudes, should be read with care.
    /// </summary>
    public bool HasNegativeCurvature => Eigenvalues.Any(pair => pair.Value < 0) || Trace?.Value < 0;

    /// <summary>Tr F ÷ n.</summary>
    /// <exception cref="InvalidOperationException">The Fisher was not asked for.</exception>
    public double AverageFisher => (Fisher?.Value / Block.WeightCount)
        ?? throw new InvalidOperationException($"Block \"{Block.Name}\" has no Fisher; add WithEmpiricalFisher() to the analysis.");

    /// <summary>The magnitude that a measure ranks by.</summary>
    /// <param name="measure">Which number.</param>
    /// <exception cref="InvalidOperationException">The measure was not asked for; the message says what to add to the analysis.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such measure.</exception>
    public double Magnitude(CurvatureMeasure measure) => measure switch
    {
        CurvatureMeasure.TopEigenvalue => Math.Abs(TopEigenvalue),
        CurvatureMeasure.AverageTrace => Math.Abs(AverageTrace),
        CurvatureMeasure.EmpiricalFisher => AverageFisher,
        CurvatureMeasure.None => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, "There is no such measure."),
    };
}
