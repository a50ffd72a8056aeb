using System.Text;
using System.Text.Json.Nodes;

namespace Hawq.Notebooks;

/// <summary>Collects a cell's outputs as nbformat stores them.</summary>
/// <param name="executionCount">The cell's number.</param>
/// <param name="updates">Hears what displays change to.</param>
/// <param name="earlier">The outputs of the cell before, whose displays, and those of cells before it, may still change.</param>
internal sealed class FileOutput(int executionCount, IProgress<DisplayUpdate>? updates = null, FileOutput? earlier = null) : ICellOutput
{
    private readonly Lock _lock = new();
    private readonly List<JsonObject> _outputs = [];
    private readonly Dictionary<string, JsonObject> _displays = [];
    private readonly StringBuilder _text = new(); // of the last output, if that is a stream: appended to its JSON, it would be copied each time
    private JsonObject? _stream;
    private bool _hasChanged;

    /// <summary>Whether a later cell changed a display here since <see cref="ToJson"/> was called.</summary>
    public bool HasChanged
    {
        get
        {
            lock (_lock)
            {
                return _hasChanged;
            }
        }
    }

    /// <summary>The outputs so far.</summary>
    public JsonArray ToJson()
    {
        lock (_lock)
        {
            _hasChanged = false;
            Settle();
            return [.. _outputs.Select(output => Stored(output.DeepClone().AsObject()))];
        }
    }

    /// <summary>The plain text of all that was shown.</summary>
    public IEnumerable<string> PlainTexts()
    {
        lock (_lock)
        {
            Settle();
            return [.. _outputs.Select(output => output["text"]?.GetValue<string>() ?? output["data"]?["text/plain"]?.GetValue<string>()).OfType<string>()];
        }
    }

    public void Stream(string name, string text)
    {
        lock (_lock)
        {
            if (_stream?["name"]?.GetValue<string>() != name)
            {
                var stream = new JsonObject { ["name"] = name, ["output_type"] = "stream", ["text"] = "" };
                Add(stream);
                _stream = stream;
            }

            _text.Append(text);
        }
    }

    /// <summary>Nothing waits here.</summary>
    public void Flush()
    {
    }

    public void Display(string id, IReadOnlyDictionary<string, string> contents)
    {
        var output = new JsonObject { ["data"] = Data(contents), ["metadata"] = new JsonObject(), ["output_type"] = "display_data" };
        lock (_lock)
        {
            Add(output);
            _displays[id] = output;
        }
    }

    public void Update(string id, IReadOnlyDictionary<string, string> contents)
    {
        Change(id, contents);
        updates?.Report(new DisplayUpdate(id, contents.GetValueOrDefault("text/plain", "")));
    }

    public void Result(IReadOnlyDictionary<string, string> contents)
    {
        lock (_lock)
        {
            Add(new JsonObject
            {
                ["data"] = Data(contents),
                ["execution_count"] = executionCount,
                ["metadata"] = new JsonObject(),
                ["output_type"] = "execute_result",
            });
        }
    }

    public void Error(CellFailure failure)
    {
        lock (_lock)
        {
            Add(new JsonObject
            {
                ["ename"] = failure.Name,
                ["evalue"] = failure.Message,
                ["output_type"] = "error",
                ["traceback"] = new JsonArray([.. failure.Traceback.Select(line => (JsonNode)line)]),
            });
        }
    }

    /// <summary>Changes a display of this cell or an earlier one; of any other nothing is known.</summary>
    private void Change(string id, IReadOnlyDictionary<string, string> contents)
    {
        lock (_lock)
        {
            if (_displays.TryGetValue(id, out var output))
            {
                output["data"] = Data(contents);
                _hasChanged = true;
                return;
            }
        }

        earlier?.Change(id, contents);
    }

    private void Add(JsonObject output)
    {
        Settle();
        _stream = null;
        _text.Clear();
        _outputs.Add(output);
    }

    private void Settle()
    {
        if (_stream is not null)
        {
            _stream["text"] = _text.ToString();
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
