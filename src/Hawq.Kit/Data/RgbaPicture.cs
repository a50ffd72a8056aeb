using System.Buffers;

namespace Hawq.Kit;

/// <summary>A decoded picture, four bytes a pixel (red, green, blue, alpha), row by row, in a pooled buffer.</summary>
internal sealed class RgbaPicture(int width, int height) : IDisposable
{
    private readonly byte[] _pixels = ArrayPool<byte>.Shared.Rent(checked(4 * width * height));

    public int Width => width;

    public int Height => height;

    public Span<byte> Bytes => _pixels.AsSpan(0, 4 * width * height);

    public Span<uint> Pixels => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(Bytes);

    public void Dispose() => ArrayPool<byte>.Shared.Return(_pixels);
}
