using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The level sets of a tensor: one for all of it, or one for each entry of its first dimension.</summary>
internal sealed class LevelRows
{
    private const int NumbersOfPart = 1 << 15;

    /// <param name="basis">(rows, K).</param>
    /// <param name="isSigned">Whether codes are ±1, for weights.</param>
    public LevelRows(Tensor basis, bool isSigned)
    {
        var numbers = basis.cpu().data<float>().ToArray();
        Sets = [.. numbers.Chunk((int)basis.shape[1]).Select(row => new LevelSet(row, isSigned))];
    }

    public IReadOnlyList<LevelSet> Sets { get; }

    /// <summary>Each value moved to the nearest level of its row, and the sums that a new fit of the basis needs.</summary>
    public (Tensor Values, LevelSums[] Sums) Snap(Tensor values) => Fits(values) ? ByKernel(values) : ByOperators(values);

    /// <summary>The gradient of an activation: passed on where x ≤ the highest level, else 0.</summary>
    public Tensor Pass(Tensor values, Tensor gradients)
    {
        var top = Sets[0].Levels[^1];
        if (!FusedSnap.Fits(values, gradients))
        {
            using var inside = values.le(top);
            return gradients.mul(inside);
        }

        var result = empty_like(values);
        var (x, g, y) = (DenseMemory.Address(values), DenseMemory.Address(gradients), DenseMemory.Address(result));
        var isSingle = values.dtype == ScalarType.Float32;
        var parts = Parts(values);
        TorchThreads.Run(parts.Count, k =>
        {
            var (_, offset, count) = parts[k];
            if (isSingle)
            {
                LevelKernel<SingleLanes>.Pass(x + (offset * SingleLanes.Size), g + (offset * SingleLanes.Size), y + (offset * SingleLanes.Size), count, top);
            }
            else
            {
                LevelKernel<BrainLanes>.Pass(x + (offset * BrainLanes.Size), g + (offset * BrainLanes.Size), y + (offset * BrainLanes.Size), count, top);
            }
        });
        return result;
    }

    private bool Fits(Tensor values) => DenseMemory.Fits(values) && (Sets.Count == 1 || values.stride(0) == values.numel() / values.shape[0]);

    /// <remarks>Parts have one size whatever the number of threads, so that a sum has the same rounding on every machine.</remarks>
    private (Tensor, LevelSums[]) ByKernel(Tensor values)
    {
        var result = empty_like(values);
        var (x, y, isSingle) = (DenseMemory.Address(values), DenseMemory.Address(result), values.dtype == ScalarType.Float32);
        var parts = Parts(values);
        var sums = parts.Select(part => new LevelSums(Sets[part.Row].Levels.Length)).ToArray();
        TorchThreads.Run(parts.Count, k =>
        {
            var (row, offset, count) = parts[k];
            var set = Sets[row];
            if (isSingle)
            {
                LevelKernel<SingleLanes>.Snap(x + (offset * SingleLanes.Size), y + (offset * SingleLanes.Size), count, set.Levels, set.Thresholds, sums[k]);
            }
            else
            {
                LevelKernel<BrainLanes>.Snap(x + (offset * BrainLanes.Size), y + (offset * BrainLanes.Size), count, set.Levels, set.Thresholds, sums[k]);
            }
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
