using System.Runtime.CompilerServices;

namespace Hawq.Kit;

/// <summary>G w Gᵀ, which turns 3 × 3 kernels into 36 numbers, and its adjoint Gᵀ m G, for many kernels at once (Lavin and Gray 2016).</summary>
/// <remarks>Number k of all kernels lies in plane k; a plane holds a multiple of 16 numbers. Each kernel is summed in one order, however many there are.</remarks>
/// <typeparam name="TRegister">How many kernels are taken at once.</typeparam>
internal static unsafe class WinogradKernels<TRegister>
    where TRegister : unmanaged, IRegister<TRegister>
{
    /// <summary>(9, count) → (36, count).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(nint weights, nint result, int count)
    {
        var work = stackalloc TRegister[18]; // 6 rows of 3
        var (read, written) = (new Planes(weights, count), new Planes(result, count));
        for (var at = 0; at < count; at += TRegister.Width)
        {
            for (var j = 0; j < 3; j++)
            {
                var column = Six(read.At(j, at), read.At(3 + j, at), read.At(6 + j, at));
                (work[j], work[3 + j], work[6 + j], work[9 + j], work[12 + j], work[15 + j]) = column;
            }

            for (var i = 0; i < 6; i++)
            {
                written.Write(6 * i, at, Six(work[3 * i], work[(3 * i) + 1], work[(3 * i) + 2]));
            }
        }
    }

    /// <summary>(36, count) → (9, count).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Contract(nint sums, nint result, int count)
    {
        var work = stackalloc TRegister[18]; // 3 rows of 6
        var (read, written) = (new Planes(sums, count), new Planes(result, count));
        for (var at = 0; at < count; at += TRegister.Width)
        {
            for (var j = 0; j < 6; j++)
            {
                (work[j], work[6 + j], work[12 + j]) = Three(
                    read.At(j, at), read.At(6 + j, at), read.At(12 + j, at), read.At(18 + j, at), read.At(24 + j, at), read.At(30 + j, at));
            }

            for (var i = 0; i < 3; i++)
            {
                var row = work + (6 * i);
                written.Write(3 * i, at, Three(row[0], row[1], row[2], row[3], row[4], row[5]));
            }
        }
    }

    /// <summary>G applied to three vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TRegister, TRegister, TRegister, TRegister, TRegister, TRegister) Six(TRegister g0, TRegister g1, TRegister g2)
    {
        var (outer, middle) = (Times(g0 + g2, -1 / 6f), Times(g1, 1 / 6f));
        var (far, half) = (Times(g0, 1 / 24f) + Times(g2, 1 / 6f), Times(g1, 1 / 12f));
        return (Times(g0, 0.25f), outer - middle, outer + middle, far + half, far - half, g2);
    }

    /// <summary>Gᵀ applied to six vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TRegister, TRegister, TRegister) Three(
        TRegister m0, TRegister m1, TRegister m2, TRegister m3, TRegister m4, TRegister m5)
    {
        var (near, far) = (Times(m1 + m2, 1 / 6f), m3 + m4);
        return (
            Times(m0, 0.25f) - near + Times(far, 1 / 24f),
            Times(m2 - m1, 1 / 6f) + Times(m3 - m4, 1 / 12f),
            Times(far, 1 / 6f) - near + m5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TRegister Times(TRegister x, float factor) => x * TRegister.Of(factor);

    /// <summary>Planes of numbers, one after the other.</summary>
    private readonly record struct Planes(nint Start, int Count)
    {
        public TRegister At(int plane, int index) => TRegister.Load((float*)Start + (plane * Count) + index);

        public void Write(int first, int index, (TRegister, TRegister, TRegister) values)
        {
            TRegister.Store(values.Item1, (float*)Start + (first * Count) + index);
            TRegister.Store(values.Item2, (float*)Start + ((first + 1) * Count) + index);
            TRegister.Store(values.Item3, (float*)Start + ((first + 2) * Count) + index);
        }

        public void Write(int first, int index, (TRegister, TRegister, TRegister, TRegister, TRegister, TRegister) values)
        {
            Write(first, index, (values.Item1, values.Item2, values.Item3));
            Write(first + 3, index, (values.Item4, values.Item5, values.Item6));
        }
    }
}
