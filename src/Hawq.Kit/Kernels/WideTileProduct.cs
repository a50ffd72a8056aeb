using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hawq.Kit;

/// <summary>The inner loops of <see cref="WinogradConvolution"/> for <see cref="Register512"/>: 16 rows of 16 sums, each row in one of 32 registers.</summary>
/// <remarks>The sums are single variables because the compiler keeps those, but not the elements of an array, in registers.</remarks>
internal static unsafe class WideTileProduct
{
    private const int Lanes = 16;

    /// <summary>sums[r] = Σ_k left[k / 16][r][k % 16] · right[k]: 16 tiles times a matrix of <paramref name="depth"/> rows.</summary>
    /// <param name="left">(depth / 16, 16 tiles, 16).</param>
    /// <param name="right">Rows of 16 numbers, <paramref name="stride"/> numbers apart.</param>
    /// <param name="stride">Numbers from one row of the right matrix to the next.</param>
    /// <param name="depth">A multiple of 16.</param>
    /// <param name="sums">(16 tiles, 16).</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows(float* left, float* right, int stride, int depth, float* sums)
    {
        var c0 = Vector512<float>.Zero;
        var c1 = Vector512<float>.Zero;
        var c2 = Vector512<float>.Zero;
        var c3 = Vector512<float>.Zero;
        var c4 = Vector512<float>.Zero;
        var c5 = Vector512<float>.Zero;
        var c6 = Vector512<float>.Zero;
        var c7 = Vector512<float>.Zero;
        var c8 = Vector512<float>.Zero;
        var c9 = Vector512<float>.Zero;
        var c10 = Vector512<float>.Zero;
        var c11 = Vector512<float>.Zero;
        var c12 = Vector512<float>.Zero;
        var c13 = Vector512<float>.Zero;
        var c14 = Vector512<float>.Zero;
        var c15 = Vector512<float>.Zero;
        for (var group = 0; group < depth; group += Lanes, left += Lanes * Lanes)
        {
            for (var k = 0; k < Lanes; k++, right += stride)
            {
                var a = left + k;
                var b = Vector512.Load(right);
                c0 = Vector512.FusedMultiplyAdd(Vector512.Create(a[0 * Lanes]), b, c0);
                c1 = Vector512.FusedMultiplyAdd(Vector512.Create(a[1 * Lanes]), b, c1);
                c2 = Vector512.FusedMultiplyAdd(Vector512.Create(a[2 * Lanes]), b, c2);
                c3 = Vector512.FusedMultiplyAdd(Vector512.Create(a[3 * Lanes]), b, c3);
                c4 = Vector512.FusedMultiplyAdd(Vector512.Create(a[4 * Lanes]), b, c4);
                c5 = Vector512.FusedMultiplyAdd(Vector512.Create(a[5 * Lanes]), b, c5);
                c6 = Vector512.FusedMultiplyAdd(Vector512.Create(a[6 * Lanes]), b, c6);
                c7 = Vector512.FusedMultiplyAdd(Vector512.Create(a[7 * Lanes]), b, c7);
                c8 = Vector512.FusedMultiplyAdd(Vector512.Create(a[8 * Lanes]), b, c8);
                c9 = Vector512.FusedMultiplyAdd(Vector512.Create(a[9 * Lanes]), b, c9);
                c10 = Vector512.FusedMultiplyAdd(Vector512.Create(a[10 * Lanes]), b, c10);
                c11 = Vector512.FusedMultiplyAdd(Vector512.Create(a[11 * Lanes]), b, c11);
                c12 = Vector512.FusedMultiplyAdd(Vector512.Create(a[12 * Lanes]), b, c12);
                c13 = Vector512.FusedMultiplyAdd(Vector512.Create(a[13 * Lanes]), b, c13);
                c14 = Vector512.FusedMultiplyAdd(Vector512.Create(a[14 * Lanes]), b, c14);
                c15 = Vector512.FusedMultiplyAdd(Vector512.Create(a[15 * Lanes]), b, c15);
            }
        }

        c0.Store(sums + (0 * Lanes));
        c1.Store(sums + (1 * Lanes));
        c2.Store(sums + (2 * Lanes));
        c3.Store(sums + (3 * Lanes));
        c4.Store(sums + (4 * Lanes));
        c5.Store(sums + (5 * Lanes));
        c6.Store(sums + (6 * Lanes));
        c7.Store(sums + (7 * Lanes));
        c8.Store(sums + (8 * Lanes));
        c9.Store(sums + (9 * Lanes));
        c10.Store(sums + (10 * Lanes));
        c11.Store(sums + (11 * Lanes));
        c12.Store(sums + (12 * Lanes));
        c13.Store(sums + (13 * Lanes));
        c14.Store(sums + (14 * Lanes));
        c15.Store(sums + (15 * Lanes));
    }

    /// <summary>sums[r] += Σ_t left[t][r] · right[t]: the outer products of <paramref name="count"/> tiles.</summary>
    /// <param name="left">(count, 16).</param>
    /// <param name="right">(count, 16).</param>
    /// <param name="count">Tiles.</param>
    /// <param name="sums">16 rows of 16 numbers, <paramref name="stride"/> numbers apart.</param>
    /// <param name="stride">Numbers from one row of the sums to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddOuter(float* left, float* right, int count, float* sums, int stride)
    {
        var c0 = Vector512.Load(sums + (0 * stride));
        var c1 = Vector512.Load(sums + (1 * stride));
        var c2 = Vector512.Load(sums + (2 * stride));
        var c3 = Vector512.Load(sums + (3 * stride));
        var c4 = Vector512.Load(sums + (4 * stride));
        var c5 = Vector512.Load(sums + (5 * stride));
        var c6 = Vector512.Load(sums + (6 * stride));
        var c7 = Vector512.Load(sums + (7 * stride));
        var c8 = Vector512.Load(sums + (8 * stride));
        var c9 = Vector512.Load(sums + (9 * stride));
        var c10 = Vector512.Load(sums + (10 * stride));
        var c11 = Vector512.Load(sums + (11 * stride));
        var c12 = Vector512.Load(sums + (12 * stride));
        var c13 = Vector512.Load(sums + (13 * stride));
        var c14 = Vector512.Load(sums + (14 * stride));
        var c15 = Vector512.Load(sums + (15 * stride));
        for (var t = 0; t < count; t++, left += Lanes)
        {
            var b = Vector512.Load(right + (t * Lanes));
            c0 = Vector512.FusedMultiplyAdd(Vector512.Create(left[0]), b, c0);
            c1 = Vector512.FusedMultiplyAdd(Vector512.Create(left[1]), b, c1);
            c2 = Vector512.FusedMultiplyAdd(Vector512.Create(left[2]), b, c2);
            c3 = Vector512.FusedMultiplyAdd(Vector512.Create(left[3]), b, c3);
            c4 = Vector512.FusedMultiplyAdd(Vector512.Create(left[4]), b, c4);
            c5 = Vector512.FusedMultiplyAdd(Vector512.Create(left[5]), b, c5);
            c6 = Vector512.FusedMultiplyAdd(Vector512.Create(left[6]), b, c6);
            c7 = Vector512.FusedMultiplyAdd(Vector512.Create(left[7]), b, c7);
            c8 = Vector512.FusedMultiplyAdd(Vector512.Create(left[8]), b, c8);
            c9 = Vector512.FusedMultiplyAdd(Vector512.Create(left[9]), b, c9);
            c10 = Vector512.FusedMultiplyAdd(Vector512.Create(left[10]), b, c10);
            c11 = Vector512.FusedMultiplyAdd(Vector512.Create(left[11]), b, c11);
            c12 = Vector512.FusedMultiplyAdd(Vector512.Create(left[12]), b, c12);
            c13 = Vector512.FusedMultiplyAdd(Vector512.Create(left[13]), b, c13);
            c14 = Vector512.FusedMultiplyAdd(Vector512.Create(left[14]), b, c14);
            c15 = Vector512.FusedMultiplyAdd(Vector512.Create(left[15]), b, c15);
        }

        c0.Store(sums + (0 * stride));
        c1.Store(sums + (1 * stride));
        c2.Store(sums + (2 * stride));
        c3.Store(sums + (3 * stride));
        c4.Store(sums + (4 * stride));
        c5.Store(sums + (5 * stride));
        c6.Store(sums + (6 * stride));
        c7.Store(sums + (7 * stride));
        c8.Store(sums + (8 * stride));
        c9.Store(sums + (9 * stride));
        c10.Store(sums + (10 * stride));
        c11.Store(sums + (11 * stride));
        c12.Store(sums + (12 * stride));
        c13.Store(sums + (13 * stride));
        c14.Store(sums + (14 * stride));
        c15.Store(sums + (15 * stride));
    }
}
