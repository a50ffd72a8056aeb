using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Runs an analysis on a few samples, to know what it takes on all of them.</summary>
internal sealed class CurvaturePilot(HessianAnalysis analysis, long seed)
{
    private const long Fraction = 20;
    private const long FewestSamples = 32;
    private const int FisherSamples = 4;

    private readonly HessianRun _iterations = new(analysis with { TraceError = null }, seed);

    private bool Iterates => analysis.Eigenvalues > 0 || analysis.Density is not null;

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
        var seconds = (double)risk.Samples / pilot.Samples * PilotClock.Seconds(() => pilot.RequireRepeatable());
        var products = 0L;
        if (Iterates)
        {
            using var iterations = new IterationPilot(_iterations, pilot, risk, blocks, kept);
            AddAll(iterations.Of);
        }

        if (analysis.TraceError is not null)
        {
            using var traces = new TracePilot(analysis, seed, risk, blocks);
            AddAll(traces.Of);
        }

        return new CurvatureEstimate(products, seconds + Fisher(risk, blocks, cancellation), bytes);

        void AddAll(Func<int, CancellationToken, (long Products, double Seconds)> pilotOf)
        {
            for (var b = 0; b < blocks.Count; b++)
            {
                var (some, took) = pilotOf(b, cancellation);
                products += some;
                seconds += took;
            }
        }
    }

    private double Fisher(EmpiricalRisk risk, IReadOnlyList<Block> blocks, CancellationToken cancellation)
    {
        var count = (int)Math.Min(analysis.FisherSamples, risk.Samples);
        var tried = Math.Min(count, FisherSamples);
        if (tried == 0)
        {
            return 0;
        }

        using var graphs = new GradientGraphs(risk, blocks, keptBatches: 0, differentiatesTwice: false); // refuses what libtorch would end the process for, as the run does
        return PilotClock.Seconds(() => EmpiricalFisher.Traces(risk, blocks, tried, cancellation)) * count / tried;
    }

    /// <summary>Graphs that are kept, one that comes and goes, beside them, and Lanczos's vectors; a trace has one graph of a part alone.</summary>
    private long Bytes(EmpiricalRisk risk, IReadOnlyList<Block> blocks, int kept)
    {
        var memory = GraphMemory.Measured(risk, blocks, long.MaxValue);
        return Iterates
            ? MemoryPlan.Peak(risk.Batches.Max(batch => batch.Size), Math.Min(kept, risk.Batches.Count), risk.Batches.Count, memory) + Vectors(blocks)
            : MemoryPlan.Peak(HessianRun.PartSize(risk.Samples), 1, 1, memory);
    }

    /// <summary>Most bytes of vectors, if all products are taken that are allowed: how many Lanczos needs shows at its end.</summary>
    private long Vectors(IReadOnlyList<Block> blocks)
    {
        var products = Math.Max(analysis.Method == EigenvalueMethod.Lanczos ? analysis.MostProducts : 0, analysis.Density?.Steps ?? 0);
        return blocks.Max(block => Lanczos.MostVectors(products, block.WeightCount, analysis.Eigenvalues) * block.WeightCount * block.Weights[0].element_size());
    }
}
