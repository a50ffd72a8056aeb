using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Hutchinson's stochastic trace (Hutchinson 1990): E[zᵀAz] = Tr A for Rademacher z.</summary>
public static class Hutchinson
{
    /// <summary>Draws probes until the standard error is small enough.</summary>
    /// <param name="of">The operator.</param>
    /// <param name="seed">Seed of the probes.</param>
    /// <param name="relativeError">Stop when standard error ÷ |mean| is at most this.</param>
    /// <param name="minimum">Fewest probes, so that a chance agreement of the first few does not stop it.</param>
    /// <param name="maximum">Most probes.</param>
    /// <param name="cancellation">Stops between products.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 2 probes, or more at least than at most.</exception>
    public static Estimate Trace(
        LinearOperator of, long seed, double relativeError = 0.05, int minimum = 8, int maximum = 512, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(of);
        ArgumentOutOfRangeException.ThrowIfLessThan(minimum, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, minimum);
        using var generator = new Generator((ulong)seed, of.Device);
        var samples = new List<double>();
        while (samples.Count < maximum)
        {
            samples.Add(Sample(of, generator, cancellation));
            if (samples.Count >= minimum && Estimate.Of(samples).RelativeError <= relativeError)
            {
                break;
            }
        }

        return Estimate.Of(samples);
    }

    /// <summary>zᵀAz for one Rademacher z: a sample of the trace.</summary>
    internal static double Sample(LinearOperator of, Generator generator, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        var z = Probes.Rademacher(of, generator);
        return z.dot(of.Multiply(z)).ToNumber();
    }
}
