using System.Runtime.InteropServices;

namespace Hawq.Kit;

/// <summary>Lets TorchSharp's scalars live on for a while after .NET gave them up.</summary>
/// <remarks>
/// TorchSharp makes a <c>Scalar</c> of each number in an operation, even of the factor 1 in a + b, and hands libtorch its address alone.
/// A collection that comes while the operation runs, from another thread or in the background, frees it, and libtorch reads freed memory
/// (dotnet/TorchSharp 1496 is about these scalars). So the function that frees a scalar is led here, where each waits until many more have
/// been freed; on another processor, or in another build of it, it stays as it is.
/// </remarks>
internal static unsafe partial class ScalarKeeper
{
    private const string Dispose = "THSTorch_dispose_scalar";
    private const int Kept = 1 << 16; // of 32 bytes: an operation in flight needs the last few
    private const int ReadWriteExecute = 7;
    private const int ReadExecute = 5;

    private static readonly nint[] Waiting = new nint[Kept];
    private static long _freed;

    /// <summary>How the function begins: test rdi, rdi.</summary>
    private static ReadOnlySpan<byte> Known => [0x48, 0x85, 0xFF];

    /// <summary>Leads the function of a loaded TorchSharp library here.</summary>
    /// <param name="library">Its handle.</param>
    public static void Guard(nint library)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || !NativeLibrary.TryGetExport(library, Dispose, out var function)
            || !new ReadOnlySpan<byte>((void*)function, Known.Length).SequenceEqual(Known))
        {
            return;
        }

        delegate* unmanaged<nint, void> keep = &Keep;
        Span<byte> jump = [0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xE0]; // mov rax, keep; jmp rax
        MemoryMarshal.Write(jump[2..], (nint)keep);
        var page = function & ~(nint)(Environment.SystemPageSize - 1);
        var length = (nuint)(function + jump.Length - page);
        if (Protect(page, length, ReadWriteExecute) == 0) // a hardened system may refuse
        {
            jump.CopyTo(new Span<byte>((void*)function, jump.Length));
            _ = Protect(page, length, ReadExecute);
        }
    }

    [UnmanagedCallersOnly]
    private static void Keep(nint scalar)
    {
        var old = Interlocked.Exchange(ref Waiting[Interlocked.Increment(ref _freed) & (Kept - 1)], scalar);
        NativeMemory.Free((void*)old); // it holds a plain number: nothing but its memory is to be given back
    }

    [LibraryImport("libc.so.6", EntryPoint = "mprotect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Protect(nint address, nuint length, int protection);
}
