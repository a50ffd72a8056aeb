namespace Hawq.Kit;

/// <summary>Sizes of batches by the memory that they need.</summary>
internal static class BatchSizes
{
    /// <summary>A batch of so many pictures of 32 pixels, or of as many larger ones as need about the same memory: 5 of 224 for 256.</summary>
    public static int BatchSizeLike(this IImageSource pictures, int size) =>
        (int)Math.Clamp(size * 32L * 32L / ((long)pictures.Side * pictures.Side), 1, size);
}
