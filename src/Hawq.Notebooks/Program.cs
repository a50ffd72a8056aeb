using System.CommandLine;
using Hawq.Notebooks;

var root = new RootCommand("hawq: runs, checks and converts C# notebooks.") { RunCommand.Make(args), CheckCommand.Make(), ConvertCommand.Make() };
return root.Parse(args).Invoke();
