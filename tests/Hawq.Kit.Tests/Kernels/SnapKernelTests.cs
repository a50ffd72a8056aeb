namespace Hawq.Kit.Tests.Kernels;

/// <summary>A run of numbers gives what they give one by one, too few for a register: of either type, with registers of either width.</summary>
public unsafe class SnapKernelTests
{
    private const int Count = 67; // no multiple of a register's width

    /// <summary>All eighths of a step from −4 1/8 to 4 1/8, shuffled: ties and both ends of the grid are among them, and bfloat16 holds each.</summary>
    private static readonly float[] Values = [.. Enumerable.Range(0, Count).Select(k => ((k * 29 % Count) - 33) / 16f)];

    private static readonly float[] Gradients = [.. Enumerable.Range(0, Count).Select(k => ((k * 5 % 7) - 3.5f) / 4)];

    private static readonly GridConstants Grid = new(0.5f, -3, 4);

    [Fact]
    public void Eight_numbers_at_once()
    {
        Check<SingleLanes, Register256>();
        Check<BrainLanes, Register256>();
    }

    [Fact]
    public void Sixteen_numbers_at_once()
    {
        if (Register512.IsSupported)
        {
            Check<SingleLanes, Register512>();
            Check<BrainLanes, Register512>();
        }
    }

    private static void Check<TLanes, TRegister>()
        where TLanes : struct, ILanes
        where TRegister : unmanaged, IRegister<TRegister>
    {
        var kernels = SnapKernels.Of<TLanes, TRegister>();
        Same<TLanes>(kernels.Snap, Grid);
        Same<TLanes>(kernels.Pass, Grid);
        Same<TLanes>(kernels.PassStep, Grid);
        Same<TLanes>(kernels.PassClip, new GridConstants(1, 0, 1.25f));
    }

    private static void Same<TLanes>(SnapPass pass, GridConstants grid)
        where TLanes : struct, ILanes
    {
        var memory = stackalloc float[4 * Count]; // room for either type
        var (x, gradient, whole, single) = ((nint)memory, (nint)(memory + Count), (nint)(memory + (2 * Count)), (nint)(memory + (3 * Count)));
        for (var k = 0; k < Count; k++)
        {
            TLanes.StoreOne(x, k, Values[k]);
            TLanes.StoreOne(gradient, k, Gradients[k]);
        }

        var (sum, sums) = ((double)pass(x, gradient, whole, Count, grid), 0.0);
        for (var k = 0; k < Count; k++)
        {
            var offset = (nint)k * TLanes.Size;
            sums += pass(x + offset, gradient + offset, single + offset, 1, grid);
        }

        Read(whole).ShouldBe(Read(single));
        sum.ShouldBe(sums, 1e-4);

        static float[] Read(nint numbers) => [.. Enumerable.Range(0, Count).Select(k => TLanes.LoadOne(numbers, k))];
    }
}
