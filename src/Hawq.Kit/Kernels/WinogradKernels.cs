using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hawq.Kit;

/// <summary>G w Gᵀ, which turns 3 × 3 kernels into 36 numbers, and its adjoint Gᵀ m G, for many kernels at once (Lavin and Gray 2016).</summary>
/// <remarks>Number k of all kernels lies in plane k; a plane holds a multiple of 16 numbers. Each kernel is summed in one order, however many there are.</remarks>
internal static unsafe class WinogradKernels
{
    private const int Lanes = 16;

    /// <summary>(9, count) → (36, count).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(nint weights, nint result, int count)
    {
        var work = stackalloc Vector512<float>[18]; // 6 rows of 3
        var (read, written) = (new Planes(weights, count), new Planes(result, count));
        for (var at = 0; at < count; at += Lanes)
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
        var work = stackalloc Vector512<float>[18]; // 3 rows of 6
        var (read, written) = (new Planes(sums, count), new Planes(result, count));
        for (var at = 0; at < count; at += Lanes)
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
    private static (Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>) Six(
        Vector512<float> g0, Vector512<float> g1, Vector512<float> g2)
    {
        var (outer, middle) = ((g0 + g2) * (-1 / 6f), g1 * (1 / 6f));
        var (far, half) = ((g0 * (1 / 24f)) + (g2 * (1 / 6f)), g1 * (1 / 12f));
        return (g0 * 0.25f, outer - middle, outer + middle, far + half, far - half, g2);
    }

    /// <summary>Gᵀ applied to six vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float>, Vector512<float>, Vector512<float>) Three(
        Vector512<float> m0, Vector512<float> m1, Vector512<float> m2, Vector512<float> m3, Vector512<float> m4, Vector512<float> m5)
    {
        var (near, far) = ((m1 + m2) * (1 / 6f), m3 + m4);
        return (
            (m0 * 0.25f) - near + (far * (1 / 24f)),
            ((m2 - m1) * (1 / 6f)) + ((m3 - m4) * (1 / 12f)),
            (far * (1 / 6f)) - near + m5);
    }

    /// <summary>Planes of numbers, one after the other.</summary>
    private readonly record struct Planes(nint Start, int Count)
    {
        public Vector512<float> At(int plane, int index) => Vector512.Load((float*)Start + (plane * Count) + index);

        public void Write(int first, int index, (Vector512<float>, Vector512<float>, Vector512<float>) values)
        {
            values.Item1.Store((float*)Start + (first * Count) + index);
            values.Item2.Store((float*)Start + ((first + 1) * Count) + index);
            values.Item3.Store((float*)Start + ((first + 2) * Count) + index);
        }

        public void Write(int first, int index, (Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>) values)
        {
            Write(first, index, (values.Item1, values.Item2, values.Item3));
            Write(first + 3, index, (values.Item4, values.Item5, values.Item6));
        }
    }
}
