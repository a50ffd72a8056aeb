using System.CommandLine;
using System.Runtime.InteropServices;

namespace Hawq.Notebooks;

/// <summary><c>hawq kernel</c>: the kernel for Jupyter, and where Jupyter finds it.</summary>
internal static class KernelCommand
{
    public static Command Make() => new("kernel", "The C# kernel for Jupyter.") { Start() };

    private static Command Start()
    {
        var connection = new Option<string>("--connection-file", "-f") { Description = "The connection file that Jupyter wrote.", Required = true };
        var command = new Command("start", "Starts the kernel; Jupyter does this.") { connection };
        command.SetAction(parse => Guarded(() => Serve(parse.GetValue(connection)!)));
        return command;
    }

    private static int Serve(string path)
    {
        using (var server = new KernelServer(ConnectionFile.Read(path), Environment.CurrentDirectory))
        {
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
            {
                signal.Cancel = true;
                server.Interrupt();
            });
            server.Run();
        }

        Environment.Exit(ExitCodes.Success); // a cell that still runs, or a thread that it started, must not keep the process
        return ExitCodes.Success;
    }

    private static int Guarded(Func<int> action)
    {
        try
        {
            return action();
        }
        catch (NotebookException error)
        {
            Console.Error.WriteLine(error.Message);
            return ExitCodes.BadInput;
        }
    }
}
