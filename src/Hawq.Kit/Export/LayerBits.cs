namespace Hawq.Kit;

/// <summary>Bits of a layer's weight and input, 32 for float.</summary>
internal sealed record LayerBits(int Weight, int Input);
