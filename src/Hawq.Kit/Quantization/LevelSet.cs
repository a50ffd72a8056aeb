namespace Hawq.Kit;

/// <summary>The 2^K levels vᵀe of a basis v of K numbers, ascending: e ∈ {−1, 1}^K for weights, {0, 1}^K for activations (LQ-Nets).</summary>
internal sealed class LevelSet
{
    private readonly int[] _codes; // bit j says whether e_j is 1

    public LevelSet(ReadOnlySpan<float> basis, bool isSigned)
    {
        (Basis, IsSigned) = (basis.ToArray(), isSigned);
        _codes = [.. Enumerable.Range(0, 1 << basis.Length)];
        Levels = [.. _codes.Select(LevelOf)];
        Array.Sort(Levels, _codes);
        Thresholds = [.. Levels.Zip(Levels.Skip(1), (low, high) => (low + high) / 2)];
    }

    public float[] Basis { get; }

    public bool IsSigned { get; }

    public float[] Levels { get; }

    /// <summary>Half-way between neighbouring levels.</summary>
    public float[] Thresholds { get; }

    /// <summary>Adds to the normal equations of v: BBᵀ, (K, K), and the residual Bx − BBᵀv, (K).</summary>
    public void Add(LevelSums sums, Span<double> gram, Span<double> residual)
    {
        for (var level = 0; level < Levels.Length; level++)
        {
            var (count, total) = sums.On(level);
            for (var i = 0; i < Basis.Length; i++)
            {
                residual[i] += Code(level, i) * (total - (count * Levels[level]));
                for (var j = 0; j < Basis.Length; j++)
                {
                    gram[(i * Basis.Length) + j] += count * Code(level, i) * Code(level, j);
                }
            }
        }
    }

    private int Code(int level, int bit) => Code(_codes[level] >> bit);

    private int Code(int bits) => (bits & 1) == 1 ? 1 : IsSigned ? -1 : 0;

    private float LevelOf(int code)
    {
        var level = 0f;
        for (var j = 0; j < Basis.Length; j++)
        {
            level += Code(code >> j) * Basis[j];
        }

        return level;
    }
}
