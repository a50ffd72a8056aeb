using System.CommandLine;
using System.Runtime.InteropServices;

namespace Hawq.Notebooks;

/// <summary><c>hawq kernel</c>: the kernel for Jupyter, and where Jupyter finds it.</summary>
internal static class KernelCommand
{
    public static Command Make() => new("kernel", "The C# kernel for Jupyter.") { Install(), Uninstall(), List(), Start() };

    private static Command Install()
    {
        var (user, prefix, name) = Place();
        var replace = new Option<bool>("--replace") { Description = "Replace another program's kernel of that name." };
        var command = new Command("install", "Makes the kernel known to Jupyter.") { user, prefix, name, replace };
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            var folder = KernelSpec.Install(Folder(parse, user, prefix), parse.GetValue(name)!, parse.GetValue(replace));
            Console.WriteLine($"installed {KernelInfo.DisplayName} in {folder}");
        }));
        return command;
    }

    private static Command Uninstall()
    {
        var (user, prefix, name) = Place();
        var command = new Command("uninstall", "Takes the kernel out of Jupyter.") { user, prefix, name };
        command.SetAction(parse => CommandGuard.Run(() => Console.WriteLine($"removed {KernelSpec.Uninstall(Folder(parse, user, prefix), parse.GetValue(name)!)}")));
        return command;
    }

    private static Command List()
    {
        var (_, prefix, _) = Place();
        var command = new Command("list", "Shows where the kernel is installed.") { prefix };
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            var folders = parse.GetValue(prefix) is { } given ? [KernelFolders.Of(given)] : KernelFolders.All();
            foreach (var folder in KernelSpec.Installed(folders))
            {
                Console.WriteLine($"{Path.GetFileName(folder),-16} {folder}");
            }
        }));
        return command;
    }

    private static Command Start()
    {
        var connection = new Option<string>("--connection-file", "-f") { Description = "The connection file that Jupyter wrote.", Required = true };
        var command = new Command("start", "Starts the kernel; Jupyter does this.") { connection };
        command.SetAction(parse => CommandGuard.Run(() => Serve(parse.GetValue(connection)!)));
        return command;
    }

    private static (Option<bool> User, Option<string?> Prefix, Option<string> Name) Place() => (
        new Option<bool>("--user") { Description = "Install for this user; the default." },
        new Option<string?>("--sys-prefix", "--prefix") { Description = "Install below this folder, for example a Python environment's." },
        new Option<string>("--name") { Description = "Name of the kernel.", DefaultValueFactory = _ => KernelSpec.DefaultName });

    private static string Folder(ParseResult parse, Option<bool> user, Option<string?> prefix) =>
        parse.GetValue(user) && parse.GetValue(prefix) is { } given
            ? throw new NotebookException($"Received --user and --prefix {given}; expected one of them, since a kernel goes to one place. Leave one out.")
            : KernelFolders.Of(parse.GetValue(prefix));

    private static void Serve(string path)
    {
        Environment.SetEnvironmentVariable(NotebookRun.Headless, null); // a kernel that a cell of hawq run starts has a front end all the same
        NotebookProcess.Prepare();
        using (var server = new KernelServer(ConnectionFile.Read(path), Environment.CurrentDirectory))
        {
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
            {
                signal.Cancel = true;
                server.Interrupt();
            });
            ParentWatch.Start(Environment.GetEnvironmentVariable(ParentWatch.Jupyter));
            server.Run();
        }

        Environment.Exit(ExitCodes.Success); // a cell that still runs, or a thread that it started, must not keep the process
    }
}
