using System.CommandLine;
using Hawq.Notebooks;

if (args is ["run", ..] && !RunStatus.IsWorker)
{
    return Supervisor.Run(args);
}

var root = new RootCommand("hawq: runs, checks and converts C# notebooks, and is their Jupyter kernel.")
{
    RunCommand.Make(), CheckCommand.Make(), ConvertCommand.Make(), KernelCommand.Make(),
};
return root.Parse(args).Invoke();
