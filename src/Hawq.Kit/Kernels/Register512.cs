using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hawq.Kit;

/// <summary>Sixteen numbers, on CPUs with AVX-512: half the instructions of <see cref="Register256"/> and, in bfloat16, half the time.</summary>
internal readonly unsafe struct Register512(Vector512<float> values) : IRegister<Register512>
{
    private readonly Vector512<float> _values = values;

    /// <summary>Whether the CPU has it.</summary>
    public static bool IsSupported => Avx512F.IsSupported && Vector512.IsHardwareAccelerated;

    public static int Width => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 operator +(Register512 left, Register512 right) => new(left._values + right._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 operator -(Register512 left, Register512 right) => new(left._values - right._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 operator *(Register512 left, Register512 right) => new(left._values * right._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 operator /(Register512 left, Register512 right) => new(left._values / right._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 operator &(Register512 left, Register512 right) => new(left._values & right._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Of(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 MultiplyAdd(Register512 a, Register512 b, Register512 c) => new(Vector512.FusedMultiplyAdd(a._values, b._values, c._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Rectified(Register512 x) => new(Vector512.MaxNative(Vector512<float>.Zero, x._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Round(Register512 x) => new(Vector512.Round(x._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Clamp(Register512 x, Register512 lowest, Register512 highest) =>
        new(Vector512.MinNative(highest._values, Vector512.MaxNative(lowest._values, x._values)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 AtLeast(Register512 left, Register512 right) => new(Vector512.GreaterThanOrEqual(left._values, right._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Above(Register512 left, Register512 right) => new(Vector512.GreaterThan(left._values, right._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Choose(Register512 mask, Register512 first, Register512 second) => new(Vector512.ConditionalSelect(mask._values, first._values, second._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Register512 x) => Vector512.Sum(x._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Load(float* memory) => new(Vector512.Load(memory));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 LoadBrain(ushort* memory) => new((Avx512F.ConvertToVector512UInt32(Vector256.Load(memory)) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Register512 values, float* memory) => values._values.Store(memory);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBrain(Register512 values, ushort* memory)
    {
        var bits = values._values.AsUInt32();
        var rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512.Create(1u))) >>> 16;
        Avx512F.ConvertToVector256UInt16(rounded).Store(memory);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSigns(Register512 values, byte* bits) =>
        *(ushort*)bits = (ushort)Vector512.GreaterThan(values._values, Vector512<float>.Zero).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512 Kept(Register512 values, byte* bits)
    {
        var places = Vector512.Create(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);
        return new(Vector512.Equals(Vector512.Create((int)*(ushort*)bits) & places, places).AsSingle() & values._values);
    }
}
