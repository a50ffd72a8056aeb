using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>Makes pictures of a source larger, for a network that needs more pixels than the source has.</summary>
public static class PictureResizing
{
    /// <summary>
    /// The same pictures, each batch enlarged while it is read by bilinear interpolation between pixel centres, as PIL does it. Random
    /// changes are those of the source, before it is enlarged.
    /// </summary>
    /// <param name="source">Where the pictures come from, e.g. CIFAR-10 with 32 pixels.</param>
    /// <param name="side">The new height and width in pixels, e.g. 75, the least that Inception-V3 takes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The new side is below the source's: then pixels would be lost without antialiasing.</exception>
    public static IImageSource Resized(this IImageSource source, int side)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(side, source.Side);
        return side == source.Side ? source : new EnlargedPictures(source, side);
    }
}

/// <summary>A source whose batches are enlarged while they are read; nothing is kept.</summary>
internal sealed class EnlargedPictures(IImageSource source, int side) : IImageSource
{
    public int Count => source.Count;

    public int Side => side;

    public string Hash { get; } = Fingerprint.Of(FormattableString.Invariant($"{source.Hash} {side}"));

    public IImageSource Take(int count) => new EnlargedPictures(source.Take(count), side);

    public IImageSource Sample(int count, long seed) => new EnlargedPictures(source.Sample(count, seed), side);

    public IEnumerable<Batch> Batches(int size) => source.Batches(size).Select(Enlarged);

    public IEnumerable<Batch> TrainingBatches(int size, Augmentation augmentation, long seed, int epoch, int? pictures = null) =>
        source.TrainingBatches(size, augmentation, seed, epoch, pictures).Select(Enlarged);

    private Batch Enlarged(Batch batch)
    {
        using var scope = NewDisposeScope();
        var inputs = nn.functional.interpolate(batch.Inputs, [side, side], mode: InterpolationMode.Bilinear, align_corners: false);
        batch.Inputs.Dispose();
        return batch with { Inputs = ChannelsLast.Of(inputs).DetachFromDisposeScope() };   // (N, C, side, side)
    }
}
