namespace Hawq.Kit;

/// <summary>A direction d in the space of the weights, with the loss's Taylor coefficients along it.</summary>
/// <param name="Name">What it is, e.g. "eigenvector 1 of layer1.0".</param>
/// <param name="Slope">g = ∇Lᵀd, in nats a unit of t.</param>
/// <param name="Curvature">dᵀHd, in nats a squared unit of t; λ for a unit eigenvector.</param>
public sealed record LandscapeDirection(string Name, double Slope, double Curvature)
{
    /// <summary>
    /// Of an eigenvector, its λ with the residual ‖Hd − λd‖ ÷ |λ|; the name tells the residual where it did not converge.
    /// <see langword="null"/> for any other direction.
    /// </summary>
    public Eigenpair? Eigenpair { get; init; }
}

/// <summary>The mean loss on a line or a plane through the weights: L(W + Σ_k t_k d_k).</summary>
/// <param name="Directions">One direction, or two.</param>
/// <param name="Steps">The values of t, ascending and symmetric about 0; the same for both directions.</param>
/// <param name="Losses">A row for each t of the first direction; a row holds one loss, or one for each t of the second. It may hold infinity or NaN.</param>
/// <param name="Loss">L(W), where all t are 0.</param>
/// <param name="Samples">Number of samples.</param>
/// <param name="SampleHash">Names the sample set.</param>
/// <param name="Settings">The recipe in words, with the unit of t.</param>
/// <param name="Seed">Seed of start vectors and directions.</param>
/// <param name="Seconds">Wall time, in seconds.</param>
public sealed record LandscapeReport(
    IReadOnlyList<LandscapeDirection> Directions,
    IReadOnlyList<double> Steps,
    IReadOnlyList<IReadOnlyList<double>> Losses,
    double Loss,
    long Samples,
    string SampleHash,
    string Settings,
    long Seed,
    double Seconds)
{
    /// <summary>The second-order Taylor polynomial along the first direction, L(W) + g·t + ½ dᵀHd·t²: what HAWQ assumes of the loss.</summary>
    /// <param name="t">How far.</param>
    public double Quadratic(double t) => Loss + (Directions[0].Slope * t) + (0.5 * Directions[0].Curvature * t * t);
}

/// <summary>How far a landscape is.</summary>
/// <param name="Done">Losses done.</param>
/// <param name="Total">Losses in all.</param>
public readonly record struct LandscapeProgress(int Done, int Total);
