using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>
/// Lanczos iteration with full re-orthogonalisation: an orthonormal basis V of the Krylov space with VᵀAV = T tridiagonal.
/// The eigenvalues of T (Ritz values) approach those of A, the extreme ones first and far sooner than by power iteration.
/// </summary>
public sealed class Lanczos : IDisposable
{
    /// <summary>
    /// Further products for which values must stay converged. A small residual says that a value is near an eigenvalue, not that it is
    /// near the largest: a start vector that hardly has the top direction finds the next one first ("misconvergence", Parlett 1998,
    /// section 13.10), and the true one comes up a few products later.
    /// </summary>
    private const int Confirmations = 4;

    /// <summary>
    /// A residual smaller by this factor needs no confirmation: while a larger eigenvalue comes up, the residual of the one before it
    /// hardly ever gets there.
    /// </summary>
    private const double Clear = 1.0 / 33;

    private readonly LinearOperator _operator;
    private readonly List<Tensor> _basis = [];
    private readonly List<double> _diagonal = [];
    private readonly List<double> _offDiagonal = [];

    /// <summary>Starts from a random direction.</summary>
    /// <param name="of">The operator.</param>
    /// <param name="seed">Seed of the first vector.</param>
    public Lanczos(LinearOperator of, long seed)
    {
        ArgumentNullException.ThrowIfNull(of);
        _operator = of;
        using var generator = new Generator((ulong)seed, of.Device);
        _basis.Add(Probes.Direction(of, generator).DetachFromDisposeScope());
    }

    /// <summary>Products so far, the size of T.</summary>
    public int Steps => _diagonal.Count;

    /// <summary>Whether the Krylov space is exhausted: T's eigenvalues are exact.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>The eigenvalues of largest magnitude, largest first.</summary>
    /// <param name="of">The operator.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Seed of the first vector.</param>
    /// <param name="tolerance">Largest residual ‖Av − λv‖ ÷ |λ|, for each; it must hold for four further products, or be 33 times smaller.</param>
    /// <param name="maximum">Most products, at least <paramref name="count"/>.</param>
    /// <param name="cancellation">Stops between products.</param>
    /// <returns>
    /// Fewer than <paramref name="count"/> where the operator has fewer different eigenvalues: one vector's Krylov space shows an
    /// eigenvalue once, however often it repeats.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">No value is asked for, or fewer products are allowed than values.</exception>
    public static IReadOnlyList<Eigenpair> Top(
        LinearOperator of, int count, long seed, double tolerance = 1e-2, int maximum = 100, CancellationToken cancellation = default)
    {
        using var lanczos = new Lanczos(of, seed);
        return lanczos.Settle(count, tolerance, maximum, cancellation);
    }

    /// <summary>As <see cref="Top"/>, with the unit eigenvectors, one a row, (pairs, n), that the caller owns.</summary>
    internal static (IReadOnlyList<Eigenpair> Pairs, Tensor Vectors) TopWithVectors(
        LinearOperator of, int count, long seed, double tolerance, int maximum, CancellationToken cancellation)
    {
        using var lanczos = new Lanczos(of, seed);
        return (lanczos.Settle(count, tolerance, maximum, cancellation), lanczos.Vectors(count));
    }

    /// <summary>
    /// Most vectors in memory at once for so many products: the basis, and beside it the product, what is left of it and a part along the basis, or
    /// at the end the next basis vector and the eigenvectors.
    /// </summary>
    internal static long MostVectors(long products, long dimension, int count) => Math.Min(products, dimension) + Math.Max(3, 1 + count);

    /// <summary>One product: widens the Krylov space by a dimension.</summary>
    /// <exception cref="InvalidOperationException">The space is exhausted, so there is no further dimension.</exception>
    public void Step()
    {
        if (IsExhausted)
        {
            throw new InvalidOperationException($"The Krylov space is exhausted after {Steps} products, so its values are exact; expected no further step. Ask IsExhausted first.");
        }

        using var scope = NewDisposeScope();
        var v = _basis[^1];
        var w = _operator.Multiply(v).clone();
        _diagonal.Add(v.dot(w).ToNumber());
        var length = 0.0;
        for (var pass = 0; pass < 2; pass++) // twice is enough (Parlett 1998, section 6.9)
        {
            foreach (var earlier in _basis)
            {
                using var part = earlier * earlier.dot(w);  // (n), given back at once: together they would be twice the basis
                w.sub_(part);
            }

            length = w.norm().ToNumber();
        }

        IsExhausted = _basis.Count >= _operator.Dimension || length <= Epsilon * Scale();
        if (!IsExhausted)
        {
            _offDiagonal.Add(length);
            _basis.Add(w.div_(length).DetachFromDisposeScope());
        }
    }

    /// <summary>Ritz values, largest magnitude first, with residual β·|last component| ÷ |λ|.</summary>
    /// <param name="tolerance">Residual up to which a value counts as converged.</param>
    /// <exception cref="InvalidOperationException">There was no step yet.</exception>
    public IReadOnlyList<Eigenpair> Ritz(double tolerance)
    {
        var (values, _, last, _) = Solve();
        var beta = IsExhausted ? 0 : _offDiagonal[^1];
        return [.. values.Select((value, k) => (Value: value, Residual: beta * Math.Abs(last[k]) / Math.Max(Math.Abs(value), double.Epsilon)))
            .OrderByDescending(pair => Math.Abs(pair.Value))
            .Select(pair => new Eigenpair(pair.Value, pair.Residual, Steps, pair.Residual <= tolerance))];
    }

    /// <summary>Unit Ritz vectors, (count, n), in the order of <see cref="Ritz"/>; fewer where the Krylov space is smaller.</summary>
    internal Tensor Vectors(int count)
    {
        using var scope = NewDisposeScope();
        var (values, _, _, vectors) = Solve();
        var best = Enumerable.Range(0, Steps).OrderByDescending(k => Math.Abs(values[k])).Take(count).ToArray();
        var ritz = zeros([best.Length, _operator.Dimension], dtype: _operator.Type, device: _operator.Device);
        for (var step = 0; step < Steps; step++)            // one by one, for a stack of the basis would be as large again
        {
            for (var k = 0; k < best.Length; k++)
            {
                ritz[k].add_(_basis[step], alpha: vectors[(step * Steps) + best[k]]);
            }
        }

        return ritz.div_(ritz.norm(1, keepdim: true)).MoveToOuterDisposeScope();
    }

    /// <summary>Ritz values with their weights (first component squared): a quadrature for the spectral density.</summary>
    /// <exception cref="InvalidOperationException">There was no step yet.</exception>
    public IReadOnlyList<(double Node, double Weight)> Quadrature()
    {
        var (values, first, _, _) = Solve();
        return [.. values.Select((value, k) => (value, first[k] * first[k]))];
    }

    /// <inheritdoc/>
    public void Dispose() => _basis.ForEach(vector => vector.Dispose());

    /// <summary>Steps until the values of largest magnitude have converged, the space is exhausted or no more products are allowed.</summary>
    private List<Eigenpair> Settle(int count, double tolerance, int maximum, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, count);
        var settled = 0;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            Step();
            var pairs = Ritz(tolerance).Take(count).ToList();
            var worst = pairs.Count == count ? pairs.Max(pair => pair.Residual) : double.PositiveInfinity;
            settled = worst <= tolerance ? settled + 1 : 0;
            if (worst <= Clear * tolerance || settled > Confirmations || IsExhausted || Steps >= maximum)
            {
                return pairs;
            }
        }
    }

    private double Epsilon => _operator.Type == ScalarType.Float64 ? 1e-13 : 1e-6;

    private double Scale() => _diagonal.Select(Math.Abs).Concat(_offDiagonal).Append(double.Epsilon).Max();

    private (double[] Values, double[] First, double[] Last, double[] Vectors) Solve()
    {
        if (Steps == 0)
        {
            throw new InvalidOperationException("There was no product yet, so there are no values; call Step() first.");
        }

        using var scope = NewDisposeScope();
        var matrix = diag(tensor(_diagonal.ToArray()));                                     // (k, k)
        if (Steps > 1)
        {
            var off = diag(tensor(_offDiagonal.Take(Steps - 1).ToArray()), 1);
            matrix = matrix + off + off.T;
        }

        var (values, vectors) = linalg.eigh(matrix);
        var all = vectors.contiguous().data<double>().ToArray();                            // row i holds component i of each eigenvector
        return (values.data<double>().ToArray(), all[..Steps], all[^Steps..], all);
    }
}
