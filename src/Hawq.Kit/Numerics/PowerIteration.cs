using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Power iteration (HAWQ's Algorithm 1): v ← Av ÷ ‖Av‖ tends to the eigenvector of the largest |λ|.</summary>
public static class PowerIteration
{
    /// <summary>The eigenvalue of largest magnitude, with its sign.</summary>
    /// <param name="of">The operator.</param>
    /// <param name="seed">Seed of the first vector.</param>
    /// <param name="tolerance">Largest residual ‖Av − λv‖ ÷ |λ|.</param>
    /// <param name="maximum">Most products.</param>
    /// <param name="cancellation">Stops between products.</param>
    /// <remarks>λ is the Rayleigh quotient vᵀAv of the same v that the residual is of.</remarks>
    public static Eigenpair Top(LinearOperator of, long seed, double tolerance = 1e-2, int maximum = 100, CancellationToken cancellation = default)
    {
        var (pair, vector) = TopWithVector(of, seed, tolerance, maximum, cancellation);
        vector.Dispose();
        return pair;
    }

    /// <summary>As <see cref="Top"/>, with the unit vector that a further step would start from, (n), that the caller owns.</summary>
    internal static (Eigenpair Pair, Tensor Vector) TopWithVector(
        LinearOperator of, long seed, double tolerance, int maximum, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(of);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, 1);
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed, of.Device);
        var v = Probes.Direction(of, generator);
        var (value, residual) = (0.0, double.PositiveInfinity);
        var products = 0;
        while (products < maximum && residual > tolerance)
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var product = of.Multiply(v);
            products++;
            value = v.dot(product).ToNumber();
            var length = product.norm().ToNumber();
            if (length == 0)
            {
                return (new Eigenpair(0, 0, products, true), v.MoveToOuterDisposeScope()); // the zero operator, as far as a random vector can tell
            }

            residual = (product - (v * value)).norm().ToNumber() / Math.Max(Math.Abs(value), double.Epsilon);
            v = product.div_(length).MoveToOuterDisposeScope();
        }

        return (new Eigenpair(value, residual, products, residual <= tolerance), v.MoveToOuterDisposeScope());
    }
}
