namespace Hawq.Kit;

/// <summary>Writes a file whole or not at all.</summary>
internal static class AtomicFile
{
    private const int NoSpaceLeft = 28;      // ENOSPC
    private const int QuotaExceeded = 122;   // EDQUOT

    /// <summary>Writes beside the target, then renames over it.</summary>
    /// <exception cref="IOException">It could not be written; the target is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        var partial = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}.partial");
        try
        {
            File.WriteAllBytes(partial, bytes);
            File.Move(partial, path, overwrite: true);
        }
        catch (IOException error) when (IsFull(error))
        {
            throw new IOException(
                FormattableString.Invariant($"\"{path}\" was not written: it needs {bytes.Length:N0} bytes, and its disk is full. ") +
                "What was there before is untouched. Free some space, or choose another folder.", error);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Whether writing failed for lack of space.</summary>
    internal static bool IsFull(IOException error) => error.HResult is NoSpaceLeft or QuotaExceeded;
}
