using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Hawq.Kit;

/// <summary>Where a tile of 4 × 4 output pixels lies in a picture of height × width × channels.</summary>
internal readonly unsafe record struct Tile(nint Picture, int Top, int Left, int Height, int Width, int Channels)
{
    private const int NumbersOfLine = 16;

    /// <summary>A pixel's numbers from this channel on.</summary>
    public float* At(int row, int column, int channel) => (float*)Picture + (((row * Width) + column) * Channels) + channel;

    public bool HasRow(int row) => (uint)row < (uint)Height;

    public bool HasColumn(int column) => (uint)column < (uint)Width;

    /// <summary>
    /// Asks for the pixels of the tile below, or of the next picture's first row of tiles: they are due a row of tiles later, and their
    /// lines lie too far apart for the CPU to guess. Past the last picture nothing comes of it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void FetchBelow()
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        var line = At(Top + 5, Left, 0);
        var numbers = 4 * Channels;
        for (var row = 0; row < 4; row++, line += Width * Channels)
        {
            for (var at = 0; at < numbers; at += NumbersOfLine)
            {
                Sse.Prefetch0(line + at);
            }
        }
    }
}

/// <summary>The linear maps of Winograd's F(4 × 4, 3 × 3) on a register of channels at once (Lavin and Gray 2016, section 4.3).</summary>
/// <remarks>All intermediate numbers are float32; 36 results lie <c>stride</c> numbers apart.</remarks>
/// <typeparam name="TRegister">How many channels.</typeparam>
internal static unsafe class WinogradTransforms<TRegister>
    where TRegister : unmanaged, IRegister<TRegister>
{
    private static int Lanes => TRegister.Width;

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
                var pixels = tile.At(row, tile.Left, channel);
                Six(Pixel(tile, pixels, -1), Pixel(tile, pixels, 0), Pixel(tile, pixels, 1), Pixel(tile, pixels, 2), Pixel(tile, pixels, 3),
                    Pixel(tile, pixels, 4), line, Lanes);
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
            TRegister.Store(At(m, 0, stride) + sum1 + sum2, column);
            TRegister.Store(difference1 + Twice(difference2), column + (6 * Lanes));
            TRegister.Store(Plus(sum1, 4, sum2), column + (12 * Lanes));
            TRegister.Store(Plus(difference1 + At(m, 30, stride), 8, difference2), column + (18 * Lanes));
        }

        for (var i = 0; i < 4 && tile.HasRow(tile.Top + i); i++)
        {
            var m = work + (i * 6 * Lanes);
            var pixels = tile.At(tile.Top + i, tile.Left, channel);
            var (sum1, sum2) = (At(m, 1) + At(m, 2), At(m, 3) + At(m, 4));
            var (difference1, difference2) = (At(m, 1) - At(m, 2), At(m, 3) - At(m, 4));
            Write(tile, pixels, 0, At(m, 0) + sum1 + sum2);
            Write(tile, pixels, 1, difference1 + Twice(difference2));
            Write(tile, pixels, 2, Plus(sum1, 4, sum2));
            Write(tile, pixels, 3, Plus(difference1, 8, difference2) + At(m, 5));
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
                var pixels = tile.At(row, tile.Left, channel);
                Four(Pixel(tile, pixels, 0), Pixel(tile, pixels, 1), Pixel(tile, pixels, 2), Pixel(tile, pixels, 3), line, Lanes);
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
        TRegister d0, TRegister d1, TRegister d2, TRegister d3, TRegister d4, TRegister d5, float* result, int stride)
    {
        var (even, odd) = (Plus(d4, -4, d2), Plus(d3, -4, d1));
        var (near, far) = (d4 - d2, d3 - d1);
        TRegister.Store(Plus(Plus(d4, -5, d2), 4, d0), result);
        TRegister.Store(even + odd, result + stride);
        TRegister.Store(even - odd, result + (2 * stride));
        TRegister.Store(near + Twice(far), result + (3 * stride));
        TRegister.Store(near - Twice(far), result + (4 * stride));
        TRegister.Store(Plus(Plus(d5, -5, d3), 4, d1), result + (5 * stride));
    }

    /// <summary>A applied to four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(TRegister g0, TRegister g1, TRegister g2, TRegister g3, float* result, int stride)
    {
        var (even, odd) = (g0 + g2, g1 + g3);
        var (near, far) = (Plus(g0, 4, g2), Plus(g1, 4, g3));
        TRegister.Store(g0, result);
        TRegister.Store(even + odd, result + stride);
        TRegister.Store(even - odd, result + (2 * stride));
        TRegister.Store(near + Twice(far), result + (3 * stride));
        TRegister.Store(near - Twice(far), result + (4 * stride));
        TRegister.Store(g3, result + (5 * stride));
    }

    /// <summary>x + factor · y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TRegister Plus(TRegister x, float factor, TRegister y) => TRegister.MultiplyAdd(y, TRegister.Of(factor), x);

    /// <summary>2x, exact, and so the same sums as with a factor of 2, which would be read from memory at each use.</summary>
    private static TRegister Twice(TRegister x) => x + x;

    private static TRegister At(float* values, int index) => At(values, index, Lanes);

    private static TRegister At(float* values, int index, int stride) => TRegister.Load(values + (index * stride));

    /// <summary>The pixel so many columns right of the tile's first; 0 outside the picture.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TRegister Pixel(in Tile tile, float* first, int column) =>
        tile.HasColumn(tile.Left + column) ? TRegister.Load(first + (column * tile.Channels)) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(in Tile tile, float* first, int column, TRegister value)
    {
        if (tile.HasColumn(tile.Left + column))
        {
            TRegister.Store(value, first + (column * tile.Channels));
        }
    }
}
