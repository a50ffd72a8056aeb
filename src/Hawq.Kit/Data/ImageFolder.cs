using System.Security.Cryptography;
using System.Text;

namespace Hawq.Kit;

/// <summary>
/// Labelled pictures in files, one sub-folder a class, as ImageNet lies on disk. They are decoded in parallel while they are used,
/// resized and cropped as torchvision and PIL do it.
/// </summary>
/// <remarks>
/// Without random changes: shorter side to <see cref="Resize"/> by antialiased bilinear resampling, then the middle
/// <see cref="Side"/> × <see cref="Side"/> pixels. With: a random region of 8 to 100 % of the area and aspect ratio 3/4 to 4/3,
/// resized (Szegedy et al. 2015), and a flip. JPEG, PNG, BMP, WebP; greyscale and CMYK become RGB, EXIF-rotated pictures are turned
/// upright. Pictures come one of each class in turn. Memory: <c>ahead + 2</c> batches, whatever the number of pictures.
/// </remarks>
public sealed record ImageFolder : IImageSource
{
    private const double CropShare = 0.875; // 224 of 256, 299 of 342

    private ImageFolder()
    {
    }

    /// <inheritdoc/>
    public int Count => Entries.Length;

    /// <inheritdoc/>
    public int Side { get; private init; }

    /// <summary>What the shorter side of a picture becomes before the crop, in pixels.</summary>
    public int Resize { get; private init; }

    /// <summary>Names of the classes, by label.</summary>
    public IReadOnlyList<string> ClassNames { get; private init; } = [];

    /// <summary>How pixels become network inputs; that of ImageNet.</summary>
    public Normalization Normalization { get; } = Normalization.ImageNet;

    /// <summary>First 16 hex digits of a SHA-256 over names, labels and lengths of the files, and the sizes; contents are not read.</summary>
    public string Hash { get; private init; } = "";

    /// <summary>Pictures that were left out so far since they could not be decoded, with the reason; in order of their names.</summary>
    public IReadOnlyList<string> Skipped => Corrupt.Listed;

    private string Root { get; init; } = "";

    private PictureEntry[] Entries { get; init; } = [];

    private SkippedPictures Corrupt { get; init; } = new(10);

    private int Workers { get; init; } = Environment.ProcessorCount;

    private int Ahead { get; init; } = 2;

    /// <summary>Finds the pictures below a folder.</summary>
    /// <param name="folder">A folder with one sub-folder a class. Symbolic links in it are not followed, and names with a leading dot are skipped.</param>
    /// <param name="side">Height and width of the network's input: 224 unless said, 299 for Inception-V3.</param>
    /// <param name="resize">What the shorter side becomes before the crop; side / 0.875 unless said: 256 for 224, 342 for 299.</param>
    /// <param name="classes">
    /// Names of the class folders by label; all sub-folders, sorted by their bytes, unless said. Folders that it does not name are left
    /// out, and a class without a folder has no picture.
    /// </param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">It holds no picture of the classes.</exception>
    /// <exception cref="ArgumentException">A class is named twice, or its name is a path.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The side is below 1, or <paramref name="resize"/> below the side.</exception>
    public static ImageFolder Open(string folder, int side = 224, int? resize = null, IReadOnlyList<string>? classes = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        var shorter = resize ?? (int)Math.Round(side / CropShare);
        ArgumentOutOfRangeException.ThrowIfLessThan(shorter, side, nameof(resize));
        var root = Path.GetFullPath(folder);
        IReadOnlyList<string> names = classes is null ? ImageFolderFiles.Classes(root) : [.. classes];
        if (names.FirstOrDefault(name => Path.GetFileName(name) != name || name is "" or "." or "..") is { } path)
        {
            throw new ArgumentException($"\"{path}\" is no name of a class folder; expected a bare folder name.", nameof(classes));
        }

        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Class \"{twice.Key}\" is named {twice.Count()} times; expected once.", nameof(classes));
        }

        ImageFolderFiles.RequireFolder(root);
        return new ImageFolder { Root = root, Side = side, Resize = shorter, ClassNames = names }.Of(ImageFolderFiles.Find(root, names));
    }

    /// <summary>Opens the sub-folders <c>train</c> and <c>val</c> of a data set; labels of both are those of <c>train</c>.</summary>
    /// <param name="folder">A folder with <c>train</c> and <c>val</c>.</param>
    /// <param name="side">Height and width of the network's input: 224 unless said, 299 for Inception-V3.</param>
    /// <param name="classes">Names of the class folders by label; the sorted sub-folders of <c>train</c> unless said.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder, or it lacks <c>train</c> or <c>val</c>.</exception>
    /// <exception cref="InvalidDataException">One of the two holds no picture of the classes.</exception>
    /// <exception cref="ArgumentException">A class is named twice, or its name is a path.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The side is below 1.</exception>
    public static (ImageFolder Train, ImageFolder Validation) Load(string folder, int side = 224, IReadOnlyList<string>? classes = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var train = Open(Path.Combine(folder, "train"), side, classes: classes);
        return (train, Open(Path.Combine(folder, "val"), side, classes: train.ClassNames));
    }

    /// <summary>Threads that decode; one a processor unless said.</summary>
    /// <param name="count">At least 1.</param>
    public ImageFolder WithWorkers(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return this with { Workers = count };
    }

    /// <summary>Decoded batches that may wait; 2 unless said.</summary>
    /// <param name="batches">At least 1.</param>
    public ImageFolder WithPrefetch(int batches)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batches, 1);
        return this with { Ahead = batches };
    }

    /// <summary>How many different pictures may be left out because they cannot be decoded, before reading fails; 10 unless said.</summary>
    /// <param name="pictures">0 or more.</param>
    public ImageFolder WithCorruptLimit(int pictures)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pictures);
        return this with { Corrupt = new SkippedPictures(pictures) };
    }

    /// <inheritdoc cref="IImageSource.Take"/>
    public ImageFolder Take(int count) => Of(Entries[..PassOrder.Checked(count, Count)]);

    /// <inheritdoc cref="IImageSource.Sample"/>
    public ImageFolder Sample(int count, long seed) => Of([.. PassOrder.Sample(count, Count, seed).Select(k => Entries[k])]);

    /// <summary>Cuts the set in two at random, for example into training and validation pictures; both keep all classes.</summary>
    /// <param name="second">Pictures in the second part.</param>
    /// <param name="seed">The same seed cuts in the same way.</param>
    /// <exception cref="ArgumentOutOfRangeException">The second part would be empty, or the first.</exception>
    public (ImageFolder First, ImageFolder Second) Split(int second, long seed)
    {
        var (one, other) = PassOrder.Split(second, Count, seed);
        return (Of([.. one.Select(k => Entries[k])]), Of([.. other.Select(k => Entries[k])]));
    }

    IImageSource IImageSource.Take(int count) => Take(count);

    IImageSource IImageSource.Sample(int count, long seed) => Sample(count, seed);

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">More pictures than the limit cannot be decoded.</exception>
    public IEnumerable<Batch> Batches(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return Cut([.. Enumerable.Range(0, Count)], size, _ => PictureWindowChoice.Middle);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// An augmentation with padding means a random resized crop here, since pictures of many sizes have room for one; its number of
    /// pixels plays no role. A batch lacks the pictures that could not be decoded.
    /// </remarks>
    /// <exception cref="InvalidDataException">More pictures than the limit cannot be decoded.</exception>
    public IEnumerable<Batch> TrainingBatches(int size, Augmentation augmentation, long seed, int epoch, int? pictures = null)
    {
        ArgumentNullException.ThrowIfNull(augmentation);
        var order = PassOrder.Training(Count, size, seed, epoch, pictures);
        return Cut(order, size, index => new PictureWindowChoice(seed ^ ((long)index << 20), epoch + 1, augmentation)).Erased(augmentation, seed, epoch);
    }

    private IEnumerable<Batch> Cut(int[] order, int size, Func<int, PictureWindowChoice> choose)
    {
        var decoder = new PictureDecoder(Root, Side, Resize, Workers, Corrupt);
        var tables = Normalization.Tables();
        var chunks = order.Chunk(size).ToArray();
        var decoded = PicturePrefetch.Run(chunks.Length, Ahead, (k, stop) =>
            decoder.Decode([.. chunks[k].Select(index => Entries[index])], at => choose(chunks[k][at]), stop));
        return decoded.Where(batch => batch.Targets.Length > 0).Select(batch => decoder.ToBatch(batch, tables));
    }

    private ImageFolder Of(PictureEntry[] entries)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{Side} {Resize}\n"));
        foreach (var entry in entries)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{entry.Path}\n{entry.Label} {entry.Length}\n"));
        }

        return this with { Entries = entries, Hash = Fingerprint.Of(hash) };
    }
}
