using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>What a training ran on. The same run gives the same bits there again; elsewhere it agrees within rounding.</summary>
/// <param name="Threads">libtorch's threads for the thread that trained; with the width of the registers they decide the last bits.</param>
/// <param name="RegisterBits">Width of the registers that kernels compute in: 128, 256 or 512.</param>
/// <param name="Processors">Logical processors of the machine.</param>
/// <param name="Kit">Version of the kit.</param>
/// <param name="TorchSharp">Version of TorchSharp.</param>
public sealed record TrainingEnvironment(int Threads, int RegisterBits, int Processors, string Kit, string TorchSharp)
{
    /// <summary>That of the calling thread: libtorch has a number of threads for each.</summary>
    internal static TrainingEnvironment OfThisThread() =>
        new(get_num_threads(), WidestRegister.Bits, Environment.ProcessorCount, LibraryVersion.Kit, LibraryVersion.TorchSharp);
}
