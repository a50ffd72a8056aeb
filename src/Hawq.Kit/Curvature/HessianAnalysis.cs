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

    internal bool Estimates { get; init; }

    internal BlockPartition Partition { get; init; } = BlockPartition.ByUnit;

    internal EigenvalueMethod Method { get; init; } = EigenvalueMethod.Lanczos;

    internal int Eigenvalues { get; init; }

    internal double Tolerance { get; init; }

    internal int MostProducts { get; init; }

    internal double? TraceError { get; init; }

    internal int MostProbes { get; init; }

    internal (int Probes, int Steps)? Density { get; init; }

    internal bool TakesProducts => Eigenvalues > 0 || TraceError is not null || Density is not null;

    internal int FisherSamples { get; init; }

    internal int KeptBatches { get; init; } = 8;

    internal long? Memory { get; init; }

    internal string? CheckpointPath { get; init; }

    /// <summary>Starts from a trained network, a loss and the samples whose mean loss is analysed.</summary>
    /// <param name="model">The network; its mode and gradients' settings are restored afterwards.</param>
    /// <param name="loss">A loss that averages over the batch, such as <c>nn.CrossEntropyLoss()</c>, without class weights.</param>
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
    public HessianAnalysis PartitionedBy(BlockPartition partition) => this with { Partition = partition ?? throw new ArgumentNullException(nameof(partition)) };

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

    /// <summary>Estimates the trace of each block by Hutchinson's method, with probes of their own for every few samples.</summary>
    /// <param name="relativeError">Standard error ÷ |trace| at which it stops.</param>
    /// <param name="maximum">Most passes over the samples for a block, each with one probe for every 32 of them or fewer; 2 or more.</param>
    /// <remarks>
    /// Tr H = Σ_k Tr H_k over parts of the samples. A probe z_k for each part costs as much as one z for all and has a fraction of its
    /// variance, as parts of the same network resemble each other: two passes do where one probe for all would take dozens.
    /// </remarks>
    public HessianAnalysis WithTrace(double relativeError = 0.05, int maximum = 200)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(relativeError);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, PartedTrace.FewestProbes);
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
        return this with { KeptBatches = count, Memory = null };
    }

    /// <summary>
    /// Bounds the memory of a product on the CPU: batches are cut, and as many graphs kept, as fit. One small batch's graph and product
    /// are measured to know. It takes the place of <see cref="KeepingGraphsOf"/>.
    /// </summary>
    /// <param name="bytes">
    /// Most bytes, beside the network, the samples, the vectors of Lanczos (products × weights of the block × 4) and a few MB of
    /// libtorch itself. Less of it costs time, as graphs are built anew; the values change by rounding alone.
    /// </param>
    public HessianAnalysis WithinMemory(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        return this with { Memory = bytes };
    }

    /// <summary>Lets the listener of <see cref="Run"/> hear beforehand what the run will take: products, time and memory.</summary>
    /// <remarks>It is <see cref="Estimate"/>; with fewer than 320 samples, where that would cost more than a tenth of the run, it is left out.</remarks>
    public HessianAnalysis WithEstimate() => this with { Estimates = true };

    /// <summary>Saves what is done after each block, and goes on from there if the file exists; the report is then the same but for its seconds.</summary>
    /// <param name="path">A file of its own for this analysis; it holds top eigenvectors too, 4 bytes a weight.</param>
    /// <remarks>Another network, weights, loss, samples, blocks, settings or seed make it another analysis, whose file is refused.</remarks>
    public HessianAnalysis WithCheckpoint(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return this with { CheckpointPath = path };
    }

    /// <summary>Measures.</summary>
    /// <param name="seed">Seed of start vectors and probes.</param>
    /// <param name="progress">Hears of each block.</param>
    /// <param name="cancellation">Stops between products; the checkpoint of the last block stays.</param>
    /// <exception cref="InvalidOperationException">Nothing to measure was asked for, the loss or a product is not finite, the loss is not repeatable, no mean over samples (as with class weights) or without the derivatives that are asked for, a layer is quantized, the memory is too small, or the checkpoint is of another analysis.</exception>
    /// <exception cref="ArgumentException">A block has a weight that does not require grad, or that the loss does not depend on.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged.</exception>
    public CurvatureReport Run(long seed, IProgress<CurvatureProgress>? progress = null, CancellationToken cancellation = default)
    {
        RequireMeasure();
        return new HessianRun(this, seed).Report(progress, cancellation);
    }

    /// <summary>What <see cref="Run"/> will take: products, time and memory. About a quarter off at most.</summary>
    /// <param name="seed">Seed of start vectors and probes.</param>
    /// <param name="cancellation">Stops between products.</param>
    /// <remarks>
    /// It runs on a twentieth of the samples, 32 at least, and costs about that share of the run and two seconds; with fewer than 64
    /// samples it costs a whole run. For traces it takes 4 probes each of 4 parts of the samples, as much as half a pass of 1,024: their
    /// number follows from the spread of these, so single blocks may be farther off.
    /// </remarks>
    /// <exception cref="InvalidOperationException">As for <see cref="Run"/>.</exception>
    public CurvatureEstimate Estimate(long seed, CancellationToken cancellation = default)
    {
        RequireMeasure();
        return new CurvaturePilot(this, seed).Estimate(cancellation);
    }

    private void RequireMeasure()
    {
        if (!TakesProducts && FisherSamples == 0)
        {
            throw new InvalidOperationException("The analysis measures nothing; add WithTopEigenvalues(), WithTrace(), WithSpectralDensity() or WithEmpiricalFisher().");
        }
    }

    internal string Describe()
    {
        var eigenvalues = Eigenvalues == 0 ? "" : FormattableString.Invariant($"; top {Eigenvalues} by {Method}, residual ≤ {Tolerance}, ≤ {MostProducts} products");
        var trace = TraceError is null ? "" : FormattableString.Invariant($"; trace by Hutchinson on parts of the samples, relative error ≤ {TraceError}, ≤ {MostProbes} passes");
        var density = Density is { } d ? FormattableString.Invariant($"; density by Lanczos quadrature, {d.Probes} probes × ≤ {d.Steps} steps") : "";
        var fisher = FisherSamples == 0 ? "" : $"; empirical Fisher of ≤ {FisherSamples} single samples";
        return $"blocks {Partition.Name}{eigenvalues}{trace}{density}{fisher}";
    }
}
