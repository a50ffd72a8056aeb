using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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
    public static Register256 operator *(Register256 left, Register256 right) => new(left._values * right._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 operator /(Register256 left, Register256 right) => new(left._values / right._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 operator &(Register256 left, Register256 right) => new(left._values & right._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Of(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 MultiplyAdd(Register256 a, Register256 b, Register256 c) => new(Vector256.FusedMultiplyAdd(a._values, b._values, c._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Rectified(Register256 x) => new(Vector256.MaxNative(Vector256<float>.Zero, x._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Round(Register256 x) => new(Vector256.Round(x._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Clamp(Register256 x, Register256 lowest, Register256 highest) =>
        new(Vector256.MinNative(highest._values, Vector256.MaxNative(lowest._values, x._values)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 AtLeast(Register256 left, Register256 right) => new(Vector256.GreaterThanOrEqual(left._values, right._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Above(Register256 left, Register256 right) => new(Vector256.GreaterThan(left._values, right._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Choose(Register256 mask, Register256 first, Register256 second) => new(Vector256.ConditionalSelect(mask._values, first._values, second._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Register256 x) => Vector256.Sum(x._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Load(float* memory) => new(Vector256.Load(memory));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 LoadBrain(ushort* memory)
    {
        var wide = Avx2.IsSupported ? Avx2.ConvertToVector256Int32(memory).AsUInt32() : Widened(Vector128.Load(memory));
        return new((wide << 16).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Register256 values, float* memory) => values._values.Store(memory);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBrain(Register256 values, ushort* memory)
    {
        var bits = values._values.AsUInt32();
        var rounded = (bits + Vector256.Create(0x7FFFu) + ((bits >>> 16) & Vector256.Create(1u))) >>> 16;
        Vector128.Narrow(rounded.GetLower(), rounded.GetUpper()).Store(memory);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSigns(Register256 values, byte* bits) =>
        *bits = (byte)Vector256.GreaterThan(values._values, Vector256<float>.Zero).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256 Kept(Register256 values, byte* bits)
    {
        var places = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
        return new(Vector256.Equals(Vector256.Create((int)*bits) & places, places).AsSingle() & values._values);
    }

    private static Vector256<uint> Widened(Vector128<ushort> halves)
    {
        var (lower, upper) = Vector128.Widen(halves);
        return Vector256.Create(lower, upper);
    }
}
