using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>In which type activations and their gradients are computed; weights, their updates and batch statistics are float32 always.</summary>
public enum TrainingPrecision
{
    /// <summary>IEEE single precision.</summary>
    Float32,

    /// <summary>
    /// Mixed precision: activations in bfloat16 (8 significant bits, the range of float32), rounded weights in each step, so no
    /// loss scaling is needed (Micikevicius et al. 2018; Kalamkar et al. 2019). Worth it on CPUs with AVX-512 BF16 or AMX alone: on
    /// others libtorch's convolutions take some ten times longer than in float32. <see cref="TrainingPrecisions.Fastest"/> knows which.
    /// </summary>
    BFloat16,
}

/// <summary>Which precision to train in, and what it means for a step.</summary>
public static class TrainingPrecisions
{
    private const int BrainInAvx512 = 1 << 5; // CPUID leaf 7.1, EAX
    private const int BrainInTiles = 1 << 22; // CPUID leaf 7.0, EDX

    /// <summary>
    /// The faster one on this CPU: <see cref="TrainingPrecision.BFloat16"/> where it multiplies bfloat16 (AVX-512 BF16 or AMX),
    /// else <see cref="TrainingPrecision.Float32"/>. Accuracies of the two agree within their noise; bits of the weights do not, so name
    /// one where results are to be repeated on other machines.
    /// </summary>
    public static TrainingPrecision Fastest { get; } = MultipliesBrain() ? TrainingPrecision.BFloat16 : TrainingPrecision.Float32;

    /// <summary>Pictures in the type that the network is to compute in.</summary>
    internal static Tensor Of(this TrainingPrecision precision, Tensor inputs) =>
        precision == TrainingPrecision.BFloat16 ? inputs.to(ScalarType.BFloat16) : inputs;

    /// <summary>Words for settings; none for float32, so that older checkpoints go on.</summary>
    internal static string Words(this TrainingPrecision precision) => precision == TrainingPrecision.BFloat16 ? "; activations in bfloat16" : "";

    /// <remarks>.NET names neither; AVX-512 that the system has not switched on counts for nothing.</remarks>
    private static bool MultipliesBrain() => Avx512F.IsSupported
        && ((X86Base.CpuId(7, 1).Eax & BrainInAvx512) != 0 || (X86Base.CpuId(7, 0).Edx & BrainInTiles) != 0);
}
