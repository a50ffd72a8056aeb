using System.Security.Cryptography;

namespace Hawq.Kit;

/// <summary>CIFAR-10 (Krizhevsky 2009): 50,000 training and 10,000 test pictures of 32 × 32 pixels in 10 classes.</summary>
public static class Cifar10
{
    internal const int Side = 32;
    internal const int RecordSize = 1 + (3 * Side * Side);

    /// <summary>File names of the official binary release with their MD5 checksums.</summary>
    internal static IReadOnlyList<(string Name, string Md5)> Files { get; } =
    [
        ("data_batch_1.bin", "5dd7e06a14cb22eb9f671a540d1b7c25"),
        ("data_batch_2.bin", "5ea93a67294ea407fff1d09f752e9692"),
        ("data_batch_3.bin", "942cd6a4bcdd0dd3c604fbe906cb4421"),
        ("data_batch_4.bin", "ae636b3ba5c66a11e91e8cb52e771fcb"),
        ("data_batch_5.bin", "53f37980c15c3d472c316c40844f3f0d"),
        ("test_batch.bin", "803d5f7f4d78ea53de84dbe85f74fb6d"),
    ];

    /// <summary>Names of the ten classes, by label.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>Loads the data set; fetches what is missing first, while other processes that load it wait.</summary>
    /// <param name="folder">Folder of the six binary files; made if it is not there.</param>
    /// <param name="progress">Hears of the download.</param>
    /// <param name="cancellation">Stops the download, or the wait for another process that fetches it.</param>
    /// <returns>Training and test pictures, with the normalisation of the public CIFAR ResNets.</returns>
    /// <exception cref="InvalidDataException">A file is there but its checksum is wrong.</exception>
    /// <exception cref="IOException">The data could not be fetched from any source.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static (ImageSet Train, ImageSet Test) Load(
        string folder, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Cifar10Download.Into(folder, progress, cancellation);
        try
        {
            var files = Files.AsParallel().AsOrdered().Select(file => Verified(Path.Combine(folder, file.Name), file.Md5)).ToArray();
            var bytes = files.Sum(file => (long)file.Bytes.Length);
            progress?.Report(new DownloadProgress("verified", bytes, bytes));
            return (Parse(files[..5]), Parse(files[5..]));
        }
        catch (AggregateException error) when (error.InnerException is InvalidDataException or IOException)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error.InnerException);
            throw;
        }
    }

    /// <summary>Reads one file in the official binary layout: records of a label byte and 1024 red, green and blue bytes.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">Its length is no whole number of records, or a label is above 9.</exception>
    public static ImageSet Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"No file \"{path}\"; expected pictures in CIFAR-10's binary layout. Cifar10.Load(folder) fetches the data set.", path);
        }

        return Parse([(path, File.ReadAllBytes(path))]);
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5351", Justification = "The checksum that the data set's authors publish.")]
    internal static string Md5Of(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));

    private static (string Path, byte[] Bytes) Verified(string path, string md5)
    {
        var bytes = File.ReadAllBytes(path);
        var actual = Md5Of(bytes);
        return actual == md5
            ? (path, bytes)
            : throw new InvalidDataException(
                $"\"{path}\" has MD5 {actual}; expected {md5}. The file is damaged or not CIFAR-10: delete it and load again.");
    }

    private static ImageSet Parse((string Path, byte[] Bytes)[] files)
    {
        var count = files.Sum(file => Records(file.Path, file.Bytes.Length));
        byte[] labels = new byte[count], pixels = new byte[count * (RecordSize - 1)];
        var at = 0;
        foreach (var (path, bytes) in files)
        {
            for (var start = 0; start < bytes.Length; start += RecordSize, at++)
            {
                labels[at] = bytes[start] < ClassNames.Count ? bytes[start] : throw new InvalidDataException(
                    $"\"{path}\" has label {bytes[start]} in record {start / RecordSize}; expected 0 to 9.");
                Array.Copy(bytes, start + 1, pixels, at * (RecordSize - 1), RecordSize - 1);
            }
        }

        return new ImageSet(pixels, labels, Side, Normalization.ImageNet);
    }

    private static int Records(string path, int length) => length > 0 && length % RecordSize == 0
        ? length / RecordSize
        : throw new InvalidDataException(
            $"\"{path}\" has {length} bytes; expected a multiple of {RecordSize} (a label and 3 × 1024 pixels). It may be cut off: delete it and load again.");
}
