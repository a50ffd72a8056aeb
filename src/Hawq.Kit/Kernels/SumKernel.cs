using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Adds one run of numbers to another where that lies.</summary>
internal static class SumKernel
{
    private const int NumbersOfPart = 32768;

    private delegate void Kernel(nint sum, nint addend, int start, int end);

    /// <summary>sum += addend.</summary>
    /// <param name="sum">Dense, float32 or bfloat16.</param>
    /// <param name="addend">Of the same type, shape and layout.</param>
    public static void Add(Tensor sum, Tensor addend)
    {
        Kernel kernel = (sum.dtype == ScalarType.Float32, Register512.IsSupported) switch
        {
            (true, true) => AddPart<SingleLanes, Register512>,
            (true, false) => AddPart<SingleLanes, Register256>,
            (false, true) => AddPart<BrainLanes, Register512>,
            (false, false) => AddPart<BrainLanes, Register256>,
        };
        var (target, numbers, count) = (DenseMemory.Address(sum), DenseMemory.Address(addend), (int)sum.numel());
        TorchThreads.Run((count + NumbersOfPart - 1) / NumbersOfPart, part =>
            kernel(target, numbers, part * NumbersOfPart, Math.Min(count, (part + 1) * NumbersOfPart)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddPart<TLanes, TRegister>(nint sum, nint addend, int start, int end)
        where TLanes : struct, ILanes
        where TRegister : unmanaged, IRegister<TRegister>
    {
        var k = start;
        for (; k <= end - TRegister.Width; k += TRegister.Width)
        {
            TLanes.Store(sum, k, TLanes.Load<TRegister>(sum, k) + TLanes.Load<TRegister>(addend, k));
        }

        for (; k < end; k++)
        {
            TLanes.StoreOne(sum, k, TLanes.LoadOne(sum, k) + TLanes.LoadOne(addend, k));
        }
    }
}
