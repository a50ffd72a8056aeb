namespace Hawq.Kit;

/// <summary>Bits of a layer's weight and input, 32 for float.</summary>
internal sealed record LayerBits(int Weight, int Input)
{
    /// <summary>Those that a layer has now: by the kit's quantizers, or by the integers that a file gave its weight.</summary>
    public static LayerBits Of(WeightLayer layer) => new(
        (layer.WeightQuantizer as WeightFakeQuantizer)?.Bits.Value ?? (layer.Codes as IntegerWeight)?.Form.Bits ?? BitWidth.Float.Value,
        (layer.InputQuantizer as ActivationFakeQuantizer)?.Bits.Value ?? BitWidth.Float.Value);
}
