namespace Hawq.Notebooks;

/// <summary>
/// A file that one process at a time has open. The lock is the operating system's: it falls with the process that holds it, however
/// that ends. The file stays, since deleting it could hand the lock to two processes.
/// </summary>
internal static class FileLock
{
    private const int HeldOnLinux = 11; // EAGAIN
    private const int HeldOnMac = 35;
    private const int HeldOnWindows = unchecked((int)0x80070020);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.1);

    /// <summary>Waits until nobody else has the file, and takes it until it is disposed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    /// <exception cref="IOException">The file cannot be opened for a reason that waiting does not mend, for example a full disk.</exception>
    public static FileStream Take(string path, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            }
            catch (IOException error) when (error.HResult is HeldOnLinux or HeldOnMac or HeldOnWindows)
            {
                cancellation.WaitHandle.WaitOne(Pause);
            }
        }
    }
}
