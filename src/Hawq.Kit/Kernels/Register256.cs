using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hawq.Kit;

/// <summary>Eight numbers; on a CPU without AVX2 .NET takes them in parts.</summary>
internal readonly unsafe struct Register256(Vector256<float> values) : IRegister<Register256>
{
    private readonly Vector256<float> _values = values;

    public static int Width => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 operator +(Register256 left, Register256 right) => new(left._values + right._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 operator -(Register256 left, Register256 right) => new(left._values - right._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 MultiplyAdd(Register256 a, Register256 b, Register256 c) => new(Vector256.FusedMultiplyAdd(a._values, b._values, c._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Rectified(Register256 x) => new(Vector256.MaxNative(Vector256<float>.Zero, x._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Load(float* memory) => new(Vector256.Load(memory));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 LoadBrain(ushort* memory) => new(BrainLanes.Load((nint)memory, 0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Register256 values, float* memory) => values._values.Store(memory);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBrain(Register256 values, ushort* memory) => BrainLanes.Store((nint)memory, 0, values._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSigns(Register256 values, byte* bits) =>
        *bits = (byte)Vector256.GreaterThan(values._values, Vector256<float>.Zero).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Kept(Register256 values, byte* bits)
    {
        var places = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
        return new(Vector256.Equals(Vector256.Create((int)*bits) & places, places).AsSingle() & values._values);
    }
}
