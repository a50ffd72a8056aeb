namespace Hawq.Kit.Tests.Kernels;

/// <summary>Registers of either width compute what single numbers do.</summary>
public unsafe class RegisterTests
{
    private static readonly float[] Numbers = [0f, -0f, 1.5f, -2.25f, 3e38f, -3e38f, float.PositiveInfinity, float.NegativeInfinity, 1.00390625f, 1.01171875f, 1e-20f, -1e-20f, 7, -7, 0.1f, -0.1f];

    [Fact]
    public void Eight_numbers() => Check<Register256>();

    [Fact]
    public void Sixteen_numbers()
    {
        if (Register512.IsSupported)
        {
            Check<Register512>();
        }
    }

    private static void Check<TRegister>()
        where TRegister : unmanaged, IRegister<TRegister>
    {
        var narrow = stackalloc ushort[16];
        var bits = stackalloc byte[2];
        var back = stackalloc float[16];
        for (var start = 0; start < Numbers.Length; start += TRegister.Width)
        {
            var of = Numbers.AsSpan(start, TRegister.Width).ToArray();
            fixed (float* first = of)
            {
                var x = TRegister.Load(first);
                TRegister.StoreBrain(x, narrow);
                TRegister.StoreSigns(x, bits);
                var results = new[]
                {
                    (x + x, (Func<float, float>)(v => v + v)), (x - x, v => v - v), (TRegister.MultiplyAdd(x, x, x), v => float.FusedMultiplyAdd(v, v, v)),
                    (x * TRegister.Of(3), v => v * 3), (TRegister.Of(3) / x, v => 3 / v), (TRegister.Round(x), MathF.Round),
                    (TRegister.Clamp(x, TRegister.Of(-2), TRegister.Of(1.5f)), v => Math.Clamp(v, -2, 1.5f)),
                    (x & TRegister.Above(x, TRegister.Of(1.5f)), v => v > 1.5f ? v : 0), (x & TRegister.AtLeast(x, TRegister.Of(1.5f)), v => v >= 1.5f ? v : 0),
                    (TRegister.Choose(TRegister.Above(x, default), x, TRegister.Of(9)), v => v > 0 ? v : 9),
                    (TRegister.Rectified(x), v => Math.Max(v, 0)), (TRegister.Kept(x, bits), v => v > 0 ? v : 0), (TRegister.LoadBrain(narrow), Rounded),
                };
                foreach (var (register, single) in results)
                {
                    TRegister.Store(register, back);
                    new ReadOnlySpan<float>(back, of.Length).ToArray().ShouldBe(of.Select(single));
                }
            }
        }
    }

    [Fact]
    public void Sums()
    {
        var numbers = Enumerable.Range(1, 16).Select(k => (float)k).ToArray();
        fixed (float* first = numbers)
        {
            Register256.Sum(Register256.Load(first)).ShouldBe(36);
            if (Register512.IsSupported)
            {
                Register512.Sum(Register512.Load(first)).ShouldBe(136);
            }
        }
    }

    private static float Rounded(float value)
    {
        ushort memory;
        BrainLanes.StoreOne((nint)(&memory), 0, value);
        return BrainLanes.LoadOne((nint)(&memory), 0);
    }
}
