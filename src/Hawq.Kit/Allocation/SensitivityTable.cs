namespace Hawq.Kit;

/// <summary>Sensitivity of one block.</summary>
/// <param name="Block">The block.</param>
/// <param name="Curvature">|λ| (V1) or |Tr H| ÷ n (V2), whichever measure the table was made with.</param>
/// <param name="Priority">What the precision order ranks by: S = |λ| ÷ n for V1, the average trace for V2.</param>
/// <param name="Errors">
/// ‖Q(W) − W‖², the squared 2-norm, at each of the table's bit widths; the metric itself in a table of SensitivityBy(…), where
/// the curvature is 1.
/// </param>
public sealed record BlockSensitivity(Block Block, double Curvature, double Priority, IReadOnlyList<double> Errors)
{
    /// <summary>Ω = curvature · ‖Q(W) − W‖² at the k-th bit width of the table.</summary>
    /// <param name="k">Index into the table's bit widths.</param>
    public double Perturbation(int k) => Curvature * Errors[k];

    /// <summary>MACs of its layers for one input; needed for a budget of bit operations.</summary>
    public long? MultiplyAccumulates { get; init; }

    /// <summary>Time of its layers in ms at each of the table's bit widths; needed for a budget of latency.</summary>
    public IReadOnlyList<double>? Milliseconds { get; init; }

    /// <summary>With the priority that follows from the measure: HAWQ-V1 ranks by S = |λ| ÷ n, the others by the magnitude itself.</summary>
    internal static BlockSensitivity Of(Block block, CurvatureMeasure measure, double magnitude, IReadOnlyList<double> errors) =>
        new(block, magnitude, measure == CurvatureMeasure.TopEigenvalue ? magnitude / block.WeightCount : magnitude, errors);
}

/// <summary>Sensitivity of one block or layer as numbers, such as an article prints.</summary>
/// <param name="Name">Name of the block.</param>
/// <param name="WeightCount">n, its number of weights.</param>
/// <param name="Curvature">|λ|, the magnitude of the average trace, the average Fisher trace, or 1.</param>
/// <param name="Errors">‖Q(W) − W‖², the squared 2-norm, at each of the table's bit widths.</param>
public sealed record SensitivityRow(string Name, long WeightCount, double Curvature, IReadOnlyList<double> Errors);

/// <summary>
/// Ω of each block at each bit width: Ω = λ‖Q(W) − W‖² (HAWQ-V1) or average trace · ‖Q(W) − W‖² (HAWQ-V2), from which bits are
/// allocated.
/// </summary>
/// <param name="Blocks">One entry a block, in network order.</param>
/// <param name="Bits">The bit widths, ascending.</param>
/// <param name="Measure">The curvature measure.</param>
/// <param name="Scheme">How the weights are quantized.</param>
/// <param name="OtherBytes">Bytes of all numbers that are not conv or linear weights: biases, batch norm with its running statistics.</param>
public sealed partial record SensitivityTable(
    IReadOnlyList<BlockSensitivity> Blocks, IReadOnlyList<BitWidth> Bits, CurvatureMeasure Measure, QuantizationScheme Scheme, long OtherBytes)
{
    /// <summary>Indices of the blocks by the precision order: largest S first, the order of the network where S is equal.</summary>
    public IReadOnlyList<int> PrecisionOrder =>
        [.. Enumerable.Range(0, Blocks.Count).OrderByDescending(k => Blocks[k].Priority).ThenBy(k => k)];

    /// <summary>Bit width of all inputs, for bit operations; <see langword="null"/>: that of the weights, as in HAWQ-V3.</summary>
    public BitWidth? ActivationBits { get; init; }

    /// <summary>A table of given numbers without a network: to allocate bits from published sensitivities.</summary>
    /// <param name="measure">What the curvature is.</param>
    /// <param name="scheme">How the weights are said to be quantized.</param>
    /// <param name="bits">The bit widths, ascending.</param>
    /// <param name="rows">One entry a block, in network order. Each block is one layer of its name and has no weight tensor.</param>
    /// <exception cref="ArgumentException">
    /// Bit widths are not ascending, rows or errors are missing, a name is given twice, or a curvature or error is negative or not finite.
    /// </exception>
    public static SensitivityTable Of(
        CurvatureMeasure measure, QuantizationScheme scheme, IReadOnlyList<BitWidth> bits, params IReadOnlyList<SensitivityRow> rows)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        ArgumentNullException.ThrowIfNull(bits);
        ArgumentNullException.ThrowIfNull(rows);
        if (bits.Count == 0 || bits.Zip(bits.Skip(1)).Any(pair => pair.First >= pair.Second))
        {
            throw new ArgumentException($"Received bit widths {string.Join(", ", bits)}; expected at least one, ascending.", nameof(bits));
        }

        if (rows.Count == 0 || rows.DistinctBy(row => row.Name).Count() < rows.Count || rows.Any(row => row.Errors.Count != bits.Count || row.WeightCount < 1))
        {
            throw new ArgumentException(
                $"Received {rows.Count} rows; expected at least one, each with a name of its own, weights, and {bits.Count} errors, one a bit width.", nameof(rows));
        }

        RequireMagnitudes(rows);
        return new([.. rows.Select(Sensitivity)], [.. bits], measure, scheme, 0);

        BlockSensitivity Sensitivity(SensitivityRow row) =>
            BlockSensitivity.Of(new Block(row.Name, [row.Name], []) { WeightCount = row.WeightCount }, measure, row.Curvature, [.. row.Errors]);
    }

    /// <summary>Fails where an Ω is NaN or infinite: bits cannot be chosen by it.</summary>
    /// <exception cref="ArgumentException">It names the block.</exception>
    internal void RequireFinite()
    {
        if (Blocks.FirstOrDefault(block => Bits.Where((_, k) => !double.IsFinite(block.Perturbation(k))).Any()) is { } unknown)
        {
            throw new ArgumentException(
                $"Ω of block \"{unknown.Block.Name}\" is not finite; expected a number at each bit width. Check its curvature and weights.", "table");
        }
    }

    internal long? BitOperations(int block, int k) =>
        Blocks[block].MultiplyAccumulates * Bits[k].Value * (ActivationBits ?? Bits[k]).Value;

    internal int IndexOf(BitWidth bits)
    {
        for (var k = 0; k < Bits.Count; k++)
        {
            if (Bits[k] == bits)
            {
                return k;
            }
        }

        throw new ArgumentException($"The table has no column for {bits} bits; it has {string.Join(", ", Bits)}. Add it to SensitivityTo(…).", nameof(bits));
    }

    /// <summary>Articles print λ with its sign; a negative Ω would make the largest error the best choice.</summary>
    private static void RequireMagnitudes(IReadOnlyList<SensitivityRow> rows)
    {
        if (rows.FirstOrDefault(row => !row.Errors.Prepend(row.Curvature).All(value => double.IsFinite(value) && value >= 0)) is { } wrong)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"Received curvature {wrong.Curvature} and errors {string.Join(", ", wrong.Errors)} of \"{wrong.Name}\"; ") +
                "expected finite numbers of at least 0. Give magnitudes: |λ|, |Tr H| ÷ n, ‖Q(W) − W‖².", nameof(rows));
        }
    }
}
