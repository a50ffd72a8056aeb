using System.CommandLine;
using Hawq.Notebooks;

var root = new RootCommand("hawq: runs, checks and converts C# notebooks, and is their Jupyter kernel.")
{
    RunCommand.Make(args), CheckCommand.Make(), ConvertCommand.Make(), KernelCommand.Make(),
};
return root.Parse(args).Invoke();
