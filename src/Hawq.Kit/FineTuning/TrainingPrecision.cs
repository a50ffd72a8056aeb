using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>In which type activations and their gradients are computed; weights, their updates and batch statistics are float32 always.</summary>
public enum TrainingPrecision
{
    /// <summary>IEEE single precision.</summary>
    Float32,

    /// <summary>
    /// Mixed precision: activations in bfloat16 (8 significant bits, the range of float32), rounded weights in each step, so no
    /// loss scaling is needed (Micikevicius et al. 2018; Kalamkar et al. 2019). Worth it on CPUs with AVX-512 BF16 or AMX.
    /// </summary>
    BFloat16,
}

/// <summary>What a precision means for a training step.</summary>
internal static class TrainingPrecisions
{
    /// <summary>Pictures in the type that the network is to compute in.</summary>
    public static Tensor Of(this TrainingPrecision precision, Tensor inputs) =>
        precision == TrainingPrecision.BFloat16 ? inputs.to(ScalarType.BFloat16) : inputs;

    /// <summary>Words for settings; none for float32, so that older checkpoints go on.</summary>
    public static string Words(this TrainingPrecision precision) => precision == TrainingPrecision.BFloat16 ? "; activations in bfloat16" : "";
}
