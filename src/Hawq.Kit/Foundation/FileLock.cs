namespace Hawq.Kit;

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

    /// <summary>Takes the file until it is disposed; <see langword="null"/> if another has it.</summary>
    /// <param name="path">The file; it is made if it is missing.</param>
    /// <exception cref="IOException">The file cannot be opened for a reason that waiting does not mend, for example a full disk.</exception>
    public static FileStream? TryTake(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (error.HResult is HeldOnLinux or HeldOnMac or HeldOnWindows)
        {
            return null;
        }
    }

    /// <summary>Waits until nobody else has the file, and takes it until it is disposed.</summary>
    /// <param name="path">The file; it is made if it is missing.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    /// <exception cref="IOException">As of <see cref="TryTake"/>.</exception>
    public static FileStream Take(string path, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TryTake(path) is { } taken)
            {
                return taken;
            }

            Wait(cancellation);
        }
    }

    /// <summary>Waits a moment for another process.</summary>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public static void Wait(CancellationToken cancellation)
    {
        cancellation.WaitHandle.WaitOne(Pause);
        cancellation.ThrowIfCancellationRequested();
    }
}
