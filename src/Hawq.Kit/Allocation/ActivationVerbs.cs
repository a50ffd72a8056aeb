namespace Hawq.Kit;

/// <summary>The step from the curvature of activations to their bit widths (HAWQ-V2).</summary>
public static class ActivationVerbs
{
    /// <summary>
    /// Multiplies each block's average trace with the quantization error of its activations: Ω = (Tr ÷ V) · ‖Q(a) − a‖², a mean over
    /// samples (Dong et al. 2020). Bits follow as for weights: <c>Allocate</c>, <c>AllocateByHand</c>, <c>Uniform</c>.
    /// </summary>
    /// <param name="report">The measured blocks.</param>
    /// <param name="network">The float network that was measured.</param>
    /// <param name="batches">Samples for the error, on the network's device. They stay the caller's.</param>
    /// <param name="calibration">Ranges of the inputs, see <see cref="ActivationCalibration.Of"/>.</param>
    /// <param name="scheme">How inputs are quantized.</param>
    /// <param name="bits">The bit widths to choose from.</param>
    /// <returns>
    /// A table in which the size of a block is V, its volume of activations, so that <see cref="BitAllocation.WeightCompression"/> is the
    /// paper's A-Comp, 32 · ΣV ÷ Σ bits · V: 8 for 4 bits everywhere. Its blocks hold no weight tensors.
    /// </returns>
    /// <exception cref="ArgumentException">No bit width or no sample is given, or a layer was not calibrated.</exception>
    public static SensitivityTable SensitivityTo(
        this ActivationReport report, Network network, IEnumerable<Batch> batches, ActivationCalibration calibration, QuantizationScheme scheme, params IReadOnlyList<BitWidth> bits)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(calibration);
        ArgumentNullException.ThrowIfNull(scheme);
        ArgumentNullException.ThrowIfNull(bits);
        var samples = batches.ToList();
        if (bits.Count == 0 || samples.Count == 0)
        {
            throw new ArgumentException(
                $"Received {bits.Count} bit widths and {samples.Count} batches; expected at least one of each, for example 4, 6, 8 bits.", nameof(bits));
        }

        var widths = bits.Distinct().Order().ToList();
        foreach (var layer in report.Blocks.SelectMany(block => block.Block.LayerNames))
        {
            _ = calibration[layer];
        }

        var errors = ActivationError.Of(network, samples, calibration, widths, scheme);
        return new SensitivityTable([.. report.Blocks.Select(Sensitivity)], widths, CurvatureMeasure.AverageTrace, scheme, 0);

        BlockSensitivity Sensitivity(BlockActivations block)
        {
            var magnitude = Math.Abs(block.AverageTrace);
            var volume = new Block(block.Block.Name, block.Block.LayerNames, []) { WeightCount = block.Volume };
            return BlockSensitivity.Of(volume, CurvatureMeasure.AverageTrace, magnitude, [.. widths.Select((_, k) => block.Block.LayerNames.Sum(layer => errors[layer][k]))]);
        }
    }
}
