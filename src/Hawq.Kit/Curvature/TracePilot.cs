using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Takes a few probes of a few parts of the samples, to know what the traces will take.</summary>
/// <remarks>
/// The parts are as large as the run's own: the variance of a part's probes depends on its size. That of the whole is that of these
/// parts, times their number ÷ the number of all.
/// </remarks>
internal sealed class TracePilot : IDisposable
{
    private const int Parts = 4;
    private const int ProbesOfEach = 4;

    private readonly HessianAnalysis _analysis;
    private readonly long _seed;
    private readonly long _size;
    private readonly double _scale;
    private readonly GradientGraphs _graphs;

    public TracePilot(HessianAnalysis analysis, long seed, EmpiricalRisk risk, IReadOnlyList<Block> blocks)
    {
        (_analysis, _seed, _size) = (analysis, seed, HessianRun.PartSize(risk.Samples));
        var few = risk.Spread(Parts * _size);
        _scale = (double)risk.Samples / few.Samples;
        _graphs = new GradientGraphs(few, blocks, keptBatches: 0);
    }

    /// <summary>Passes over all samples for a block's trace, and the seconds that they take.</summary>
    public (long Passes, double Seconds) Of(int block, CancellationToken cancellation)
    {
        var error = _analysis.TraceError!.Value;
        using var generator = new Generator((ulong)_seed, _graphs.Blocks[block].Weights[0].device);
        var found = new Estimate(0, 0, 0);
        var build = PilotClock.Seconds(() => _ = _graphs.Parts(block, _size).Count());
        var round = PilotClock.Seconds(() => found = PartedTrace.Of(_graphs.Parts(block, _size), generator, ProbesOfEach, cancellation));
        var pass = (round - build) / ProbesOfEach;
        var passes = PartedTrace.Needed(found with { StandardError = found.StandardError / Math.Sqrt(_scale) }, error, _analysis.MostProbes);
        return (passes, _scale * ((PartedTrace.Rounds(passes) * build) + (passes * pass)));
    }

    public void Dispose() => _graphs.Dispose();
}
