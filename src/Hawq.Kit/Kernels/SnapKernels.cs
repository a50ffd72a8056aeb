namespace Hawq.Kit;

/// <summary>One of <see cref="SnapKernel{TLanes, TRegister}"/>'s passes over <paramref name="count"/> numbers; the forward one takes no gradient.</summary>
internal delegate float SnapPass(nint x, nint gradient, nint y, int count, GridConstants grid);

/// <summary>The passes for one type of numbers, with the widest registers that the CPU has.</summary>
internal sealed record SnapKernels(SnapPass Snap, SnapPass Pass, SnapPass PassStep, SnapPass PassClip)
{
    /// <summary>For float32.</summary>
    public static SnapKernels Single { get; } = OfWidest<SingleLanes>();

    /// <summary>For bfloat16.</summary>
    public static SnapKernels Brain { get; } = OfWidest<BrainLanes>();

    /// <summary>With registers of one width. The numbers do not depend on it; the last bits of the sums do.</summary>
    public static SnapKernels Of<TLanes, TRegister>()
        where TLanes : struct, ILanes
        where TRegister : unmanaged, IRegister<TRegister> => new(
            (x, _, y, count, grid) => SnapKernel<TLanes, TRegister>.Snap(x, y, count, grid), SnapKernel<TLanes, TRegister>.Pass,
            SnapKernel<TLanes, TRegister>.PassStep, SnapKernel<TLanes, TRegister>.PassClip);

    private static SnapKernels OfWidest<TLanes>()
        where TLanes : struct, ILanes => Register512.IsSupported ? Of<TLanes, Register512>() : Of<TLanes, Register256>();
}
