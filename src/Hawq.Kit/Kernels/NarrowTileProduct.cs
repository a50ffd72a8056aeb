using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hawq.Kit;

/// <summary>The inner loops of <see cref="WinogradConvolution"/> for <see cref="Register256"/>: 4 rows of 16 sums at once, each row in two of 16 registers.</summary>
/// <remarks>The same numbers as <see cref="WideTileProduct"/>'s, to the bit: each sum has one order.</remarks>
internal static unsafe class NarrowTileProduct
{
    private const int Lanes = 16;
    private const int Half = 8;
    private const int RowsAtOnce = 4;

    /// <inheritdoc cref="WideTileProduct.Rows"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows(float* left, float* right, int stride, int depth, float* sums)
    {
        for (var row = 0; row < Lanes; row += RowsAtOnce)
        {
            FourRows(left + (row * Lanes), right, stride, depth, sums + (row * Lanes));
        }
    }

    /// <inheritdoc cref="WideTileProduct.AddOuter"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddOuter(float* left, float* right, int count, float* sums, int stride)
    {
        for (var row = 0; row < Lanes; row += RowsAtOnce)
        {
            AddToFourRows(left + row, right, count, sums + (row * stride), stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRows(float* left, float* right, int stride, int depth, float* sums)
    {
        var c0 = Vector256<float>.Zero;
        var c1 = Vector256<float>.Zero;
        var c2 = Vector256<float>.Zero;
        var c3 = Vector256<float>.Zero;
        var c4 = Vector256<float>.Zero;
        var c5 = Vector256<float>.Zero;
        var c6 = Vector256<float>.Zero;
        var c7 = Vector256<float>.Zero;
        for (var group = 0; group < depth; group += Lanes, left += Lanes * Lanes)
        {
            for (var k = 0; k < Lanes; k++, right += stride)
            {
                var a = left + k;
                var b0 = Vector256.Load(right);
                var b1 = Vector256.Load(right + Half);
                var a0 = Vector256.Create(a[0 * Lanes]);
                c0 = Vector256.FusedMultiplyAdd(a0, b0, c0);
                c1 = Vector256.FusedMultiplyAdd(a0, b1, c1);
                var a1 = Vector256.Create(a[1 * Lanes]);
                c2 = Vector256.FusedMultiplyAdd(a1, b0, c2);
                c3 = Vector256.FusedMultiplyAdd(a1, b1, c3);
                var a2 = Vector256.Create(a[2 * Lanes]);
                c4 = Vector256.FusedMultiplyAdd(a2, b0, c4);
                c5 = Vector256.FusedMultiplyAdd(a2, b1, c5);
                var a3 = Vector256.Create(a[3 * Lanes]);
                c6 = Vector256.FusedMultiplyAdd(a3, b0, c6);
                c7 = Vector256.FusedMultiplyAdd(a3, b1, c7);
            }
        }

        c0.Store(sums + (0 * Lanes));
        c1.Store(sums + (0 * Lanes) + Half);
        c2.Store(sums + (1 * Lanes));
        c3.Store(sums + (1 * Lanes) + Half);
        c4.Store(sums + (2 * Lanes));
        c5.Store(sums + (2 * Lanes) + Half);
        c6.Store(sums + (3 * Lanes));
        c7.Store(sums + (3 * Lanes) + Half);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddToFourRows(float* left, float* right, int count, float* sums, int stride)
    {
        var c0 = Vector256.Load(sums + (0 * stride));
        var c1 = Vector256.Load(sums + (0 * stride) + Half);
        var c2 = Vector256.Load(sums + (1 * stride));
        var c3 = Vector256.Load(sums + (1 * stride) + Half);
        var c4 = Vector256.Load(sums + (2 * stride));
        var c5 = Vector256.Load(sums + (2 * stride) + Half);
        var c6 = Vector256.Load(sums + (3 * stride));
        var c7 = Vector256.Load(sums + (3 * stride) + Half);
        for (var t = 0; t < count; t++, left += Lanes, right += Lanes)
        {
            var b0 = Vector256.Load(right);
            var b1 = Vector256.Load(right + Half);
            var a0 = Vector256.Create(left[0]);
            c0 = Vector256.FusedMultiplyAdd(a0, b0, c0);
            c1 = Vector256.FusedMultiplyAdd(a0, b1, c1);
            var a1 = Vector256.Create(left[1]);
            c2 = Vector256.FusedMultiplyAdd(a1, b0, c2);
            c3 = Vector256.FusedMultiplyAdd(a1, b1, c3);
            var a2 = Vector256.Create(left[2]);
            c4 = Vector256.FusedMultiplyAdd(a2, b0, c4);
            c5 = Vector256.FusedMultiplyAdd(a2, b1, c5);
            var a3 = Vector256.Create(left[3]);
            c6 = Vector256.FusedMultiplyAdd(a3, b0, c6);
            c7 = Vector256.FusedMultiplyAdd(a3, b1, c7);
        }

        c0.Store(sums + (0 * stride));
        c1.Store(sums + (0 * stride) + Half);
        c2.Store(sums + (1 * stride));
        c3.Store(sums + (1 * stride) + Half);
        c4.Store(sums + (2 * stride));
        c5.Store(sums + (2 * stride) + Half);
        c6.Store(sums + (3 * stride));
        c7.Store(sums + (3 * stride) + Half);
    }
}
