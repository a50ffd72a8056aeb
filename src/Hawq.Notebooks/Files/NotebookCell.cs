using System.Text.Json.Nodes;

namespace Hawq.Notebooks;

/// <summary>A cell of a notebook, over its JSON.</summary>
/// <param name="Number">Its place among all cells, from 1.</param>
/// <param name="Json">Its JSON; changes go there.</param>
internal sealed record NotebookCell(int Number, JsonObject Json)
{
    /// <summary>Whether it holds code.</summary>
    public bool IsCode => Json["cell_type"]?.GetValue<string>() == "code";

    /// <summary>Its text.</summary>
    public string Source => Json["source"] switch
    {
        JsonArray lines => string.Concat(lines.Select(line => line!.GetValue<string>())),
        JsonValue text => text.GetValue<string>(),
        _ => "",
    };

    /// <summary>Language of its code, "csharp" unless its metadata say otherwise.</summary>
    public string Language =>
        Json["metadata"]?["polyglot_notebook"]?["kernelName"]?.GetValue<string>()
        ?? Json["metadata"]?["dotnet_interactive"]?["language"]?.GetValue<string>()
        ?? "csharp";

    /// <summary>Its outputs.</summary>
    public JsonArray Outputs => Json["outputs"] as JsonArray ?? [];

    /// <summary>Its first line that is neither empty nor a comment.</summary>
    public string Title
    {
        get
        {
            var line = Source.Split('\n').Select(text => text.Trim())
                .FirstOrDefault(text => text.Length > 0 && !text.StartsWith("//", StringComparison.Ordinal)) ?? "";
            return line.Length <= 60 ? line : line[..59] + "…";
        }
    }

    /// <summary>Whether JSON has the shape of a cell.</summary>
    public static bool IsCell(JsonNode? json) =>
        json is JsonObject cell && IsText(cell["cell_type"]) && (cell["metadata"] is null or JsonObject)
        && (cell["source"] is JsonArray lines ? lines.All(IsText) : cell["source"] is null || IsText(cell["source"]));

    /// <summary>A new code cell.</summary>
    public static JsonObject Code(string source, string tag) => new()
    {
        ["cell_type"] = "code",
        ["execution_count"] = null,
        ["id"] = tag,
        ["metadata"] = new JsonObject
        {
            ["polyglot_notebook"] = new JsonObject { ["kernelName"] = "csharp" },
            ["tags"] = new JsonArray(tag),
        },
        ["outputs"] = new JsonArray(),
        ["source"] = Lines(source),
    };

    /// <summary>A text as nbformat stores it: one string a line, line ends kept.</summary>
    public static JsonArray Lines(string text)
    {
        var lines = text.Split('\n');
        return [.. lines.Select((line, k) => (JsonNode)(k < lines.Length - 1 ? line + "\n" : line)).Where(line => line.GetValue<string>().Length > 0)];
    }

    /// <summary>Whether its metadata carry a tag.</summary>
    public bool HasTag(string tag) => Json["metadata"]?["tags"] is JsonArray tags && tags.Any(t => t?.GetValue<string>() == tag);

    /// <summary>Sets the result of a run.</summary>
    public void Set(int? executionCount, JsonArray outputs)
    {
        Json["execution_count"] = executionCount;
        Json["outputs"] = outputs;
    }

    /// <summary>Takes over the result of the same cell of another state of the notebook.</summary>
    public void TakeResult(NotebookCell from)
    {
        Json["execution_count"] = from.Json["execution_count"]?.DeepClone();
        Json["outputs"] = from.Outputs.DeepClone();
    }

    private static bool IsText(JsonNode? json) => json?.GetValueKind() == System.Text.Json.JsonValueKind.String;
}
