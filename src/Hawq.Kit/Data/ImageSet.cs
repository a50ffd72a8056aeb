using System.Security.Cryptography;

namespace Hawq.Kit;

/// <summary>Labelled colour pictures of one size, held as bytes: fixed, hashed, and cut into batches on demand.</summary>
/// <remarks>Batches come in channels-last memory layout, in which libtorch's CPU convolutions run several times faster.</remarks>
public sealed class ImageSet : IImageSource
{
    private readonly byte[] _pixels; // (N, 3, S, S)
    private readonly byte[] _labels;

    internal ImageSet(byte[] pixels, byte[] labels, int side, Normalization normalization)
    {
        (_pixels, _labels, Side, Normalization) = (pixels, labels, side, normalization);
        Hash = Fingerprint.Of([.. SHA256.HashData(pixels), .. labels]);
    }

    /// <summary>N, the number of pictures.</summary>
    public int Count => _labels.Length;

    /// <summary>Height and width in pixels.</summary>
    public int Side { get; }

    /// <summary>How pixels become network inputs.</summary>
    public Normalization Normalization { get; }

    /// <summary>First 16 hex digits of a SHA-256 over pixels and labels: names the set in run cards.</summary>
    public string Hash { get; }

    internal ReadOnlySpan<byte> Pixels => _pixels;

    internal ReadOnlySpan<byte> Labels => _labels;

    private int PictureSize => 3 * Side * Side;

    /// <summary>The first <paramref name="count"/> pictures.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1 or more than there are.</exception>
    public ImageSet Take(int count) => Choose([.. Enumerable.Range(0, PassOrder.Checked(count, Count))]);

    /// <summary>A random choice without repetition.</summary>
    /// <param name="count">How many pictures.</param>
    /// <param name="seed">The same seed chooses the same pictures.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1 or more than there are.</exception>
    public ImageSet Sample(int count, long seed) => Choose(PassOrder.Sample(count, Count, seed));

    IImageSource IImageSource.Take(int count) => Take(count);

    IImageSource IImageSource.Sample(int count, long seed) => Sample(count, seed);

    /// <summary>Cuts the set in two at random, for example into training and validation pictures.</summary>
    /// <param name="second">Pictures in the second part.</param>
    /// <param name="seed">The same seed cuts in the same way.</param>
    /// <exception cref="ArgumentOutOfRangeException">The second part would be empty, or the first.</exception>
    public (ImageSet First, ImageSet Second) Split(int second, long seed)
    {
        var (one, other) = PassOrder.Split(second, Count, seed);
        return (Choose(one), Choose(other));
    }

    /// <summary>All pictures in their order, as they are; the last batch may be smaller. The caller disposes each batch.</summary>
    /// <param name="size">Pictures in a batch.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is below 1.</exception>
    public IEnumerable<Batch> Batches(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return BatchMaker.Cut(this, [.. Enumerable.Range(0, Count)], size, Augmentation.None, 0, 0);
    }

    /// <summary>All pictures in random order, augmented. A last smaller batch is left out, unless it is the only one. The caller disposes each batch.</summary>
    /// <param name="size">Pictures in a batch.</param>
    /// <param name="augmentation">Random changes of the pictures.</param>
    /// <param name="seed">With <paramref name="epoch"/> decides order and augmentation, whatever was drawn before.</param>
    /// <param name="epoch">Number of the pass over the data.</param>
    /// <param name="pictures">How many pictures the pass takes, another choice in each epoch; all unless said.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is below 1, the padding is not below the side; or pictures are asked for that are not there.</exception>
    public IEnumerable<Batch> TrainingBatches(int size, Augmentation augmentation, long seed, int epoch, int? pictures = null)
    {
        ArgumentNullException.ThrowIfNull(augmentation);
        var order = PassOrder.Training(Count, size, seed, epoch, pictures);
        return BatchMaker.Cut(this, order, size, Fitting(augmentation), seed, epoch).Erased(augmentation, seed, epoch);
    }

    private Augmentation Fitting(Augmentation augmentation) => augmentation.Padding < Side
        ? augmentation
        : throw new ArgumentOutOfRangeException(nameof(augmentation), augmentation.Padding,
            $"Pictures of {Side} pixels take a padding below {Side}, since a crop must show some of its picture; 4 is the usual choice.");

    private ImageSet Choose(int[] order)
    {
        var pixels = new byte[order.Length * PictureSize];
        for (var k = 0; k < order.Length; k++)
        {
            Array.Copy(_pixels, (long)order[k] * PictureSize, pixels, (long)k * PictureSize, PictureSize);
        }

        return new ImageSet(pixels, [.. order.Select(i => _labels[i])], Side, Normalization);
    }
}
