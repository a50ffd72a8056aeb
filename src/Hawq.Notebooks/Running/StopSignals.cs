using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Hawq.Notebooks;

/// <summary>Signals that ask a run to stop: Ctrl+C, <c>kill</c>, and a terminal that is closed.</summary>
internal static class StopSignals
{
    private const int Terminate = 15; // SIGTERM

    private static readonly PosixSignal[] All = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];

    /// <summary>Does something in place of ending this process, until disposed.</summary>
    public static IDisposable Do(Action action) => new Registrations([.. All.Select(signal => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        action();
    }))]);

    /// <summary>Passes them on to another process: only a terminal's Ctrl+C reaches it by itself.</summary>
    /// <remarks>As SIGTERM, since what a shell starts in the background inherits that interrupts are ignored.</remarks>
    public static IDisposable PassTo(Process process) => Do(() => _ = Kill(process.Id, Terminate));

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);

    private sealed class Registrations(IReadOnlyList<PosixSignalRegistration> all) : IDisposable
    {
        public void Dispose()
        {
            foreach (var registration in all)
            {
                registration.Dispose();
            }
        }
    }
}
