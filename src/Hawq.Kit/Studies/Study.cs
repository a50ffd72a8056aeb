namespace Hawq.Kit;

/// <summary>
/// Recipe for a sweep over HAWQ's chain (curvature, Ω, bits, block-wise fine-tuning): <c>Of … With… In(folder) Run</c>. Each
/// combination of the axes is a cell. Immutable; each <c>With…</c> returns a copy.
/// </summary>
/// <remarks>
/// Finished cells are kept in the folder and never computed again; a killed sweep goes on where it was, bit-identically. Several
/// processes may run the same study in one folder: they share the work. In one process, give each runner a network of its own.
/// </remarks>
public sealed record Study
{
    private Study()
    {
    }

    internal Network Network { get; private init; } = null!;

    internal CurvatureReport? Curvature { get; private init; }

    internal HessianAnalysis? Analysis { get; private init; }

    internal ImageSet Train { get; private init; } = null!;

    internal ImageSet Validation { get; private init; } = null!;

    internal ImageSet? Test { get; private init; }

    internal IReadOnlyList<SensitivityMetric> Metrics { get; private init; } = [SensitivityMetric.TopEigenvaluePerturbation];

    internal IReadOnlyList<AllocationRule> Rules { get; private init; } = [AllocationRule.Hawq];

    internal IReadOnlyList<Budget> Budgets { get; private init; } = [Budget.AverageBits(4)];

    internal IReadOnlyList<BlockOrder> Orders { get; private init; } = [BlockOrder.MostSensitiveFirst];

    internal IReadOnlyList<QuantizationScheme> Schemes { get; private init; } = [QuantizationScheme.AsymmetricPerTensor];

    internal IReadOnlyList<long> Seeds { get; private init; } = [1];

    internal IReadOnlyList<BitWidth> Bits { get; private init; } = [2, 3, 4, 6, 8];

    internal BitWidth ActivationBits { get; private init; } = BitWidth.Float;

    internal Func<BlockwiseFineTuning, BlockwiseFineTuning> Tuning { get; private init; } = tuning => tuning;

    internal Func<SensitivityTable, SensitivityTable> Costs { get; private init; } = table => table;

    internal string? Folder { get; private init; }

    internal int CellCount => Metrics.Count * Rules.Count * Budgets.Count * Orders.Count * Schemes.Count * Seeds.Count;

    /// <summary>Starts from a trained float network whose curvature is measured.</summary>
    /// <param name="network">The float network; it is copied, never changed.</param>
    /// <param name="curvature">The measured blocks of this network.</param>
    /// <param name="train">Training pictures. A measured loss change, if asked for, is that of the first 512.</param>
    /// <param name="validation">Pictures by which the best state is chosen. Not the test set.</param>
    public static Study Of(Network network, CurvatureReport curvature, ImageSet train, ImageSet validation)
    {
        ArgumentNullException.ThrowIfNull(curvature);
        return Of(network, train, validation) with { Curvature = curvature };
    }

    /// <summary>Starts from a trained float network and an analysis, which is run once with each seed and kept in the folder.</summary>
    /// <param name="network">The float network; it is copied, never changed.</param>
    /// <param name="analysis">The analysis of this network.</param>
    /// <param name="train">Training pictures. A measured loss change, if asked for, is that of the first 512.</param>
    /// <param name="validation">Pictures by which the best state is chosen. Not the test set.</param>
    /// <exception cref="ArgumentException">The analysis is of another network.</exception>
    public static Study Of(Network network, HessianAnalysis analysis, ImageSet train, ImageSet validation)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        return ReferenceEquals(analysis.Model, network)
            ? Of(network, train, validation) with { Analysis = analysis }
            : throw new ArgumentException("The analysis is of another network; expected HessianAnalysis.Of the one that is passed.", nameof(analysis));
    }

    /// <summary>Axis: by which metrics Ω is made; |λ|‖ΔW‖² (HAWQ-V1) unless said.</summary>
    /// <param name="metrics">Metrics that depend on the bits.</param>
    public Study WithMetrics(params IReadOnlyList<SensitivityMetric> metrics) => this with { Metrics = StudyChecks.Pricing(StudyChecks.Axis(metrics)) };

    /// <summary>Axis: how the bits are chosen; as HAWQ does unless said. The baselines are among the rules.</summary>
    /// <param name="rules">The rules.</param>
    public Study WithRules(params IReadOnlyList<AllocationRule> rules) => this with { Rules = StudyChecks.Axis(rules) };

    /// <summary>Axis: the budgets; 4 bits a weight on average unless said.</summary>
    /// <param name="budgets">The budgets.</param>
    public Study WithBudgets(params IReadOnlyList<Budget> budgets) => this with { Budgets = StudyChecks.Axis(budgets, budget => budget.Name) };

    /// <summary>Axis: in which order the blocks are quantized; largest Ω first unless said.</summary>
    /// <param name="orders">The orders.</param>
    public Study WithOrders(params IReadOnlyList<BlockOrder> orders) => this with { Orders = StudyChecks.Axis(orders) };

    /// <summary>Axis: how weights and inputs are quantized; asymmetric per tensor unless said.</summary>
    /// <param name="schemes">The schemes.</param>
    public Study WithSchemes(params IReadOnlyList<QuantizationScheme> schemes) => this with { Schemes = StudyChecks.Axis(schemes, scheme => scheme.ToString()) };

    /// <summary>Axis: the seeds; 1 alone unless said.</summary>
    /// <param name="seeds">The seeds.</param>
    public Study WithSeeds(params IReadOnlyList<long> seeds) => this with { Seeds = StudyChecks.Axis(seeds) };

    /// <summary>The bit widths that each block may have; 2, 3, 4, 6 and 8 unless said.</summary>
    /// <param name="bits">Bit widths of weights.</param>
    public Study WithBits(params IReadOnlyList<BitWidth> bits) => this with { Bits = [.. StudyChecks.Axis(bits).Order()] };

    /// <summary>Bits of the inputs of all layers; 32, so that weights alone are studied, unless said.</summary>
    /// <param name="bits">The bit width.</param>
    public Study WithActivationBits(BitWidth bits) => this with { ActivationBits = bits };

    /// <summary>How each cell is fine-tuned; order, scheme and checkpoint are the study's.</summary>
    /// <param name="settings">For example <c>tuning => tuning.WithEpochs(2, closing: 5)</c>.</param>
    public Study FineTunedBy(Func<BlockwiseFineTuning, BlockwiseFineTuning> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return this with { Tuning = settings };
    }

    /// <summary>Tells the tables what budgets of bit operations or latency need.</summary>
    /// <param name="costs">For example <c>table => table.WithMultiplyAccumulates(network.MultiplyAccumulates(3, 32, 32))</c>.</param>
    public Study WithCosts(Func<SensitivityTable, SensitivityTable> costs)
    {
        ArgumentNullException.ThrowIfNull(costs);
        return this with { Costs = costs };
    }

    /// <summary>Measures each fine-tuned network on pictures that nothing was chosen by.</summary>
    /// <param name="test">Test pictures.</param>
    public Study TestedOn(ImageSet test)
    {
        ArgumentNullException.ThrowIfNull(test);
        return this with { Test = test };
    }

    /// <summary>Where results are kept; needed. One folder may hold several studies.</summary>
    /// <param name="folder">It is made if it is missing.</param>
    public Study In(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return this with { Folder = folder };
    }

    /// <summary>Runs all cells that are not finished, and returns once every cell is, by this process or another.</summary>
    /// <param name="progress">Hears of each training and of each batch.</param>
    /// <param name="cancellation">Stops between batches; what is finished stays.</param>
    /// <exception cref="InvalidOperationException">No folder was given.</exception>
    /// <exception cref="ArgumentException">A cell's bits cannot be chosen; nothing was trained.</exception>
    public StudyReport Run(IProgress<StudyProgress>? progress = null, CancellationToken cancellation = default)
    {
        StudyChecks.Ready(this);
        using var run = new StudyRun(this, progress, cancellation);
        return run.Go();
    }

    private static Study Of(Network network, ImageSet train, ImageSet validation)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        return new Study { Network = network, Train = train, Validation = validation };
    }
}
