using System.Runtime.InteropServices;

namespace Hawq.Kit;

/// <summary>Tells glibc's malloc to keep large blocks instead of mapping and unmapping them on every training step.</summary>
/// <remarks>
/// libtorch allocates activations with malloc. Blocks above <c>M_MMAP_THRESHOLD</c> are mapped afresh and page-fault on
/// first touch each time: the same convolution was measured at 3 ms and at 60 ms in two processes.
/// </remarks>
internal static class Allocator
{
    private const int TrimThreshold = -1;   // M_TRIM_THRESHOLD
    private const int TopPad = -2;          // M_TOP_PAD
    private const int MapThreshold = -3;    // M_MMAP_THRESHOLD
    private const int OneGibibyte = 1 << 30;

    public static void KeepLargeBlocks()
    {
        try
        {
            _ = MallOpt(MapThreshold, OneGibibyte);
            _ = MallOpt(TrimThreshold, OneGibibyte);
            _ = MallOpt(TopPad, 64 << 20);
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            // another C library (musl) has no mallopt: nothing to tune
        }
    }

    [DllImport("libc.so.6", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MallOpt(int parameter, int value);
}
