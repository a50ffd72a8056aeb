using System.Runtime.CompilerServices;

namespace Hawq.Kit;

/// <summary>How numbers lie in memory; kernels compute in float32 whatever the answer.</summary>
internal interface ILanes
{
    static abstract int Size { get; }

    static abstract TRegister Load<TRegister>(nint memory, int index)
        where TRegister : unmanaged, IRegister<TRegister>;

    static abstract void Store<TRegister>(nint memory, int index, TRegister values)
        where TRegister : unmanaged, IRegister<TRegister>;

    static abstract float LoadOne(nint memory, int index);

    static abstract void StoreOne(nint memory, int index, float value);
}

/// <summary>IEEE single precision.</summary>
internal readonly unsafe struct SingleLanes : ILanes
{
    public static int Size => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TRegister Load<TRegister>(nint memory, int index)
        where TRegister : unmanaged, IRegister<TRegister> => TRegister.Load((float*)memory + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TRegister>(nint memory, int index, TRegister values)
        where TRegister : unmanaged, IRegister<TRegister> => TRegister.Store(values, (float*)memory + index);

    public static float LoadOne(nint memory, int index) => ((float*)memory)[index];

    public static void StoreOne(nint memory, int index, float value) => ((float*)memory)[index] = value;
}

/// <summary>bfloat16: the upper half of a float32, rounded to nearest even.</summary>
internal readonly unsafe struct BrainLanes : ILanes
{
    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TRegister Load<TRegister>(nint memory, int index)
        where TRegister : unmanaged, IRegister<TRegister> => TRegister.LoadBrain((ushort*)memory + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TRegister>(nint memory, int index, TRegister values)
        where TRegister : unmanaged, IRegister<TRegister> => TRegister.StoreBrain(values, (ushort*)memory + index);

    public static float LoadOne(nint memory, int index) => BitConverter.UInt32BitsToSingle((uint)((ushort*)memory)[index] << 16);

    public static void StoreOne(nint memory, int index, float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        ((ushort*)memory)[index] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
