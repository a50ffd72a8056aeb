namespace Hawq.Kit;

/// <summary>The bit widths of one block.</summary>
/// <param name="Block">The block; its layer names are looked up in the network that is quantized, so it may stem from the original.</param>
/// <param name="WeightBits">Bit width of the weights; 32 leaves them float.</param>
/// <param name="ActivationBits">Bit width of the inputs of its layers; 32 leaves them float.</param>
public sealed record BlockPrecision(Block Block, BitWidth WeightBits, BitWidth ActivationBits);
