using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hawq.Kit;

/// <summary>How numbers lie in memory; kernels compute in float32 whatever the answer.</summary>
internal interface ILanes
{
    static abstract int Size { get; }

    static abstract Vector256<float> Load(nint memory, int index);

    static abstract void Store(nint memory, int index, Vector256<float> values);

    static abstract TRegister Load<TRegister>(nint memory, int index)
        where TRegister : struct, IRegister<TRegister>;

    static abstract void Store<TRegister>(nint memory, int index, TRegister values)
        where TRegister : struct, IRegister<TRegister>;

    static abstract float LoadOne(nint memory, int index);

    static abstract void StoreOne(nint memory, int index, float value);
}

/// <summary>IEEE single precision.</summary>
internal readonly unsafe struct SingleLanes : ILanes
{
    public static int Size => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(nint memory, int index) => Vector256.Load((float*)memory + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(nint memory, int index, Vector256<float> values) => values.Store((float*)memory + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TRegister Load<TRegister>(nint memory, int index)
        where TRegister : struct, IRegister<TRegister> => TRegister.Load((float*)memory + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TRegister>(nint memory, int index, TRegister values)
        where TRegister : struct, IRegister<TRegister> => TRegister.Store(values, (float*)memory + index);

    public static float LoadOne(nint memory, int index) => ((float*)memory)[index];

    public static void StoreOne(nint memory, int index, float value) => ((float*)memory)[index] = value;
}

/// <summary>bfloat16: the upper half of a float32, rounded to nearest even.</summary>
internal readonly unsafe struct BrainLanes : ILanes
{
    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(nint memory, int index)
    {
        var address = (ushort*)memory + index;
        var wide = Avx2.IsSupported ? Avx2.ConvertToVector256Int32(address).AsUInt32() : Widened(Vector128.Load(address));
        return (wide << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(nint memory, int index, Vector256<float> values)
    {
        var bits = values.AsUInt32();
        var rounded = (bits + Vector256.Create(0x7FFFu) + ((bits >>> 16) & Vector256.Create(1u))) >>> 16;
        Vector128.Narrow(rounded.GetLower(), rounded.GetUpper()).Store((ushort*)memory + index);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TRegister Load<TRegister>(nint memory, int index)
        where TRegister : struct, IRegister<TRegister> => TRegister.LoadBrain((ushort*)memory + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TRegister>(nint memory, int index, TRegister values)
        where TRegister : struct, IRegister<TRegister> => TRegister.StoreBrain(values, (ushort*)memory + index);

    public static float LoadOne(nint memory, int index) => BitConverter.UInt32BitsToSingle((uint)((ushort*)memory)[index] << 16);

    public static void StoreOne(nint memory, int index, float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        ((ushort*)memory)[index] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static Vector256<uint> Widened(Vector128<ushort> halves)
    {
        var (lower, upper) = Vector128.Widen(halves);
        return Vector256.Create(lower, upper);
    }
}
