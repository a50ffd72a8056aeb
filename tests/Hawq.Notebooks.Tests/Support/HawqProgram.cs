using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Hawq.Notebooks.Tests;

/// <summary>The program as a user calls it.</summary>
internal static class HawqProgram
{
    public static (int Code, string Text) Run(params string[] arguments) => RunWith(new Dictionary<string, string>(), arguments);

    /// <summary>With more variables in its environment.</summary>
    public static (int Code, string Text) RunWith(IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(NotebookFile).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, text + error.Result);
    }

    /// <summary>Starts it in a folder and does not wait. It heeds signals also where those who run the tests ignore them, as <c>nohup</c> and a shell's background do.</summary>
    public static Process Start(string folder, params string[] arguments) => Process.Start(
        new ProcessStartInfo("env", ["--default-signal=HUP,INT,TERM", "dotnet", typeof(NotebookFile).Assembly.Location, .. arguments]) { WorkingDirectory = folder, RedirectStandardOutput = true })!;

    /// <summary>Writes a notebook of code cells.</summary>
    public static string Notebook(string path, params string[] cells)
    {
        var json = cells.Select((source, k) =>
        {
            var cell = NotebookCell.Code(source, k == 0 ? "parameters" : "code");
            cell["id"] = $"cell-{k}";
            return (JsonNode)cell;
        });
        File.WriteAllText(path, new JsonObject
        {
            ["cells"] = new JsonArray([.. json]),
            ["metadata"] = new JsonObject(),
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
        }.ToJsonString());
        return path;
    }

    public static string Outputs(string path, int cell) => NotebookFile.Read(path).Cells[cell].Outputs.ToJsonString();
}
