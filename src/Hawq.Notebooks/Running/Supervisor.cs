using System.Diagnostics;

namespace Hawq.Notebooks;

/// <summary>Runs the notebook in a process of its own: a native library can abort it, and the user must still learn where.</summary>
/// <remarks>It passes the command line on unread: to parse it here too would cost a tenth of a second before the first cell.</remarks>
internal static class Supervisor
{
    public static int Run(string[] arguments)
    {
        var status = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!, Arguments(arguments));
            RunStatus.PassTo(start, status);
            using var worker = Process.Start(start)!;
            using var signals = StopSignals.PassTo(worker); // it saves and ends
            worker.WaitForExit();
            if (File.ReadAllLines(status) is not [var cell, .. var saved])
            {
                return worker.ExitCode;
            }

            Console.Write(TerminalProgress.IsLog ? "" : "\e[?25h"); // a bar hides the cursor while it moves
            Console.Error.WriteLine(
                $"{cell}: it ended the process (exit code {worker.ExitCode}), for example by Environment.Exit, in the native " +
                $"library or for lack of memory.{string.Concat(saved.Select(path => $" The cells before it are saved in {path}."))}");
            return worker.ExitCode == ExitCodes.Success ? ExitCodes.CellFailed : worker.ExitCode; // cells after it did not run
        }
        finally
        {
            File.Delete(status);
        }
    }

    /// <summary>Under <c>dotnet hawq.dll</c> the process is dotnet itself and needs the assembly's path first.</summary>
    private static string[] Arguments(string[] arguments) =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Supervisor).Assembly.Location, .. arguments] : arguments;
}
