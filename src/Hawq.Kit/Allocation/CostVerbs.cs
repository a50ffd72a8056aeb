namespace Hawq.Kit;

/// <summary>Measured time of one layer at one bit width.</summary>
/// <param name="Layer">Dotted name of the layer.</param>
/// <param name="Bits">Its bit width.</param>
/// <param name="Milliseconds">The time in ms.</param>
public sealed record LayerLatency(string Layer, BitWidth Bits, double Milliseconds);

/// <summary>Adds to a table what budgets of bit operations and latency count.</summary>
public static class CostVerbs
{
    /// <summary>Tells the table the MACs of the layers: bit operations of a block are MACs · weight bits · activation bits.</summary>
    /// <param name="table">Ω of the blocks.</param>
    /// <param name="macs">MACs of each layer for one input, as from <see cref="OperationCount.MultiplyAccumulates"/>.</param>
    /// <param name="activationBits">Bit width of all inputs; where none is given, inputs have the bit width of the weights, as in HAWQ-V3.</param>
    /// <exception cref="ArgumentException">A layer of a block is missing.</exception>
    public static SensitivityTable WithMultiplyAccumulates(
        this SensitivityTable table, IReadOnlyDictionary<string, long> macs, BitWidth? activationBits = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(macs);
        return table with
        {
            ActivationBits = activationBits,
            Blocks = [.. table.Blocks.Select(block => block with { MultiplyAccumulates = block.Block.LayerNames.Sum(layer => Macs(layer)) })],
        };

        long Macs(string layer) => macs.TryGetValue(layer, out var count) && count >= 0
            ? count
            : throw new ArgumentException(
                $"Received no MACs of layer \"{layer}\"; expected a count of at least 0 for each layer of the table. Pass network.MultiplyAccumulates(…).", nameof(macs));
    }

    /// <summary>Tells the table the time of the layers at its bit widths; that of a block is the sum over its layers.</summary>
    /// <param name="table">Ω of the blocks.</param>
    /// <param name="latencies">One entry for each layer and bit width of the table; entries of other bit widths are not used.</param>
    /// <exception cref="ArgumentException">A layer is missing at a bit width or given twice, or a time is negative or not finite.</exception>
    public static SensitivityTable WithLatency(this SensitivityTable table, IEnumerable<LayerLatency> latencies)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(latencies);
        var times = new Dictionary<(string, BitWidth), double>();
        foreach (var (layer, bits, milliseconds) in latencies)
        {
            if (!double.IsFinite(milliseconds) || milliseconds < 0 || !times.TryAdd((layer, bits), milliseconds))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"Received {milliseconds} ms for layer \"{layer}\" at {bits} bits; expected one time of at least 0. ") +
                    "Average the measurements of a layer before.", nameof(latencies));
            }
        }

        return table with
        {
            Blocks = [.. table.Blocks.Select(block => block with
            {
                Milliseconds = [.. table.Bits.Select(bits => block.Block.LayerNames.Sum(layer => Time(layer, bits)))],
            })],
        };

        double Time(string layer, BitWidth bits) => times.TryGetValue((layer, bits), out var time)
            ? time
            : throw new ArgumentException(
                $"Received no latency of layer \"{layer}\" at {bits} bits; expected one for each layer at {string.Join(", ", table.Bits)} bits. Measure it, or leave the bit width out of SensitivityTo(…).",
                nameof(latencies));
    }
}
