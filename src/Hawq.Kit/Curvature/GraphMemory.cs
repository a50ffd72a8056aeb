using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Bytes of one batch's graph, and of what comes and goes beside it in a product, measured on two small batches.</summary>
/// <remarks>Both are a constant and a part a sample; the graph is the larger of the first block's and the one's of most weights.</remarks>
internal sealed class GraphMemory
{
    private const long Small = 16;

    /// <summary>A look now and then misses the very peak: three products of ResNet8 showed up to a fifth more than one.</summary>
    private const double Margin = 1.3;

    private readonly List<(long Size, long Graph, long Passing)> _at;

    private GraphMemory(List<(long Size, long Graph, long Passing)> at) => _at = at;

    /// <summary>Builds graphs of at most 16 samples, fewer if the bytes are few, and takes products of each.</summary>
    public static GraphMemory Measured(EmpiricalRisk risk, IReadOnlyList<Block> blocks, long bytes)
    {
        var device = blocks[0].Weights[0].device;
        if (device.type != TorchSharp.DeviceType.CPU)
        {
            throw new InvalidOperationException(
                $"The network is on {device}; memory can be measured on the CPU alone. Use smaller batches and KeepingGraphsOf() in place of WithinMemory().");
        }

        Block[] places = [.. new[] { blocks[0], blocks.MaxBy(block => block.WeightCount)! }.DistinctBy(block => block.Name)];
        Array.ForEach(places, place => Of(risk, place, 1));                                 // libtorch's own first-time memory is no part
        var one = places.Select(place => Of(risk, place, 1)).Max(at => at.Graph + at.Passing);
        var size = Math.Clamp(bytes / (2 * one), 1, Math.Min(Small, risk.Batches.Max(batch => batch.Size)));
        long[] sizes = size == 1 ? [1] : [size / 2, size];
        return new GraphMemory([.. sizes.Select(n =>
        {
            var found = places.Select(place => Of(risk, place, n)).ToList();
            return (n, found.Max(pair => pair.Graph), found.Max(pair => pair.Passing));
        })]);
    }

    /// <summary>Bytes of a graph of so many samples.</summary>
    public long Graph(long size) => Line(size, point => point.Graph);

    /// <summary>Most bytes beside the graphs while one is built or gives a product.</summary>
    public long Passing(long size) => (long)(Margin * Line(size, point => point.Passing));

    private long Line(long size, Func<(long Size, long Graph, long Passing), long> of)
    {
        var (first, last) = (_at[0], _at[^1]);
        var share = of(last) / (double)last.Size;                                           // the slope if nothing were constant: the most it can be
        var slope = _at.Count == 1 ? share : Math.Clamp((of(last) - of(first)) / (double)(last.Size - first.Size), 0, share);
        return Math.Max(1, (long)(of(last) + (slope * (size - last.Size))));
    }

    private static (long Graph, long Passing) Of(EmpiricalRisk risk, Block block, long size)
    {
        using var scope = NewDisposeScope();
        var large = risk.Batches.MaxBy(batch => batch.Size)!;
        var part = risk.Over([new Batch(large.Inputs.narrow(0, 0, size), large.Targets.narrow(0, 0, size))]);
        using var graphs = new GradientGraphs(part, [block], keptBatches: 1);
        var v = ones(block.WeightCount, block.Weights[0].dtype);
        var before = NativeHeap.InUse();
        var graph = 0L;
        var peak = NativeHeap.PeakOf(() =>
        {
            graphs.Gradient(0).Dispose();
            graph = NativeHeap.InUse() - before;
            graphs.Product(0, v).Dispose();
            graphs.Product(0, v).Dispose();
        });
        return (Math.Max(1, graph), Math.Max(1, peak - before - graph));
    }
}
