using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>How a layer of a quantized checkpoint is stored.</summary>
/// <param name="Weight">Its weight; <see langword="null"/> where that stays float.</param>
/// <param name="Input">Its input; <see langword="null"/> where that stays float.</param>
internal sealed record PackedLayer(PackedWeight? Weight, PackedInput? Input)
{
    /// <summary>Whether the numbers, which come from a file, are possible ones.</summary>
    public bool IsSound =>
        Weight is null or { Bits: >= 1 and <= 8, Lowest: >= -128 and <= 0, Stride: 1 } or { Bits: 1, Lowest: -1, Stride: 2 }
        && Input is null or { Bits: >= 1 and <= 8, Method: not ActivationMethod.LearnedStep } or { Bits: >= 2 and <= 8 } or { Bits: 1, IsUnsigned: true }
        && (Input is null || Enum.IsDefined(Input.Method));
}

/// <summary>How a layer's input is quantized; its range is among the file's tensors.</summary>
/// <param name="Bits">b.</param>
/// <param name="Method">How the range was found.</param>
/// <param name="IsUnsigned">Whether no input is negative.</param>
internal sealed record PackedInput(int Bits, ActivationMethod Method, bool IsUnsigned)
{
    public static PackedInput? Of(ActivationFakeQuantizer? quantizer) =>
        quantizer is null ? null : new(quantizer.Bits.Value, quantizer.Method, quantizer.Range.Lowest == 0);

    /// <summary>A quantizer of this kind, whose range is still to be filled in.</summary>
    public ActivationFakeQuantizer Quantizer(string layer, Device device) => new(
        new ActivationRange(layer, IsUnsigned || Method == ActivationMethod.Calibrated ? 0 : -1, 1, 1, []), Bits,
        QuantizationScheme.SymmetricPerTensor with { Activations = Method }, device);
}
