namespace Hawq.Kit;

/// <summary>Labelled pictures of one size that come in batches: all in memory (<see cref="ImageSet"/>) or from files (<see cref="ImageFolder"/>).</summary>
public interface IImageSource
{
    /// <summary>N, the number of pictures.</summary>
    int Count { get; }

    /// <summary>Height and width of a picture in a batch, in pixels.</summary>
    int Side { get; }

    /// <summary>16 hex digits that name the set in run cards.</summary>
    string Hash { get; }

    /// <summary>The first <paramref name="count"/> pictures.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1 or more than there are.</exception>
    IImageSource Take(int count);

    /// <summary>A random choice without repetition.</summary>
    /// <param name="count">How many pictures.</param>
    /// <param name="seed">The same seed chooses the same pictures.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1 or more than there are.</exception>
    IImageSource Sample(int count, long seed);

    /// <summary>All pictures in their order, without random changes; the last batch may be smaller. The caller disposes each batch.</summary>
    /// <param name="size">Pictures in a batch.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is below 1.</exception>
    IEnumerable<Batch> Batches(int size);

    /// <summary>All pictures in random order, augmented. A last smaller batch is left out, unless it is the only one. The caller disposes each batch.</summary>
    /// <param name="size">Pictures in a batch.</param>
    /// <param name="augmentation">Random changes of the pictures.</param>
    /// <param name="seed">With <paramref name="epoch"/> decides order and augmentation, whatever was drawn before.</param>
    /// <param name="epoch">Number of the pass over the data.</param>
    /// <param name="pictures">How many pictures the pass takes, another choice in each epoch; all unless said.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is below 1; or pictures are asked for that are not there.</exception>
    IEnumerable<Batch> TrainingBatches(int size, Augmentation augmentation, long seed, int epoch, int? pictures = null);
}
