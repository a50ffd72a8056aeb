using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hawq.Kit;

/// <summary>Where a tile of 4 × 4 output pixels lies in a picture of height × width × channels.</summary>
internal readonly unsafe record struct Tile(nint Picture, int Top, int Left, int Height, int Width, int Channels)
{
    /// <summary>The first of 16 channels of a pixel.</summary>
    public float* At(int row, int column, int channel) => (float*)Picture + (((row * Width) + column) * Channels) + channel;

    public bool HasRow(int row) => (uint)row < (uint)Height;

    public bool HasColumn(int column) => (uint)column < (uint)Width;
}

/// <summary>The linear maps of Winograd's F(4 × 4, 3 × 3) on 16 channels at once (Lavin and Gray 2016, section 4.3).</summary>
/// <remarks>All intermediate numbers are float32; 36 results lie <c>stride</c> numbers apart.</remarks>
internal static unsafe class WinogradTransforms
{
    private const int Lanes = 16;

    /// <summary>Bᵀ d B of the 6 × 6 pixels around a tile; pixels outside the picture are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input(in Tile tile, int channel, float* work, float* result, int stride)
    {
        for (var i = 0; i < 6; i++)
        {
            var row = tile.Top - 1 + i;
            var line = work + (i * 6 * Lanes);
            if (tile.HasRow(row))
            {
                Six(Pixel(tile, row, -1, channel), Pixel(tile, row, 0, channel), Pixel(tile, row, 1, channel),
                    Pixel(tile, row, 2, channel), Pixel(tile, row, 3, channel), Pixel(tile, row, 4, channel), line, Lanes);
            }
            else
            {
                new Span<float>(line, 6 * Lanes).Clear();
            }
        }

        for (var j = 0; j < 6; j++)
        {
            var column = work + (j * Lanes);
            Six(At(column, 0), At(column, 6), At(column, 12), At(column, 18), At(column, 24), At(column, 30), result + (j * stride), 6 * stride);
        }
    }

    /// <summary>Aᵀ m A: the 36 numbers become 4 × 4 pixels, of which those in the picture are written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output(in Tile tile, int channel, float* work, float* values, int stride)
    {
        for (var j = 0; j < 6; j++)
        {
            var m = values + (j * stride);
            var (sum1, sum2) = (At(m, 6, stride) + At(m, 12, stride), At(m, 18, stride) + At(m, 24, stride));
            var (difference1, difference2) = (At(m, 6, stride) - At(m, 12, stride), At(m, 18, stride) - At(m, 24, stride));
            var column = work + (j * Lanes);
            (At(m, 0, stride) + sum1 + sum2).Store(column);
            Plus(difference1, 2, difference2).Store(column + (6 * Lanes));
            Plus(sum1, 4, sum2).Store(column + (12 * Lanes));
            Plus(difference1 + At(m, 30, stride), 8, difference2).Store(column + (18 * Lanes));
        }

        for (var i = 0; i < 4 && tile.HasRow(tile.Top + i); i++)
        {
            var m = work + (i * 6 * Lanes);
            var (sum1, sum2) = (At(m, 1) + At(m, 2), At(m, 3) + At(m, 4));
            var (difference1, difference2) = (At(m, 1) - At(m, 2), At(m, 3) - At(m, 4));
            Write(tile, i, 0, channel, At(m, 0) + sum1 + sum2);
            Write(tile, i, 1, channel, difference1 + (difference2 * 2));
            Write(tile, i, 2, channel, sum1 + (sum2 * 4));
            Write(tile, i, 3, channel, difference1 + (difference2 * 8) + At(m, 5));
        }
    }

    /// <summary>A g Aᵀ of a tile's 4 × 4 gradients; those outside the picture are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradient(in Tile tile, int channel, float* work, float* result, int stride)
    {
        for (var i = 0; i < 4; i++)
        {
            var row = tile.Top + i;
            var line = work + (i * 6 * Lanes);
            if (tile.HasRow(row))
            {
                Four(Pixel(tile, row, 0, channel), Pixel(tile, row, 1, channel), Pixel(tile, row, 2, channel), Pixel(tile, row, 3, channel), line, Lanes);
            }
            else
            {
                new Span<float>(line, 6 * Lanes).Clear();
            }
        }

        for (var j = 0; j < 6; j++)
        {
            var column = work + (j * Lanes);
            Four(At(column, 0), At(column, 6), At(column, 12), At(column, 18), result + (j * stride), 6 * stride);
        }
    }

    /// <summary>Bᵀ applied to six vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Six(
        Vector512<float> d0, Vector512<float> d1, Vector512<float> d2, Vector512<float> d3, Vector512<float> d4, Vector512<float> d5, float* result, int stride)
    {
        var (even, odd) = (Plus(d4, -4, d2), Plus(d3, -4, d1));
        var (near, far) = (d4 - d2, d3 - d1);
        Plus(Plus(d4, -5, d2), 4, d0).Store(result);
        (even + odd).Store(result + stride);
        (even - odd).Store(result + (2 * stride));
        Plus(near, 2, far).Store(result + (3 * stride));
        Plus(near, -2, far).Store(result + (4 * stride));
        Plus(Plus(d5, -5, d3), 4, d1).Store(result + (5 * stride));
    }

    /// <summary>A applied to four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(Vector512<float> g0, Vector512<float> g1, Vector512<float> g2, Vector512<float> g3, float* result, int stride)
    {
        var (even, odd) = (g0 + g2, g1 + g3);
        var (near, far) = (Plus(g0, 4, g2), Plus(g1, 4, g3));
        g0.Store(result);
        (even + odd).Store(result + stride);
        (even - odd).Store(result + (2 * stride));
        Plus(near, 2, far).Store(result + (3 * stride));
        Plus(near, -2, far).Store(result + (4 * stride));
        g3.Store(result + (5 * stride));
    }

    /// <summary>x + factor · y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Plus(Vector512<float> x, float factor, Vector512<float> y) => Vector512.FusedMultiplyAdd(y, Vector512.Create(factor), x);

    private static Vector512<float> At(float* values, int index, int stride = Lanes) => Vector512.Load(values + (index * stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Pixel(in Tile tile, int row, int column, int channel) =>
        tile.HasColumn(tile.Left + column) ? Vector512.Load(tile.At(row, tile.Left + column, channel)) : Vector512<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(in Tile tile, int row, int column, int channel, Vector512<float> value)
    {
        if (tile.HasColumn(tile.Left + column))
        {
            value.Store(tile.At(tile.Top + row, tile.Left + column, channel));
        }
    }
}
