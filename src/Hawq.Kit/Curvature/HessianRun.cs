using System.Diagnostics;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>One run of an analysis: block after block.</summary>
internal sealed class HessianRun(HessianAnalysis analysis, long seed)
{
    public CurvatureReport Report(IProgress<CurvatureProgress>? progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var clock = Stopwatch.StartNew();
        var whole = new EmpiricalRisk(analysis.Model, analysis.Loss, analysis.Batches);
        var blocks = analysis.Partition.Of(analysis.Model);
        var (risk, kept) = Planned(whole, blocks);
        var loss = risk.RequireRepeatable();
        var journal = new CurvatureJournal(analysis.CheckpointPath, InWords(whole, blocks), blocks);
        using var graphs = new GradientGraphs(risk, blocks, kept);
        var fisher = analysis.FisherSamples > 0 && journal.Results.Count < blocks.Count
            ? EmpiricalFisher.Traces(risk, blocks, analysis.FisherSamples, cancellation) : null;
        for (var k = journal.Results.Count; k < blocks.Count; k++)
        {
            progress?.Report(new CurvatureProgress(blocks[k].Name, k, blocks.Count));
            var before = graphs.Products;
            journal.Add(Measure(graphs, k, cancellation) with { Fisher = fisher?[k] }, graphs.Products - before);
        }

        progress?.Report(new CurvatureProgress(blocks[^1].Name, blocks.Count, blocks.Count));
        return new CurvatureReport(
            journal.Results, loss, whole.Samples, whole.SampleHash, analysis.Describe(), seed, journal.Products, clock.Elapsed.TotalSeconds);
    }

    /// <summary>All that decides the report.</summary>
    private string InWords(EmpiricalRisk risk, IReadOnlyList<Block> blocks)
    {
        var network = (risk.Model as Network)?.Architecture ?? risk.Model.GetName();
        var names = string.Join(", ", blocks.Select(block => $"{block.Name} ({string.Join(", ", block.LayerNames)})"));
        return $"{network}, state {ModelFingerprint.Of(risk.Model)}; {analysis.Loss.GetType().Name}; samples {risk.SampleHash}; {analysis.Describe()}: {names}; seed {seed}";
    }

    /// <summary>The batches as they are, or as the memory wants them cut, with the number of graphs to keep.</summary>
    private (EmpiricalRisk Risk, int Kept) Planned(EmpiricalRisk risk, IReadOnlyList<Block> blocks)
    {
        if (analysis.Memory is not { } bytes)
        {
            return (risk, analysis.KeptBatches);
        }

        var plan = MemoryPlan.Within(bytes, risk, GraphMemory.Measured(risk, blocks, bytes));
        return (plan.Cut(risk), plan.KeptBatches);
    }

    /// <summary>All that was asked for of one block.</summary>
    public BlockCurvature Measure(GradientGraphs graphs, int block, CancellationToken cancellation)
    {
        var (hessian, start) = (new HessianOperator(graphs, block), seed + block);
        var (pairs, vector) = Leading(hessian, start, cancellation);
        var trace = analysis.TraceError is { } error
            ? Hutchinson.Trace(hessian, start, error, HessianAnalysis.FewestProbes, analysis.MostProbes, cancellation) : null;
        var density = analysis.Density is { } d ? SpectralDensity.Of(hessian, start, d.Probes, d.Steps, cancellation) : null;
        return new BlockCurvature(hessian.Block, pairs, trace) { Density = density, TopEigenvector = vector };
    }

    /// <summary>The leading eigenvalues, and the first one's unit eigenvector.</summary>
    private (IReadOnlyList<Eigenpair> Pairs, float[]? Vector) Leading(HessianOperator hessian, long start, CancellationToken cancellation)
    {
        if (analysis.Eigenvalues == 0)
        {
            return ([], null);
        }

        using var scope = NewDisposeScope();
        if (analysis.Method == EigenvalueMethod.PowerIteration)
        {
            var (pair, vector) = PowerIteration.TopWithVector(hessian, start, analysis.Tolerance, analysis.MostProducts, cancellation);
            return ([pair], Managed(vector));
        }

        var count = (int)Math.Min(analysis.Eigenvalues, hessian.Dimension);
        var (pairs, vectors) = Lanczos.TopWithVectors(hessian, count, start, analysis.Tolerance, analysis.MostProducts, cancellation);
        return (pairs, Managed(vectors[0]));
    }

    private static float[] Managed(Tensor vector) => vector.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
}
