using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Runs the parts of a loop on the OpenMP threads that libtorch uses itself.</summary>
/// <remarks>
/// Between two operators libtorch's threads spin for a while. A second pool, such as the one of <see cref="Parallel"/>, would
/// share the cores with them. Where libtorch brings no libgomp, as on Windows and macOS, that pool is used all the same.
/// </remarks>
internal static unsafe class TorchThreads
{
    private static readonly delegate* unmanaged[Cdecl]<nint, nint, uint, uint, void> Team = Find();

    /// <summary>Whether libtorch's own threads are in use.</summary>
    public static bool AreShared => Team != null;

    /// <summary>Calls <paramref name="part"/> once for each number from 0 to <paramref name="parts"/> − 1, in any order, at the same time.</summary>
    /// <exception cref="AggregateException">A part failed on one of several threads; the others were tried.</exception>
    /// <exception cref="Exception">On one thread a part's own exception is thrown as it is, and no further part is tried.</exception>
    public static void Run(int parts, Action<int> part)
    {
        var threads = Math.Min(parts, Math.Max(1, get_num_threads()));
        if (threads == 1)
        {
            for (var k = 0; k < parts; k++)
            {
                part(k);
            }
        }
        else if (Team == null)
        {
            Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = threads }, part);
        }
        else
        {
            var job = new Job(parts, part);
            var handle = GCHandle.Alloc(job);
            Team((nint)(delegate* unmanaged[Cdecl]<nint, void>)&Work, GCHandle.ToIntPtr(handle), (uint)threads, 0);
            handle.Free();
            job.ThrowIfFailed();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Work(nint job) => ((Job)GCHandle.FromIntPtr(job).Target!).Work();

    private static delegate* unmanaged[Cdecl]<nint, nint, uint, uint, void> Find()
    {
        var folder = Path.GetDirectoryName(typeof(TorchSharp.torch).Assembly.Location);
        var file = OperatingSystem.IsLinux() && !string.IsNullOrEmpty(folder) ? Directory.EnumerateFiles(folder, "libgomp*.so*").FirstOrDefault() : null;
        return file is not null && NativeLibrary.TryLoad(file, out var library) && NativeLibrary.TryGetExport(library, "GOMP_parallel", out var entry)
            ? (delegate* unmanaged[Cdecl]<nint, nint, uint, uint, void>)entry
            : null;
    }

    /// <summary>The parts that are left; every thread of the team takes the next until none is.</summary>
    private sealed class Job(int parts, Action<int> part)
    {
        private Exception? _failure;
        private int _next = -1;

        /// <remarks>No exception may leave: the caller is native code.</remarks>
        [System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1031", Justification = "Rethrown by ThrowIfFailed on the calling thread.")]
        public void Work()
        {
            for (var k = Interlocked.Increment(ref _next); k < parts; k = Interlocked.Increment(ref _next))
            {
                try
                {
                    part(k);
                }
                catch (Exception error)
                {
                    Interlocked.CompareExchange(ref _failure, error, null);
                }
            }
        }

        public void ThrowIfFailed()
        {
            if (_failure is not null)
            {
                throw new AggregateException(_failure);
            }
        }
    }
}
