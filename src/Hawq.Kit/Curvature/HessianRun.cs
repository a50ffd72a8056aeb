using System.Diagnostics;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>One run of an analysis: block after block.</summary>
internal sealed class HessianRun(HessianAnalysis analysis, long seed)
{
    private const long LargestPart = 32;    // of samples with probes of their own: smaller ones cost more by fixed costs than they bring
    private const long FewestParts = 16;    // for a good estimate of the standard error from two probes each

    /// <summary>Most samples of a part with probes of its own.</summary>
    public static long PartSize(long samples) => Math.Clamp(samples / FewestParts, 1, LargestPart);

    public CurvatureReport Report(IProgress<CurvatureProgress>? progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var estimate = analysis.Estimates && progress is not null ? CurvaturePilot.EstimateIfCheap(analysis, seed, cancellation) : null;
        var clock = Stopwatch.StartNew();
        var whole = new EmpiricalRisk(analysis.Model, analysis.Loss, analysis.Batches);
        var blocks = analysis.Partition.Of(analysis.Model);
        var (risk, kept) = Planned(whole, blocks);
        var loss = risk.RequireRepeatable();
        var journal = new CurvatureJournal(analysis.CheckpointPath, InWords(whole, blocks), loss, blocks);
        using var graphs = new GradientGraphs(risk, blocks, kept, differentiatesTwice: analysis.TakesProducts);
        var fisher = analysis.FisherSamples > 0 && journal.Results.Count < blocks.Count
            ? EmpiricalFisher.Traces(risk, blocks, analysis.FisherSamples, cancellation) : null;
        for (var k = journal.Results.Count; k < blocks.Count; k++)
        {
            progress?.Report(new CurvatureProgress(blocks[k].Name, k, blocks.Count) { Estimate = estimate });
            var (result, products) = Measure(graphs, k, cancellation);
            journal.Add(result with { Fisher = fisher?[k] }, products);
        }

        progress?.Report(new CurvatureProgress(blocks[^1].Name, blocks.Count, blocks.Count) { Estimate = estimate });
        return new CurvatureReport(
            journal.Results, loss, whole.Samples, whole.SampleHash, analysis.Describe(), seed, journal.Products, clock.Elapsed.TotalSeconds);
    }

    /// <summary>All that decides the report.</summary>
    private string InWords(EmpiricalRisk risk, IReadOnlyList<Block> blocks)
    {
        var network = (risk.Model as Network)?.Architecture ?? risk.Model.GetName();
        return FormattableString.Invariant($"{network}, state {ModelFingerprint.Of(risk.Model)}; {Words(analysis, risk, blocks)}; seed {seed}");
    }

    /// <summary>All that decides an analysis beside the network's state and the seed; of the loss its type alone.</summary>
    public static string Words(HessianAnalysis analysis, EmpiricalRisk risk, IReadOnlyList<Block> blocks)
    {
        var names = string.Join(", ", blocks.Select(block => $"{block.Name} ({string.Join(", ", block.LayerNames)})"));
        return $"{analysis.Loss.GetType().Name}; samples {risk.SampleHash}; {analysis.Describe()}: {names}";
    }

    /// <summary>The batches as they are, or as the memory wants them cut, with the number of graphs to keep.</summary>
    public (EmpiricalRisk Risk, int Kept) Planned(EmpiricalRisk risk, IReadOnlyList<Block> blocks)
    {
        if (analysis.Memory is not { } bytes)
        {
            return (risk, analysis.KeptBatches);
        }

        var plan = MemoryPlan.Within(bytes, risk, GraphMemory.Measured(risk, blocks, bytes));
        return (risk.CutTo(plan.BatchSize), plan.KeptBatches);
    }

    /// <summary>All that was asked for of one block, with the products that it took.</summary>
    public (BlockCurvature Result, long Products) Measure(GradientGraphs graphs, int block, CancellationToken cancellation)
    {
        var (hessian, start, before) = (new HessianOperator(graphs, block), seed + block, graphs.Products);
        var (pairs, vector) = Leading(hessian, start, cancellation);
        var density = analysis.Density is { } d ? SpectralDensity.Of(hessian, start, d.Probes, d.Steps, cancellation) : null;
        var trace = Trace(graphs, block, cancellation);
        return (
            new BlockCurvature(hessian.Block, pairs, trace) { Density = density, TopEigenvector = vector },
            graphs.Products - before + (trace?.Samples ?? 0));
    }

    private Estimate? Trace(GradientGraphs graphs, int block, CancellationToken cancellation)
    {
        if (analysis.TraceError is not { } error)
        {
            return null;
        }

        using var generator = new Generator((ulong)(seed + block), graphs.Blocks[block].Weights[0].device);
        return PartedTrace.Of(graphs.Parts(block, PartSize(graphs.Samples)), generator, error, analysis.MostProbes, cancellation);
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
            return ([pair], vector.ToFloats());
        }

        var count = (int)Math.Min(analysis.Eigenvalues, hessian.Dimension);
        var (pairs, vectors) = Lanczos.TopWithVectors(hessian, count, start, analysis.Tolerance, analysis.MostProducts, cancellation);
        return (pairs, vectors[0].ToFloats());
    }
}
