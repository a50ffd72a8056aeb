using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Hawq.Kit;

/// <summary>Resizes as PIL does (antialiased bilinear, first rows then columns, rounded to bytes between), only what the window shows.</summary>
internal static class PictureResampler
{
    /// <summary>Fills <paramref name="target"/>, (side, side, 3) bytes.</summary>
    public static void Resample(RgbaPicture picture, PictureWindow window, int side, Span<byte> target)
    {
        var across = new TriangleWeights(window.Width, window.ResizedWidth, window.CropLeft, side);
        var down = new TriangleWeights(window.Height, window.ResizedHeight, window.CropTop, side);
        var (from, to) = down.Range;
        var buffer = ArrayPool<byte>.Shared.Rent(4 * side * (to - from));
        var rows = MemoryMarshal.Cast<byte, uint>(buffer.AsSpan(0, 4 * side * (to - from)));
        for (var y = from; y < to; y++)
        {
            var source = picture.Pixels.Slice(((window.Top + y) * picture.Width) + window.Left, window.Width);
            var row = rows.Slice((y - from) * side, side);
            for (var x = 0; x < side; x++)
            {
                row[x] = Weighted(source[across.Start(x)..], 1, across.Of(x));
            }
        }

        for (var y = 0; y < side; y++)
        {
            var weights = down.Of(y);
            var source = rows[((down.Start(y) - from) * side)..];
            for (var x = 0; x < side; x++)
            {
                Put(Weighted(source[x..], side, weights), target[(3 * ((y * side) + (window.Mirrored ? side - 1 - x : x)))..]);
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Weighted sum of pixels that lie <paramref name="step"/> apart, all four channels at once.</summary>
    private static uint Weighted(ReadOnlySpan<uint> pixels, int step, ReadOnlySpan<int> weights)
    {
        var sum = Vector128.Create(1 << (TriangleWeights.Bits - 1));
        for (var k = 0; k < weights.Length; k++)
        {
            var bytes = Vector128.CreateScalarUnsafe(pixels[k * step]).AsByte();
            sum += Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32() * weights[k];
        }

        var rounded = Vector128.Min(Vector128.ShiftRightArithmetic(sum, TriangleWeights.Bits), Vector128.Create(255)).AsUInt32();
        var words = Vector128.Narrow(rounded, rounded);
        return Vector128.Narrow(words, words).AsUInt32().ToScalar();
    }

    private static void Put(uint pixel, Span<byte> target)
    {
        target[0] = (byte)pixel;
        target[1] = (byte)(pixel >> 8);
        target[2] = (byte)(pixel >> 16);
    }
}
