using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Hutchinson's trace of a sum of operators, Tr Σ_k A_k, with probes of its own for each part: E[Σ_k z_kᵀ A_k z_k].</summary>
/// <remarks>
/// One probe z for all has the variance 2 ‖Σ_k A_k‖² (squared Frobenius norm off the diagonal), probes of their own 2 Σ_k ‖A_k‖² at
/// the same cost. The difference, 2 Σ_{j≠k} ⟨A_j, A_k⟩, is positive where the parts resemble each other, as the Hessians of the same
/// network over different samples do: K like parts have 1 ÷ K of the variance.
/// </remarks>
internal static class PartedTrace
{
    /// <summary>Two give the spread within each part; the many parts make it a good estimate.</summary>
    public const int FewestProbes = 2;

    private const double Reserve = 1.2; // more than the spread asks for, since that is an estimate too
    private const int Growth = 4;       // and the first one the least certain

    /// <summary>
    /// Degrees of freedom of the standard error, parts · (probes − 1), below which it stops nothing: the two probes of a single part agree
    /// by chance as easily as two throws of a coin.
    /// </summary>
    private const int FewestFreedoms = 8;

    /// <summary>Draws probes, as many for each part, until the standard error is small enough and, with few parts, known well enough.</summary>
    /// <param name="parts">The parts, in the same order whenever they are gone through; each is used before the next is taken.</param>
    /// <param name="generator">Source of the probes, on the parts' device.</param>
    /// <param name="relativeError">Stop when standard error ÷ |mean| is at most this.</param>
    /// <param name="maximum">Most probes of a part.</param>
    /// <param name="cancellation">Stops between products.</param>
    public static Estimate Of(IEnumerable<LinearOperator> parts, Generator generator, double relativeError, int maximum, CancellationToken cancellation)
    {
        var samples = new List<List<double>>();
        for (var probes = FewestProbes; ; probes = Math.Min(maximum, Next(Needed(Sum(samples), relativeError, maximum), probes)))
        {
            Draw(samples, probes, parts, generator, cancellation);
            var sum = Sum(samples);
            var isKnown = samples.Count * (probes - 1) >= FewestFreedoms;
            if ((isKnown && sum.RelativeError <= relativeError) || probes >= maximum)
            {
                return sum;
            }
        }
    }

    /// <summary>Draws so many probes of each part.</summary>
    public static Estimate Of(IEnumerable<LinearOperator> parts, Generator generator, int probes, CancellationToken cancellation)
    {
        var samples = new List<List<double>>();
        Draw(samples, probes, parts, generator, cancellation);
        return Sum(samples);
    }

    /// <summary>Probes of a part that an error calls for: it falls as 1 ÷ √probes.</summary>
    public static int Needed(Estimate sum, double relativeError, int maximum) => (int)Math.Clamp(
        Math.Ceiling(sum.Samples * Math.Pow(sum.RelativeError / relativeError, 2)), FewestProbes, maximum);

    /// <summary>How often <see cref="Of(IEnumerable{LinearOperator}, Generator, double, int, CancellationToken)"/> goes through the parts to draw so many.</summary>
    public static int Rounds(int needed)
    {
        var rounds = 1;
        for (var probes = FewestProbes; probes < needed; probes = Next(needed, probes))
        {
            rounds++;
        }

        return rounds;
    }

    /// <summary>No more at once than the little that is known of the error justifies.</summary>
    private static int Next(int needed, int probes) => Math.Clamp((int)Math.Ceiling(Reserve * needed), probes + 1, Growth * probes);

    private static void Draw(List<List<double>> samples, int probes, IEnumerable<LinearOperator> parts, Generator generator, CancellationToken cancellation)
    {
        foreach (var (k, part) in parts.Index())
        {
            if (k == samples.Count)
            {
                samples.Add([]);
            }

            samples[k].AddRange(Enumerable.Range(0, probes - samples[k].Count).Select(_ => Hutchinson.Sample(part, generator, cancellation)));
        }
    }

    /// <summary>Sum of the parts' means; their variances add up.</summary>
    private static Estimate Sum(List<List<double>> samples)
    {
        var parts = samples.ConvertAll(Estimate.Of);
        return new Estimate(parts.Sum(part => part.Value), Math.Sqrt(parts.Sum(part => part.StandardError * part.StandardError)), samples[0].Count);
    }
}
