using System.Numerics;

namespace Hawq.Kit;

/// <summary>Which shapes of tensors are taken from a file, so that libtorch is never asked for one that it cannot address.</summary>
internal static class FileShape
{
    private const int MostDimensions = 64;
    private const long LargestEmpty = 1L << 32;

    /// <summary>
    /// Whether a tensor of that shape has at most so many numbers. Of an empty one, (0, 2⁶², 2⁶²), libtorch still multiplies the other
    /// sizes to strides, so that their product is bounded too.
    /// </summary>
    public static bool Fits(long[] shape, long numbers) =>
        shape.Length <= MostDimensions &&
        shape.All(size => size >= 0) &&
        shape.Aggregate(BigInteger.One, (product, size) => product * Math.Max(size, 1L)) <= (shape.Any(size => size == 0) ? LargestEmpty : numbers);
}
