using System.Runtime.Intrinsics;

namespace Hawq.Kit;

/// <summary>The width of the registers that kernels and libtorch compute in; beside the number of threads it decides the last bits.</summary>
internal static class WidestRegister
{
    public static int Bits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
}
