namespace Hawq.Kit;

/// <summary>Several float32 numbers that an instruction takes at once: kernels are written for any width, and run at the widest that the CPU has.</summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
internal unsafe interface IRegister<TSelf>
    where TSelf : unmanaged, IRegister<TSelf>
{
    /// <summary>How many numbers; a multiple of 8.</summary>
    static abstract int Width { get; }

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary>Bit by bit: numbers where the other is a mask of all bits, 0 where it has none.</summary>
    static abstract TSelf operator &(TSelf left, TSelf right);

    /// <summary>The same number in all places.</summary>
    static abstract TSelf Of(float value);

    /// <summary>a · b + c, rounded once.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>max(x, 0); not a number stays so.</summary>
    static abstract TSelf Rectified(TSelf x);

    /// <summary>To whole numbers, a half to the even one.</summary>
    static abstract TSelf Round(TSelf x);

    /// <summary>min(highest, max(lowest, x)).</summary>
    static abstract TSelf Clamp(TSelf x, TSelf lowest, TSelf highest);

    /// <summary>All bits where left ≥ right, else none.</summary>
    static abstract TSelf AtLeast(TSelf left, TSelf right);

    /// <summary>All bits where left &gt; right, else none.</summary>
    static abstract TSelf Above(TSelf left, TSelf right);

    /// <summary>The first where the mask has all bits, the second where it has none.</summary>
    static abstract TSelf Choose(TSelf mask, TSelf first, TSelf second);

    /// <summary>Σ of the numbers.</summary>
    static abstract float Sum(TSelf x);

    /// <summary>Float32 numbers.</summary>
    static abstract TSelf Load(float* memory);

    /// <summary>bfloat16 numbers.</summary>
    static abstract TSelf LoadBrain(ushort* memory);

    /// <summary>As float32 numbers.</summary>
    static abstract void Store(TSelf values, float* memory);

    /// <summary>As bfloat16 numbers, rounded to nearest even.</summary>
    static abstract void StoreBrain(TSelf values, ushort* memory);

    /// <summary>One bit a number, set where it is positive, the first number in the lowest bit.</summary>
    static abstract void StoreSigns(TSelf values, byte* bits);

    /// <summary>The numbers whose bit is set, 0 in place of the others.</summary>
    static abstract TSelf Kept(TSelf values, byte* bits);
}
