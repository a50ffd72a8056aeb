using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hawq.Kit;

namespace Hawq.Notebooks;

/// <summary>An .ipynb file (nbformat 4): its cells, and all else as it was.</summary>
internal sealed class NotebookFile
{
    private static readonly JsonWriterOptions Style = new()
    {
        Indented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>What Jupyter and .NET Interactive call C#; in a polyglot notebook each cell names its own language.</summary>
    private static readonly string[] CSharpNames = ["C#", "csharp", "polyglot-notebook"];

    private readonly JsonObject _root;

    private NotebookFile(string path, JsonObject root) => (Path, _root) = (path, root);

    /// <summary>Where it was read from.</summary>
    public string Path { get; }

    /// <summary>Its cells, in order.</summary>
    public IReadOnlyList<NotebookCell> Cells =>
        [.. _root["cells"]!.AsArray().Select((cell, index) => new NotebookCell(index + 1, cell!.AsObject()))];

    /// <summary>Those that hold code.</summary>
    public IReadOnlyList<NotebookCell> CodeCells => [.. Cells.Where(cell => cell.IsCode)];

    /// <summary>nbformat, major and minor.</summary>
    public (int Major, int Minor) Format => (Number("nbformat"), Number("nbformat_minor"));

    /// <summary>Reads a notebook.</summary>
    /// <exception cref="NotebookException">There is no such file, it is no JSON, or not of nbformat 4.</exception>
    public static NotebookFile Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new NotebookException($"{path}: no such file; expected a notebook (.ipynb).");
        }

        JsonObject root;
        try
        {
            root = JsonNode.Parse(File.ReadAllText(path)) as JsonObject
                ?? throw new NotebookException($"{path}: its JSON is no object; expected a notebook of nbformat 4.");
        }
        catch (JsonException error)
        {
            throw new NotebookException($"{path}: it is no JSON (line {error.LineNumber + 1}: {error.Message.ReplaceLineEndings(" ")}); expected a notebook of nbformat 4.");
        }

        var notebook = new NotebookFile(path, root);
        if (notebook.Format.Major != 4 || root["cells"] is not JsonArray)
        {
            throw new NotebookException(
                $"{path}: it has nbformat {notebook.Format.Major}; expected 4. Open and save it in a current Jupyter, or run: jupyter nbconvert --to notebook");
        }

        var odd = root["cells"]!.AsArray().ToList().FindIndex(cell => !NotebookCell.IsCell(cell));
        return odd < 0 ? notebook : throw new NotebookException(
            $"{path}, cell {odd + 1}: it is no cell of nbformat 4; expected an object with cell_type and source as text and metadata as an object.");
    }

    /// <summary>Checks that a C# engine can run it.</summary>
    /// <exception cref="NotebookException">The notebook, or a code cell, is in another language.</exception>
    public void RequireCSharp()
    {
        var metadata = _root["metadata"] as JsonObject;
        var language = (metadata?["kernelspec"]?["language"] ?? metadata?["language_info"]?["name"])?.ToString() ?? "C#";
        if (!CSharpNames.Contains(language, StringComparer.OrdinalIgnoreCase))
        {
            throw new NotebookException($"{Path}: its language is {language}; expected C#. Run it with its own kernel, for example by jupyter nbconvert --execute.");
        }

        if (CodeCells.FirstOrDefault(cell => cell.Language != "csharp") is { } other)
        {
            throw new NotebookException(
                $"{Path}, cell {other.Number} ({other.Title}): its language is {other.Language}; expected csharp. Nothing was run: cells after it may need it. " +
                "Make it a Markdown cell, or write it in C#.");
        }
    }

    /// <summary>Puts a code cell after another one.</summary>
    public void InsertAfter(NotebookCell cell, string source, string tag)
    {
        var inserted = NotebookCell.Code(source, tag);
        if (Format.Minor < 5)
        {
            inserted.Remove("id"); // nbformat 4.5 brought it in, and before it a cell with one is not valid
        }

        _root["cells"]!.AsArray().Insert(cell.Number, inserted);
    }

    /// <summary>Takes cells with a tag out.</summary>
    public void RemoveTagged(string tag)
    {
        foreach (var cell in Cells.Where(cell => cell.HasTag(tag)))
        {
            _root["cells"]!.AsArray().Remove(cell.Json);
        }
    }

    /// <summary>Writes beside the target, then renames over it, so that a half-written file never replaces a good one.</summary>
    public void Write(string path)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory, Style))
        {
            _root.WriteTo(writer);
        }

        memory.WriteByte((byte)'\n');
        AtomicFile.Write(path, memory.GetBuffer().AsSpan(0, (int)memory.Length));
    }

    private int Number(string name) => _root[name] is JsonValue value && value.TryGetValue<int>(out var number) ? number : 0;
}
