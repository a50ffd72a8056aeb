using System.Runtime.InteropServices;

namespace Hawq.Kit;

/// <summary>Bytes that native code, libtorch above all, holds of the heap.</summary>
/// <remarks>
/// glibc counts what is handed out, whereas the process's working set also has what was freed and not given back, which hides the next
/// use of it. Under another C library the working set must do.
/// </remarks>
internal static class NativeHeap
{
    /// <summary>Bytes now in use.</summary>
    public static long InUse()
    {
        try
        {
            var counts = MallInfo();
            return (long)(counts.Used + counts.Mapped);
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            return Environment.WorkingSet;
        }
    }

    /// <summary>The most bytes in use while something runs, looked at over and over by a thread of its own.</summary>
    public static long PeakOf(Action action)
    {
        var done = 0;
        var peak = InUse();
        var watch = new Thread(() =>
        {
            while (Volatile.Read(ref done) == 0)
            {
                peak = Math.Max(peak, InUse());
                Thread.Sleep(0);
            }
        });
        watch.Start();
        try
        {
            action();
        }
        finally
        {
            Volatile.Write(ref done, 1);
            watch.Join();
        }

        return Math.Max(peak, InUse());
    }

    [DllImport("libc.so.6", EntryPoint = "mallinfo2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern Counts MallInfo();

    /// <summary>glibc's struct mallinfo2.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Counts
    {
        private readonly nuint _arena, _freeBlocks, _smallBlocks, _mappedBlocks;
        public readonly nuint Mapped;
        private readonly nuint _reserved, _smallBytes;
        public readonly nuint Used;
        private readonly nuint _free, _top;
    }
}
