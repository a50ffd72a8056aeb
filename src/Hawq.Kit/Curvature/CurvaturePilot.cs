using System.Diagnostics;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Runs an analysis on a few samples, to know what it takes on all of them.</summary>
/// <remarks>
/// Iterations need about as many products on a twentieth of the samples, and a product's time grows with them.
/// </remarks>
internal sealed class CurvaturePilot(HessianAnalysis analysis, long seed)
{
    private const long Fraction = 20;
    private const long FewestSamples = 32;
    private const int FisherSamples = 4;

    private readonly HessianRun _iterations = new(analysis with { TraceError = null }, seed);

    /// <summary>The estimate, where it costs a tenth of the run or less.</summary>
    public static CurvatureEstimate? EstimateIfCheap(HessianAnalysis analysis, long seed, CancellationToken cancellation) =>
        analysis.Batches.Sum(batch => batch.Size) < 10 * FewestSamples ? null : new CurvaturePilot(analysis, seed).Estimate(cancellation);

    public CurvatureEstimate Estimate(CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var whole = new EmpiricalRisk(analysis.Model, analysis.Loss, analysis.Batches);
        var blocks = analysis.Partition.Of(analysis.Model);
        var (risk, kept) = _iterations.Planned(whole, blocks);
        var bytes = blocks[0].Weights[0].device.type == TorchSharp.DeviceType.CPU ? Bytes(risk, blocks, kept) : (long?)null;
        var pilot = risk.Spread(Math.Max(FewestSamples, risk.Samples / Fraction));
        var (scale, anew) = ((double)risk.Samples / pilot.Samples, Math.Max(0, 1 - ((double)kept / risk.Batches.Count)));
        var seconds = scale * Timed(() => pilot.RequireRepeatable());
        var products = 0L;
        using (var graphs = new GradientGraphs(pilot, blocks, int.MaxValue))
        {
            Warm(graphs);
            for (var b = 0; b < blocks.Count; b++)
            {
                var (iterated, took) = Iterations(graphs, b, anew, cancellation);
                products += iterated;
                seconds += scale * took;
            }
        }

        if (analysis.TraceError is not null)
        {
            using var traces = new TracePilot(analysis, seed, risk, blocks);
            for (var b = 0; b < blocks.Count; b++)
            {
                var (passes, took) = traces.Of(b, cancellation);
                products += passes;
                seconds += took;
            }
        }

        return new CurvatureEstimate(products, seconds + Fisher(risk, blocks, cancellation), bytes);
    }

    /// <summary>libtorch's first calls of their kind are slow.</summary>
    private static void Warm(GradientGraphs graphs)
    {
        for (var b = graphs.Blocks.Count - 1; b >= 0; b -= Math.Max(1, graphs.Blocks.Count - 1))
        {
            using var v = ones(graphs.Blocks[b].WeightCount, graphs.Blocks[b].Weights[0].dtype, graphs.Blocks[b].Weights[0].device);
            graphs.Product(b, v).Dispose();
        }
    }

    private (long Products, double Seconds) Iterations(GradientGraphs graphs, int block, double anew, CancellationToken cancellation)
    {
        if (analysis.Eigenvalues == 0 && analysis.Density is null)
        {
            return (0, 0);
        }

        graphs.Forget();
        var build = Timed(() => graphs.Gradient(block).Dispose());
        var products = 0L;
        var iterated = Timed(() => products = _iterations.Measure(graphs, block, cancellation).Products);
        return (products, (build * (1 - anew + (products * anew))) + iterated);
    }

    private double Fisher(EmpiricalRisk risk, IReadOnlyList<Block> blocks, CancellationToken cancellation)
    {
        var count = (int)Math.Min(analysis.FisherSamples, risk.Samples);
        var tried = Math.Min(count, FisherSamples);
        return tried == 0 ? 0 : Timed(() => EmpiricalFisher.Traces(risk, blocks, tried, cancellation)) * count / tried;
    }

    /// <summary>Graphs that are kept, one that comes and goes, beside them; a trace has one graph of a part alone.</summary>
    private long Bytes(EmpiricalRisk risk, IReadOnlyList<Block> blocks, int kept)
    {
        var memory = GraphMemory.Measured(risk, blocks, long.MaxValue);
        var iterates = analysis.Eigenvalues > 0 || analysis.Density is not null;
        return iterates
            ? MemoryPlan.Peak(risk.Batches.Max(batch => batch.Size), Math.Min(kept, risk.Batches.Count), risk.Batches.Count, memory)
            : MemoryPlan.Peak(HessianRun.PartSize(risk.Samples), 1, 1, memory);
    }

    private static double Timed(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }
}
