namespace Hawq.Kit.Tests;

/// <summary>Pictures whose batches pass a test's hands.</summary>
/// <param name="source">The pictures.</param>
/// <param name="give">Gets each batch with its epoch, 0 outside of training, and gives what is handed on.</param>
internal sealed class WatchedPictures(IImageSource source, Func<Batch, int, Batch> give) : IImageSource
{
    public int Count => source.Count;

    public int Side { get; init; } = source.Side;

    public string Hash => source.Hash;

    public IImageSource Take(int count) => new WatchedPictures(source.Take(count), give) { Side = Side };

    public IImageSource Sample(int count, long seed) => new WatchedPictures(source.Sample(count, seed), give) { Side = Side };

    public IEnumerable<Batch> Batches(int size) => source.Batches(size).Select(batch => give(batch, 0));

    public IEnumerable<Batch> TrainingBatches(int size, Augmentation augmentation, long seed, int epoch, int? pictures = null) =>
        source.TrainingBatches(size, augmentation, seed, epoch, pictures).Select(batch => give(batch, epoch));
}
