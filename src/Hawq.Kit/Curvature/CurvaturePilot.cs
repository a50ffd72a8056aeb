using System.Diagnostics;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Runs an analysis on a few samples, to know what it takes on all of them.</summary>
/// <remarks>
/// Iterations need about as many products on a twentieth of the samples, and a product's time grows with them. A trace's variance is
/// that of a part times the parts, so its passes follow from the pilot's two.
/// </remarks>
internal sealed class CurvaturePilot(HessianAnalysis analysis, long seed)
{
    private const long Fraction = 20;
    private const long FewestSamples = 32;
    private const int FisherSamples = 4;

    private readonly HessianRun _iterations = new(analysis with { TraceError = null }, seed);

    public CurvatureEstimate Estimate(CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var whole = new EmpiricalRisk(analysis.Model, analysis.Loss, analysis.Batches);
        var blocks = analysis.Partition.Of(analysis.Model);
        var (risk, kept) = _iterations.Planned(whole, blocks);
        var bytes = blocks[0].Weights[0].device.type == TorchSharp.DeviceType.CPU ? Bytes(risk, blocks, kept) : (long?)null;
        var pilot = Subset(risk);
        var (scale, anew) = ((double)risk.Samples / pilot.Samples, Math.Max(0, 1 - ((double)kept / risk.Batches.Count)));
        var seconds = scale * Timed(() => pilot.RequireRepeatable());
        var products = 0L;
        using (var graphs = new GradientGraphs(pilot, blocks, int.MaxValue))
        {
            Warm(graphs);
            for (var b = 0; b < blocks.Count; b++)
            {
                var (iterated, took) = Iterations(graphs, b, anew, cancellation);
                var (passes, passed) = Passes(graphs, b, risk.Samples, cancellation);
                products += iterated + passes;
                seconds += scale * (took + passed);
            }
        }

        return new CurvatureEstimate(products, seconds + Fisher(risk, blocks, cancellation), bytes);
    }

    /// <summary>Samples from all over the batches, in batches of the same size.</summary>
    private static EmpiricalRisk Subset(EmpiricalRisk risk)
    {
        var stride = risk.Samples / Math.Min(risk.Samples, Math.Max(FewestSamples, risk.Samples / Fraction));
        if (stride == 1)
        {
            return risk;
        }

        var taken = new Batch(All(batch => batch.Inputs), All(batch => batch.Targets));
        return risk.Over([taken]).CutTo(risk.Batches.Max(batch => batch.Size));

        Tensor All(Func<Batch, Tensor> of) => cat([.. risk.Batches.Select(of)]).slice(0, 0, risk.Samples, stride);
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

    private (long Passes, double Seconds) Passes(GradientGraphs graphs, int block, long samples, CancellationToken cancellation)
    {
        if (analysis.TraceError is not { } error)
        {
            return (0, 0);
        }

        var (own, its) = (HessianRun.PartSize(graphs.Samples), HessianRun.PartSize(samples));
        using var generator = new Generator((ulong)seed, graphs.Blocks[block].Weights[0].device);
        var found = new Estimate(0, 0, PartedTrace.FewestProbes);
        var took = Timed(() => found = PartedTrace.Of(graphs.Parts(block, own), generator, error, PartedTrace.FewestProbes, cancellation));
        var parts = ((double)samples / its) / ((double)graphs.Samples / own);
        var passes = PartedTrace.Needed(found with { StandardError = found.StandardError / Math.Sqrt(parts) }, error, analysis.MostProbes);
        return (passes, took * passes / PartedTrace.FewestProbes);
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
