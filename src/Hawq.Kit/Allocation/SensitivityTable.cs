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
}

/// <summary>
/// Ω of each block at each bit width: Ω = λ‖Q(W) − W‖² (HAWQ-V1) or average trace · ‖Q(W) − W‖² (HAWQ-V2), from which bits are
/// allocated.
/// </summary>
/// <param name="Blocks">One entry a block, in network order.</param>
/// <param name="Bits">The bit widths, ascending.</param>
/// <param name="Measure">The curvature measure.</param>
/// <param name="Scheme">How the weights are quantized.</param>
/// <param name="OtherBytes">Bytes of all that is not a conv or linear weight: biases, batch norm.</param>
public sealed partial record SensitivityTable(
    IReadOnlyList<BlockSensitivity> Blocks, IReadOnlyList<BitWidth> Bits, CurvatureMeasure Measure, QuantizationScheme Scheme, long OtherBytes)
{
    /// <summary>Indices of the blocks by the precision order: largest S first, the order of the network where S is equal.</summary>
    public IReadOnlyList<int> PrecisionOrder =>
        [.. Enumerable.Range(0, Blocks.Count).OrderByDescending(k => Blocks[k].Priority).ThenBy(k => k)];

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
}
