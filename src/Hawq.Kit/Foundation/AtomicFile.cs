namespace Hawq.Kit;

/// <summary>Writes a file whole or not at all, also where the power fails: its bytes lie on the disk before it takes its name.</summary>
internal static class AtomicFile
{
    private const int NoSpaceLeft = 28;      // ENOSPC
    private const int QuotaExceeded = 122;   // EDQUOT
    private const string Ending = ".partial";

    private static readonly TimeSpan LongestWrite = TimeSpan.FromDays(1);

    /// <summary>Writes beside the target, then renames over it.</summary>
    /// <exception cref="IOException">It could not be written; the target is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">Its folder may not be written; the target is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes) =>
        Write(path, bytes.Length, bytes, static (file, all) => file.Write(all));

    /// <summary>Writes a file piece by piece, so that it need not lie in memory as a whole.</summary>
    /// <param name="path">The target.</param>
    /// <param name="length">Bytes that it will have, to be told where the disk is full.</param>
    /// <param name="content">What is written.</param>
    /// <param name="write">Writes it.</param>
    /// <exception cref="IOException">It could not be written; the target is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">Its folder may not be written; the target is as it was.</exception>
    public static void Write<TContent>(string path, long length, TContent content, Action<Stream, TContent> write)
        where TContent : allows ref struct
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        Sweep(folder, Path.GetFileName(path));
        var partial = Path.Combine(folder, $".{Path.GetFileName(path)}.{Path.GetRandomFileName()}{Ending}"); // this call's own: threads may write one path
        try
        {
            using (var file = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(file, content);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch (IOException error) when (IsFull(error))
        {
            throw new IOException(
                FormattableString.Invariant($"\"{path}\" was not written: it needs {length:N0} bytes, and its disk is full. ") +
                "What was there before is untouched. Free some space, or choose another folder.", error);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Deletes what processes that were killed left of this target: before the write, which may need the space.</summary>
    private static void Sweep(string folder, string name)
    {
        var (start, length) = ($".{name}.", $".{name}.{Path.GetRandomFileName()}{Ending}".Length);
        var oldest = TimeProvider.System.GetUtcNow().UtcDateTime - LongestWrite;
        try
        {
            foreach (var left in new DirectoryInfo(folder).EnumerateFiles("*" + Ending).Where(file =>
                file.Name.Length == length && file.Name.StartsWith(start, StringComparison.Ordinal) && file.LastWriteTimeUtc < oldest))
            {
                left.Delete();
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.Security.SecurityException)
        {
            // what stays does no harm
        }
    }

    /// <summary>Whether writing failed for lack of space.</summary>
    internal static bool IsFull(IOException error) => error.HResult is NoSpaceLeft or QuotaExceeded;
}
