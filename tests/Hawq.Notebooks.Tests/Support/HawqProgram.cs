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
        var start = new ProcessStartInfo("dotnet", [typeof(NotebookFile).Assembly.Location, .. arguments]);
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var program = new StartedProgram(start);
        return (program.End(), program.Printed);
    }

    /// <summary>Starts it in a folder and does not wait. It heeds signals also where those who run the tests ignore them, as <c>nohup</c> and a shell's background do.</summary>
    public static StartedProgram Start(string folder, params string[] arguments) => new(
        new ProcessStartInfo("env", ["--default-signal=HUP,INT,TERM", "dotnet", typeof(NotebookFile).Assembly.Location, .. arguments]) { WorkingDirectory = folder });

    /// <summary>Writes a notebook of code cells, the first of which declares parameters.</summary>
    public static string Notebook(string path, params string[] cells) =>
        Notebook(path, 5, [.. cells.Select((source, k) => NotebookCell.Code(source, k == 0 ? "parameters" : "code"))]);

    /// <summary>Writes a notebook of given cells in nbformat 4.<paramref name="minor"/>.</summary>
    public static string Notebook(string path, int minor, params JsonObject[] cells)
    {
        for (var k = 0; k < cells.Length; k++)
        {
            cells[k]["id"] = $"cell-{k}";
            if (minor < 5)
            {
                cells[k].Remove("id");
            }
        }

        File.WriteAllText(path, new JsonObject
        {
            ["cells"] = new JsonArray([.. cells]),
            ["metadata"] = new JsonObject(),
            ["nbformat"] = 4,
            ["nbformat_minor"] = minor,
        }.ToJsonString());
        return path;
    }

    public static string Outputs(string path, int cell) => NotebookFile.Read(path).Cells[cell].Outputs.ToJsonString();
}
