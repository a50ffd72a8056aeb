using System.CommandLine;

namespace Hawq.Notebooks;

/// <summary><c>hawq check</c>: whether notebooks are fit to be committed.</summary>
internal static class CheckCommand
{
    public static Command Make()
    {
        var paths = new Argument<string[]>("paths") { Description = "Notebooks, or folders of notebooks.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("check", "Checks that notebooks are executed, small, free of local paths and of what changes from run to run.") { paths };
        command.SetAction(parse => CommandGuard.Run(() => Check(parse.GetValue(paths)!)));
        return command;
    }

    private static int Check(IEnumerable<string> paths)
    {
        var notebooks = paths.SelectMany(NotebooksAt).ToList();
        var findings = notebooks.SelectMany(path => NotebookRules.Findings(NotebookFile.Read(path)).Select(finding => $"{path}{finding}")).ToList();
        findings.ForEach(Console.WriteLine);
        Console.WriteLine($"{notebooks.Count} notebooks, {findings.Count} findings");
        return findings.Count == 0 ? ExitCodes.Success : ExitCodes.CellFailed;
    }

    private static IEnumerable<string> NotebooksAt(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.ipynb").Order(StringComparer.Ordinal) : [path];
}
