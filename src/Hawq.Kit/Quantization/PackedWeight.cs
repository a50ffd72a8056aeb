namespace Hawq.Kit;

/// <summary>How a file stores a quantized weight: b bits a value, and what the codes stand for.</summary>
/// <param name="Bits">b.</param>
/// <param name="Lowest">The integer that code 0 stands for.</param>
/// <param name="Stride">The integers from one code to the next: 2 for {−1, 1}, else 1.</param>
/// <param name="HasBasis">Whether the codes are the ascending levels of a learned basis; else of a uniform grid.</param>
internal sealed record PackedWeight(int Bits, long Lowest, long Stride, bool HasBasis)
{
    /// <summary>The first code in the lowest bits of the first byte, and so on without gaps.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> codes, int bits)
    {
        var bytes = new byte[BytesOf(codes.Length, bits)];
        var place = 0L;
        foreach (var code in codes)
        {
            for (var bit = 0; bit < bits; bit++, place++)
            {
                bytes[place / 8] |= (byte)(((code >> bit) & 1) << (int)(place % 8));
            }
        }

        return bytes;
    }

    /// <summary>The reverse of <see cref="Pack"/>.</summary>
    public static byte[] Unpack(ReadOnlySpan<byte> bytes, int bits, long count)
    {
        var codes = new byte[count];
        var place = 0L;
        for (long k = 0; k < count; k++)
        {
            for (var bit = 0; bit < bits; bit++, place++)
            {
                codes[k] |= (byte)(((bytes[(int)(place / 8)] >> (int)(place % 8)) & 1) << bit);
            }
        }

        return codes;
    }

    /// <summary>Bytes that <paramref name="count"/> codes take.</summary>
    public static long BytesOf(long count, int bits) => ((count * bits) + 7) / 8;
}
