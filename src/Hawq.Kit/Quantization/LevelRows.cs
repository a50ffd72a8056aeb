using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The level sets of a tensor: one for all of it, or one for each entry of its first dimension.</summary>
internal sealed class LevelRows
{
    private const int NumbersOfPart = 1 << 15;

    private delegate void Kernel(nint x, nint y, int count, ReadOnlySpan<float> levels, ReadOnlySpan<float> thresholds, LevelSums sums);

    /// <param name="basis">(rows, K).</param>
    /// <param name="isSigned">Whether codes are ±1, for weights.</param>
    public LevelRows(Tensor basis, bool isSigned)
    {
        var numbers = basis.ToFloats();
        Sets = [.. numbers.Chunk((int)basis.shape[1]).Select(row => new LevelSet(row, isSigned))];
    }

    public IReadOnlyList<LevelSet> Sets { get; }

    /// <summary>Each value moved to the nearest level of its row, and the sums that a new fit of the basis needs.</summary>
    public (Tensor Values, LevelSums[] Sums) Snap(Tensor values) => Fits(values) ? ByKernel(values) : ByOperators(values);

    /// <summary>The gradient of an activation: passed on where x ≤ the highest level, else 0, as through a clip just above it.</summary>
    public Tensor Pass(Tensor values, Tensor gradients)
    {
        var top = Sets[0].Levels[^1];
        if (FusedSnap.Fits(values, gradients))
        {
            return FusedSnap.BackwardOfClip(values, gradients, MathF.BitIncrement(top)).Result;
        }

        using var inside = values.le(top);
        return gradients.mul(inside);
    }

    private bool Fits(Tensor values) => DenseMemory.Fits(values) && (Sets.Count == 1 || values.stride(0) == values.numel() / values.shape[0]);

    /// <remarks>Parts have one size whatever the number of threads, so that a sum does not depend on it.</remarks>
    private (Tensor, LevelSums[]) ByKernel(Tensor values)
    {
        var result = empty_like(values);
        var (x, y) = (DenseMemory.Address(values), DenseMemory.Address(result));
        var (kernel, size) = values.dtype == ScalarType.Float32 ? (OfWidest<SingleLanes>(), SingleLanes.Size) : (OfWidest<BrainLanes>(), BrainLanes.Size);
        var parts = Parts(values);
        var sums = parts.Select(part => new LevelSums(Sets[part.Row].Levels.Length)).ToArray();
        TorchThreads.Run(parts.Count, k =>
        {
            var (row, offset, count) = parts[k];
            kernel(x + (offset * size), y + (offset * size), count, Sets[row].Levels, Sets[row].Thresholds, sums[k]);
        });
        var ofRows = Sets.Select(set => new LevelSums(set.Levels.Length)).ToArray();
        for (var k = 0; k < sums.Length; k++)
        {
            ofRows[parts[k].Row].Add(sums[k]);
        }

        return (result, ofRows);
    }

    private List<(int Row, nint Offset, int Count)> Parts(Tensor values)
    {
        var size = (int)(values.numel() / Sets.Count);
        var parts = new List<(int, nint, int)>();
        for (var row = 0; row < Sets.Count; row++)
        {
            for (var first = 0; first < size; first += NumbersOfPart)
            {
                parts.Add((row, ((nint)row * size) + first, Math.Min(NumbersOfPart, size - first)));
            }
        }

        return parts;
    }

    private static Kernel OfWidest<TLanes>()
        where TLanes : struct, ILanes => Register512.IsSupported ? LevelKernel<TLanes, Register512>.Snap : LevelKernel<TLanes, Register256>.Snap;

    private (Tensor, LevelSums[]) ByOperators(Tensor values)
    {
        using var scope = NewDisposeScope();
        var rows = values.reshape(Sets.Count, -1);
        var sums = Sets.Select(set => new LevelSums(set.Levels.Length)).ToArray();
        var snapped = Column(rows, set => set.Levels[0]).expand_as(rows).clone();
        Note(rows, ones_like(rows, ScalarType.Bool), 0, sums);
        for (var j = 0; j < Sets[0].Thresholds.Length; j++)
        {
            var above = rows.gt(Column(rows, set => set.Thresholds[j]));
            snapped = where(above, Column(rows, set => set.Levels[j + 1]), snapped);
            Note(rows, above, j + 1, sums);
        }

        return (snapped.reshape(values.shape).MoveToOuterDisposeScope(), sums);
    }

    private Tensor Column(Tensor like, Func<LevelSet, float> of) => tensor(Sets.Select(of).ToArray()).to(like.dtype).to(like.device).unsqueeze(1);

    private static void Note(Tensor rows, Tensor above, int level, LevelSums[] sums)
    {
        var counts = above.sum(1, type: ScalarType.Float64).cpu().data<double>().ToArray();
        var totals = rows.mul(above).sum(1, type: ScalarType.Float64).cpu().data<double>().ToArray();
        for (var row = 0; row < sums.Length; row++)
        {
            (sums[row].Counts[level], sums[row].Totals[level]) = (counts[row], totals[row]);
        }
    }
}
