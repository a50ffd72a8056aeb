namespace Hawq.Kit;

/// <summary>
/// The spectral density of an operator, φ(x) = (1/n) Σ_i δ(x − λ_i), by stochastic Lanczos quadrature (Ghorbani et al. 2019;
/// Yao et al. 2020): for a random unit vector v, k Lanczos steps give nodes θ_j and weights τ_j with
/// vᵀf(A)v ≈ Σ_j τ_j f(θ_j), exactly for polynomials f of degree below 2k, and E[vᵀf(A)v] = (1/n) Tr f(A).
/// </summary>
/// <param name="Probes">The quadrature of each probe: nodes θ_j, ascending, with weights τ_j that sum to 1.</param>
/// <param name="Products">Operator products that it took.</param>
public sealed record SpectralDensity(IReadOnlyList<IReadOnlyList<(double Node, double Weight)>> Probes, int Products)
{
    /// <summary>∫φ, which is 1 but for rounding.</summary>
    public double Mass => Probes.Average(probe => probe.Sum(point => point.Weight));

    /// <summary>∫xφ(x)dx = Tr A ÷ n, the average trace, with its standard error over the probes.</summary>
    public Estimate Mean => Estimate.Of([.. Probes.Select(probe => probe.Sum(point => point.Node * point.Weight))]);

    /// <summary>The lower edge: the smallest node, which tends to the smallest eigenvalue from above.</summary>
    public double Lowest => Probes.Min(probe => probe.Min(point => point.Node));

    /// <summary>The top edge: the largest node, which tends to the largest eigenvalue from below.</summary>
    public double Highest => Probes.Max(probe => probe.Max(point => point.Node));

    /// <summary>Draws probes and takes Lanczos steps from each.</summary>
    /// <param name="of">The operator.</param>
    /// <param name="seed">Seed of the probes: uniformly random directions.</param>
    /// <param name="probes">2 or more; the standard error falls as 1 ÷ √probes.</param>
    /// <param name="steps">Most Lanczos steps a probe; fewer where the Krylov space ends before. More steps resolve finer.</param>
    /// <param name="cancellation">Stops between products.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 2 probes or no step.</exception>
    public static SpectralDensity Of(
        LinearOperator of, long seed, int probes = 4, int steps = 40, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(of);
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var products = 0;
        var quadratures = new List<IReadOnlyList<(double Node, double Weight)>>();
        var seeds = new SplitMix64(seed);
        for (var probe = 0; probe < probes; probe++)
        {
            using var lanczos = new Lanczos(of, (long)seeds.Next());
            while (lanczos.Steps < steps && !lanczos.IsExhausted)
            {
                cancellation.ThrowIfCancellationRequested();
                lanczos.Step();
            }

            products += lanczos.Steps;
            quadratures.Add(lanczos.Quadrature());
        }

        return new SpectralDensity(quadratures, products);
    }

    /// <summary>The density with each node widened to a normal curve, on an even grid that reaches 4 widths beyond both edges.</summary>
    /// <param name="width">Standard deviation of the normal curve ÷ (top edge − lower edge); 1 % unless said.</param>
    /// <returns>Places x, and φ(x) in eigenvalues' share a unit of x; the trapezoid rule over them gives 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The width is not within 0.0005 and 1.</exception>
    public IReadOnlyList<(double Eigenvalue, double Density)> Curve(double width = 0.01)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 0.0005);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, 1);
        var range = Math.Max(Highest - Lowest, Math.Max(1e-9 * Math.Max(Math.Abs(Highest), Math.Abs(Lowest)), 1e-300)); // all eigenvalues may be equal
        var (low, sigma) = (Lowest - (4 * width * range), width * range);
        var count = (int)Math.Ceiling((1 + (8 * width)) / width * 4) + 1;                   // 4 points a σ
        var step = ((1 + (8 * width)) * range) / (count - 1);
        return [.. Enumerable.Range(0, count).Select(k => low + (k * step)).Select(x => (x, At(x, sigma)))];
    }

    private double At(double x, double sigma) => Probes.Average(probe => probe.Sum(point =>
    {
        var distance = (x - point.Node) / sigma;
        return point.Weight * Math.Exp(-0.5 * distance * distance);
    })) / (sigma * Math.Sqrt(2 * Math.PI));
}
