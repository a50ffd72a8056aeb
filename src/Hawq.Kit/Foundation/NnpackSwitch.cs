using System.Runtime.InteropServices;

namespace Hawq.Kit;

/// <summary>Turns NNPACK off, one of the libraries that libtorch has for convolutions; oneDNN does them as well.</summary>
/// <remarks>
/// On CPUs that NNPACK does not support, libtorch 2.10 says so on the console at every convolution of a single picture, thousands of
/// times in one analysis. TorchSharp has no setting for it, so libtorch's own is called by its C++ name.
/// </remarks>
internal static unsafe class NnpackSwitch
{
    private const string Context = "_ZN2at13globalContextEv";                  // at::globalContext()
    private const string Enable = "_ZN2at7Context20setUserEnabledNNPACKEb";    // at::Context::setUserEnabledNNPACK(bool)

    /// <param name="folder">The folder that holds libtorch.</param>
    public static void TurnOff(string folder)
    {
        if (NativeLibrary.TryLoad(Path.Combine(folder, "libtorch_cpu.so"), out var library)
            && NativeLibrary.TryGetExport(library, Context, out var context) && NativeLibrary.TryGetExport(library, Enable, out var enable))
        {
            ((delegate* unmanaged<nint, byte, void>)enable)(((delegate* unmanaged<nint>)context)(), 0);
        }
    }
}
