using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hawq.Kit;

/// <summary>Adds one run of numbers to another.</summary>
/// <typeparam name="TLanes">How the numbers lie in memory.</typeparam>
internal static class SumKernel<TLanes>
    where TLanes : struct, ILanes
{
    private const int NumbersOfPart = 32768;

    /// <summary>sum[k] += addend[k].</summary>
    public static void Add(nint sum, nint addend, int count) => TorchThreads.Run((count + NumbersOfPart - 1) / NumbersOfPart, part =>
    {
        var start = part * NumbersOfPart;
        AddPart(sum, addend, start, Math.Min(count, start + NumbersOfPart));
    });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddPart(nint sum, nint addend, int start, int end)
    {
        var (k, width) = (start, Vector256<float>.Count);
        for (; k <= end - width; k += width)
        {
            TLanes.Store(sum, k, TLanes.Load(sum, k) + TLanes.Load(addend, k));
        }

        for (; k < end; k++)
        {
            TLanes.StoreOne(sum, k, TLanes.LoadOne(sum, k) + TLanes.LoadOne(addend, k));
        }
    }
}
