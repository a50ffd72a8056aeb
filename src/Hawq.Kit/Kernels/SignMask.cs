namespace Hawq.Kit;

/// <summary>Which numbers of a row are positive, one bit each: all that ReLU's gradient needs, at a sixteenth of the memory traffic of the numbers or less.</summary>
/// <remarks>A row of C numbers has ⌈C / 8⌉ bytes, the first number of eight in the lowest bit.</remarks>
internal static unsafe class SignMask
{
    /// <summary>Numbers of a byte.</summary>
    public const int Width = 8;

    /// <summary>Bytes of a row.</summary>
    public static int Bytes(int channels) => (channels + Width - 1) / Width;

    /// <summary>Writes the bit of one number; numbers come in order.</summary>
    public static void Set(byte* row, int channel, bool isPositive)
    {
        var before = channel % Width == 0 ? 0 : row[channel / Width];
        row[channel / Width] = (byte)(before | ((isPositive ? 1 : 0) << (channel % Width)));
    }

    /// <summary>The bit of one number.</summary>
    public static bool Has(byte* row, int channel) => (row[channel / Width] >> (channel % Width) & 1) != 0;
}
