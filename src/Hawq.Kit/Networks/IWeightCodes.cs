namespace Hawq.Kit;

/// <summary>A quantized weight as integers. What they stand for, quantization knows; a layer keeps them for it.</summary>
internal interface IWeightCodes;
