using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A storage of numbers in a .pth file: its type and the key of its bytes.</summary>
internal sealed record PickledStorage(ScalarType Type, string Key, long Count)
{
    /// <summary>Bytes of a number.</summary>
    public int Width => Type.ElementSize();

    /// <summary>Bytes of all its numbers, as the pickle claims.</summary>
    /// <exception cref="InvalidDataException">They are more than an array holds.</exception>
    public int Size() => Count >= 0 && Count <= Array.MaxLength / Width
        ? (int)Count * Width
        : throw new InvalidDataException($"storage {Key} has {Count} numbers; at most {Array.MaxLength} bytes are read");
}
