using System.Runtime.InteropServices;

namespace Hawq.Kit;

/// <summary>Native memory that a thread keeps between calls of a kernel: new pages at each call would cost more than the work.</summary>
internal sealed unsafe class AlignedScratch
{
    private const nuint Alignment = 64;

    [ThreadStatic]
    private static AlignedScratch? _ofThread;

    private float* _memory;
    private int _count;

    ~AlignedScratch() => NativeMemory.AlignedFree(_memory);

    /// <summary>At least <paramref name="count"/> numbers, of any value, for this thread until it asks again.</summary>
    public static float* Numbers(int count)
    {
        var scratch = _ofThread ??= new AlignedScratch();
        if (scratch._count < count)
        {
            NativeMemory.AlignedFree(scratch._memory);
            scratch._memory = null; // what follows may fail
            scratch._count = 0;
            scratch._memory = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), Alignment);
            scratch._count = count;
        }

        return scratch._memory;
    }
}
