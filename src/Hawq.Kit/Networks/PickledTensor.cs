using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>A tensor in a .pth file: a strided view of a storage.</summary>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    /// <summary>Bytes that making it takes: of its numbers, or of those from its first to its last where they are more. For a sound one alone.</summary>
    public long Size => Storage.Width * Math.Max(Reach, Shape.Aggregate(1L, (product, size) => product * size));

    /// <summary>How many numbers of the storage it spans, from its first to its last.</summary>
    private long Reach => IsEmpty ? 0 : (long)(Last - Offset) + 1;

    /// <summary>Where its last number lies in the storage.</summary>
    private Int128 Last =>
        Offset + Shape.Zip(Strides, (size, stride) => (Int128)(size - 1) * stride).Aggregate(Int128.Zero, (sum, step) => sum + step);

    private bool IsEmpty => Shape.Any(size => size == 0);

    /// <summary>Fails unless it has no more numbers than its storage and reaches none outside of it.</summary>
    /// <exception cref="InvalidDataException">It has, or does.</exception>
    public void RequireSound()
    {
        if (Shape.Length != Strides.Length || Shape.Concat(Strides).Append(Offset).Any(number => number < 0))
        {
            throw new InvalidDataException($"a tensor has shape [{string.Join(", ", Shape)}], strides [{string.Join(", ", Strides)}] and offset {Offset}");
        }

        if (!FileShape.Fits(Shape, Storage.Count) || (!IsEmpty && Last >= Storage.Count))
        {
            throw new InvalidDataException($"a tensor of shape [{string.Join(", ", Shape)}] reaches outside its storage of {Storage.Count} numbers, or has sizes beyond libtorch's");
        }
    }

    /// <summary>The tensor, from the bytes of its storage; of these it takes no more than it spans, since many may share them.</summary>
    public Tensor Of(ReadOnlySpan<byte> storage)
    {
        if (IsEmpty)
        {
            return empty(Shape, Storage.Type, CPU);
        }

        using var flat = empty(Reach, Storage.Type, CPU);
        storage.Slice((int)Offset * Storage.Width, (int)Reach * Storage.Width).CopyTo(flat.bytes);
        using var view = flat.as_strided(Shape, Strides, 0);
        return view.clone();
    }
}
