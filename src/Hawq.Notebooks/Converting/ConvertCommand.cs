using System.CommandLine;
using System.Text;
using Hawq.Kit;

namespace Hawq.Notebooks;

/// <summary><c>hawq convert</c>: makes a file-based app of a notebook.</summary>
internal static class ConvertCommand
{
    public static Command Make()
    {
        var notebook = new Argument<string>("notebook") { Description = "The notebook (.ipynb)." };
        var output = new Option<string?>("--output", "-o") { Description = "The app (.cs); beside the notebook unless given. Relative paths start at the app's folder." };
        var command = new Command("convert", "Writes a notebook's C# cells as one file that \"dotnet run file.cs\" executes.") { notebook, output };
        command.SetAction(parse => CommandGuard.Run(() => Convert(parse.GetValue(notebook)!, parse.GetValue(output))));
        return command;
    }

    private static void Convert(string path, string? output)
    {
        var target = output ?? Path.ChangeExtension(path, ".cs");
        if (!target.EndsWith(".cs", StringComparison.Ordinal))
        {
            throw new NotebookException($"Received --output {target}; expected a name that ends in .cs, since dotnet run takes nothing else.");
        }

        var code = FileBasedApp.Of(NotebookFile.Read(path), Path.GetDirectoryName(Path.GetFullPath(target))!);
        AtomicFile.Write(target, Encoding.UTF8.GetBytes(code));
        Console.WriteLine($"{target}: run it with dotnet run {target}");
    }
}
