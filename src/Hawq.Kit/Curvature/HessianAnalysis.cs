using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Recipe for measuring the Hessian spectrum of each block: <c>Of … With… Run</c>. Immutable.</summary>
public sealed record HessianAnalysis
{
    private HessianAnalysis()
    {
    }

    internal nn.Module<Tensor, Tensor> Model { get; init; } = null!;

    internal Loss<Tensor, Tensor, Tensor> Loss { get; init; } = null!;

    internal IReadOnlyList<Batch> Batches { get; init; } = [];

    internal BlockPartition Partition { get; init; } = BlockPartition.ByUnit;

    private EigenvalueMethod Method { get; init; } = EigenvalueMethod.Lanczos;

    private int Eigenvalues { get; init; }

    private double Tolerance { get; init; }

    private int MostProducts { get; init; }

    private double? TraceError { get; init; }

    private int MostProbes { get; init; }

    private (int Probes, int Steps)? Density { get; init; }

    private int FisherSamples { get; init; }

    private int KeptBatches { get; init; } = 8;

    /// <summary>Starts from a trained network, a loss and the samples whose mean loss is analysed.</summary>
    /// <param name="model">The network; its mode and gradients' settings are restored afterwards.</param>
    /// <param name="loss">A loss that averages over the batch, such as <c>nn.CrossEntropyLoss()</c>.</param>
    /// <param name="batches">The samples; 512 or more are advised (HAWQ-V2). They stay the caller's. Smaller batches take less memory.</param>
    public static HessianAnalysis Of(nn.Module<Tensor, Tensor> model, Loss<Tensor, Tensor, Tensor> loss, IEnumerable<Batch> batches)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(batches);
        return new HessianAnalysis { Model = model, Loss = loss, Batches = [.. batches] };
    }

    /// <summary>How the network is cut into blocks; by unit unless said.</summary>
    /// <param name="partition">The way.</param>
    public HessianAnalysis PartitionedBy(BlockPartition partition) => this with { Partition = partition };

    /// <summary>Measures the eigenvalues of largest magnitude of each block.</summary>
    /// <param name="count">How many of each block.</param>
    /// <param name="tolerance">Largest residual ‖Hv − λv‖ ÷ |λ|; 1 % ranks blocks safely.</param>
    /// <param name="maximum">Most products for a block.</param>
    /// <param name="method">Lanczos, or power iteration as in the paper (then one eigenvalue).</param>
    public HessianAnalysis WithTopEigenvalues(
        int count = 1, double tolerance = 0.01, int maximum = 100, EigenvalueMethod method = EigenvalueMethod.Lanczos)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tolerance);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, count);
        if (method == EigenvalueMethod.PowerIteration && count > 1)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, "Power iteration finds one eigenvalue; use Lanczos for more.");
        }

        return this with { Eigenvalues = count, Tolerance = tolerance, MostProducts = maximum, Method = method };
    }

    /// <summary>Estimates the trace of each block by Hutchinson's method.</summary>
    /// <param name="relativeError">Standard error ÷ |trace| at which it stops.</param>
    /// <param name="maximum">Most probes for a block.</param>
    public HessianAnalysis WithTrace(double relativeError = 0.05, int maximum = 200)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(relativeError);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, FewestProbes);
        return this with { TraceError = relativeError, MostProbes = maximum };
    }

    /// <summary>Estimates the spectral density of each block by stochastic Lanczos quadrature.</summary>
    /// <param name="probes">2 or more.</param>
    /// <param name="steps">Lanczos steps a probe; a block costs probes · steps products at most. PyHessian takes 1 · 100.</param>
    public HessianAnalysis WithSpectralDensity(int probes = 4, int steps = 40)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        return this with { Density = (probes, steps) };
    }

    /// <summary>
    /// Measures the trace of each block's empirical Fisher, (1/N) Σ_i ‖∇ℓ_i‖², by one backward pass a sample: no Hessian product.
    /// </summary>
    /// <param name="maximum">Most samples, the first of the batches; 512 unless said.</param>
    /// <remarks>
    /// The gradients are those of single samples at their true labels, so the mean is unbiased for the empirical Fisher's trace;
    /// gradients of batches of B would give ‖∇L‖² + (Tr F − ‖∇L‖²) ÷ B. It differs from the Fisher, whose labels are the network's
    /// own guesses, by more the worse the network fits.
    /// </remarks>
    public HessianAnalysis WithEmpiricalFisher(int maximum = 512)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, 2);
        return this with { FisherSamples = maximum };
    }

    /// <summary>How many batches' graphs stay in memory; the others are built anew for each product.</summary>
    /// <param name="count">0 or more; 8 unless said. A graph of ResNet20 takes about 1 MB a picture.</param>
    public HessianAnalysis KeepingGraphsOf(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return this with { KeptBatches = count };
    }

    /// <summary>Measures.</summary>
    /// <param name="seed">Seed of start vectors and probes.</param>
    /// <param name="progress">Hears of each block.</param>
    /// <param name="cancellation">Stops between products.</param>
    /// <exception cref="InvalidOperationException">Nothing to measure was asked for, or the loss is not finite or not repeatable.</exception>
    public CurvatureReport Run(long seed, IProgress<CurvatureProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (Eigenvalues == 0 && TraceError is null && Density is null && FisherSamples == 0)
        {
            throw new InvalidOperationException(
                "The analysis measures nothing; add WithTopEigenvalues(), WithTrace(), WithSpectralDensity() or WithEmpiricalFisher().");
        }

        var clock = Stopwatch.StartNew();
        var risk = new EmpiricalRisk(Model, Loss, Batches);
        var loss = risk.RequireRepeatable();
        var blocks = Partition.Of(Model);
        using var graphs = new GradientGraphs(risk, blocks, KeptBatches);
        var fisher = FisherSamples > 0 ? EmpiricalFisher.Traces(risk, blocks, FisherSamples, cancellation) : null;
        var results = new List<BlockCurvature>();
        for (var k = 0; k < blocks.Count; k++)
        {
            progress?.Report(new CurvatureProgress(blocks[k].Name, k, blocks.Count));
            results.Add(Measure(new HessianOperator(graphs, k), seed + k, cancellation) with { Fisher = fisher?[k] });
        }

        progress?.Report(new CurvatureProgress(blocks[^1].Name, blocks.Count, blocks.Count));
        return new CurvatureReport(results, loss, risk.Samples, risk.SampleHash, Describe(), seed, graphs.Products, clock.Elapsed.TotalSeconds);
    }

    private const int FewestProbes = 8;

    private BlockCurvature Measure(HessianOperator hessian, long seed, CancellationToken cancellation)
    {
        var (pairs, vector) = Leading(hessian, seed, cancellation);
        var trace = TraceError is { } error ? Hutchinson.Trace(hessian, seed, error, FewestProbes, MostProbes, cancellation) : null;
        var density = Density is { } d ? SpectralDensity.Of(hessian, seed, d.Probes, d.Steps, cancellation) : null;
        return new BlockCurvature(hessian.Block, pairs, trace) { Density = density, TopEigenvector = vector };
    }

    /// <summary>The leading eigenvalues, and the first one's unit eigenvector.</summary>
    private (IReadOnlyList<Eigenpair> Pairs, float[]? Vector) Leading(HessianOperator hessian, long seed, CancellationToken cancellation)
    {
        if (Eigenvalues == 0)
        {
            return ([], null);
        }

        using var scope = NewDisposeScope();
        if (Method == EigenvalueMethod.PowerIteration)
        {
            var (pair, vector) = PowerIteration.TopWithVector(hessian, seed, Tolerance, MostProducts, cancellation);
            return ([pair], Managed(vector));
        }

        var count = (int)Math.Min(Eigenvalues, hessian.Dimension);
        var (pairs, vectors) = Lanczos.TopWithVectors(hessian, count, seed, Tolerance, MostProducts, cancellation);
        return (pairs, Managed(vectors[0]));
    }

    private static float[] Managed(Tensor vector) => vector.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();

    internal string Describe()
    {
        var eigenvalues = Eigenvalues == 0 ? "" : FormattableString.Invariant($"; top {Eigenvalues} by {Method}, residual ≤ {Tolerance}, ≤ {MostProducts} products");
        var trace = TraceError is null ? "" : FormattableString.Invariant($"; trace by Hutchinson, relative error ≤ {TraceError}, ≤ {MostProbes} probes");
        var density = Density is { } d ? FormattableString.Invariant($"; density by Lanczos quadrature, {d.Probes} probes × ≤ {d.Steps} steps") : "";
        var fisher = FisherSamples == 0 ? "" : $"; empirical Fisher of ≤ {FisherSamples} single samples";
        return $"blocks {Partition.Name}{eigenvalues}{trace}{density}{fisher}";
    }
}

/// <summary>How eigenvalues are found.</summary>
public enum EigenvalueMethod
{
    /// <summary>Lanczos iteration: a few times fewer products.</summary>
    Lanczos,

    /// <summary>Power iteration, HAWQ's Algorithm 1.</summary>
    PowerIteration,
}
