using System.Text.Json.Nodes;

namespace Hawq.Notebooks;

/// <summary>Collects a cell's outputs as nbformat stores them.</summary>
internal sealed class FileOutput(int executionCount, IProgress<DisplayUpdate>? updates = null) : ICellOutput
{
    private readonly Lock _lock = new();
    private readonly List<JsonObject> _outputs = [];
    private readonly Dictionary<string, JsonObject> _displays = [];

    /// <summary>Name and message of the error, if the cell failed.</summary>
    public (string Name, string Message, IReadOnlyList<string> Traceback)? Failure { get; private set; }

    /// <summary>The outputs so far.</summary>
    public JsonArray ToJson()
    {
        lock (_lock)
        {
            return [.. _outputs.Select(output => Stored(output.DeepClone().AsObject()))];
        }
    }

    /// <summary>The plain text of all that was shown.</summary>
    public IEnumerable<string> PlainTexts()
    {
        lock (_lock)
        {
            return [.. _outputs.Select(output => output["text"]?.GetValue<string>() ?? output["data"]?["text/plain"]?.GetValue<string>()).OfType<string>()];
        }
    }

    public void Stream(string name, string text)
    {
        lock (_lock)
        {
            if (_outputs.LastOrDefault() is { } last && last["name"]?.GetValue<string>() == name)
            {
                last["text"] = last["text"]!.GetValue<string>() + text;
            }
            else
            {
                _outputs.Add(new JsonObject { ["name"] = name, ["output_type"] = "stream", ["text"] = text });
            }
        }
    }

    public void Display(string id, IReadOnlyDictionary<string, string> contents)
    {
        var output = new JsonObject { ["data"] = Data(contents), ["metadata"] = new JsonObject(), ["output_type"] = "display_data" };
        lock (_lock)
        {
            _outputs.Add(output);
            _displays[id] = output;
        }
    }

    public void Update(string id, IReadOnlyDictionary<string, string> contents)
    {
        lock (_lock)
        {
            if (_displays.TryGetValue(id, out var output))
            {
                output["data"] = Data(contents);
            }
        }

        updates?.Report(new DisplayUpdate(id, contents.GetValueOrDefault("text/plain", "")));
    }

    public void Result(IReadOnlyDictionary<string, string> contents)
    {
        lock (_lock)
        {
            _outputs.Add(new JsonObject
            {
                ["data"] = Data(contents),
                ["execution_count"] = executionCount,
                ["metadata"] = new JsonObject(),
                ["output_type"] = "execute_result",
            });
        }
    }

    public void Error(string name, string message, IReadOnlyList<string> traceback)
    {
        lock (_lock)
        {
            Failure = (name, message, traceback);
            _outputs.Add(new JsonObject
            {
                ["ename"] = name,
                ["evalue"] = message,
                ["output_type"] = "error",
                ["traceback"] = new JsonArray([.. traceback.Select(line => (JsonNode)line)]),
            });
        }
    }

    private static JsonObject Data(IReadOnlyDictionary<string, string> contents) =>
        new(contents.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    /// <summary>Texts as lists of lines, as other tools write them, so that differences between runs are small; JSON types as values.</summary>
    private static JsonObject Stored(JsonObject output)
    {
        if (output["text"] is { } text)
        {
            output["text"] = NotebookCell.Lines(text.GetValue<string>());
        }

        if (output["data"] is JsonObject data)
        {
            foreach (var (type, content) in data.ToList())
            {
                var shown = content!.GetValue<string>();
                data[type] = MimeContent.IsJson(type) ? MimeContent.Of(type, shown) : NotebookCell.Lines(shown);
            }
        }

        return output;
    }
}
