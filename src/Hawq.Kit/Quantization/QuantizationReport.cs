namespace Hawq.Kit;

/// <summary>What happened to one layer.</summary>
/// <param name="Layer">Dotted name.</param>
/// <param name="WeightBits">Bit width of the weight.</param>
/// <param name="ActivationBits">Bit width of the input.</param>
/// <param name="Note">The scheme, or why the layer was skipped, or what differs from the scheme.</param>
public sealed record LayerQuantization(string Layer, BitWidth WeightBits, BitWidth ActivationBits, string Note)
{
    /// <summary>Whether the weight or the input is quantized.</summary>
    public bool IsQuantized => !WeightBits.IsFloat || !ActivationBits.IsFloat;

    /// <summary>That of a layer as it is, quantized by a scheme or left float.</summary>
    internal static LayerQuantization Of(string name, WeightLayer layer, QuantizationScheme scheme)
    {
        var bits = LayerBits.Of(layer);
        var now = new LayerQuantization(name, bits.Weight, bits.Input, scheme.ToString());
        return !now.IsQuantized ? now with { Note = "stays float: 32 bits" }
            : layer.InputQuantizer is ActivationFakeQuantizer input && input.Method != scheme.Activations ? now with { Note = $"{scheme}; signed input calibrated" }
            : now;
    }
}

/// <summary>What a call quantized and what it left as it was, for all weight layers in network order.</summary>
/// <param name="Layers">One entry a weight layer.</param>
/// <param name="Scheme">The scheme that was used.</param>
public sealed record QuantizationReport(IReadOnlyList<LayerQuantization> Layers, QuantizationScheme Scheme);
