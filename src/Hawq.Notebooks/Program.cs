using System.CommandLine;
using Hawq.Notebooks;

var root = new RootCommand("hawq: runs the C# notebooks of Hawq.Kit.") { RunCommand.Make(args), KernelCommand.Make() };
return root.Parse(args).Invoke();
