using System.Text;
using System.Text.Json.Nodes;

namespace Hawq.Notebooks;

/// <summary>Sends a cell's outputs to the front ends. Text is sent at most every 50 ms, so a cell that prints much does not drown them.</summary>
/// <param name="frontEnd">The front ends.</param>
/// <param name="request">The request that runs the cell.</param>
/// <param name="executionCount">The cell's number.</param>
/// <param name="isSilent">Whether the result is kept back.</param>
internal sealed class KernelOutput(FrontEnd frontEnd, KernelMessage request, int executionCount, bool isSilent) : ICellOutput, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();
    private string _stream = "stdout";
    private Timer? _timer;

    public void Stream(string name, string text)
    {
        lock (_lock)
        {
            if (name != _stream)
            {
                Flush();
                _stream = name;
            }

            _text.Append(text);
            _timer ??= new Timer(_ => Flush(), null, Pause, Timeout.InfiniteTimeSpan);
        }
    }

    public void Display(string id, IReadOnlyDictionary<string, string> contents) => Shown("display_data", id, contents);

    public void Update(string id, IReadOnlyDictionary<string, string> contents) => Shown("update_display_data", id, contents);

    public void Result(IReadOnlyDictionary<string, string> contents)
    {
        if (!isSilent)
        {
            var content = Data(contents);
            content["execution_count"] = executionCount;
            Publish("execute_result", content);
        }
    }

    public void Error(CellFailure failure)
    {
        var content = FrontEnd.Failure(failure);
        content.Remove("status");
        Publish("error", content);
    }

    public void Dispose() => Flush();

    /// <summary>Sends the text that waits.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            _timer = null;
            if (_text.Length > 0)
            {
                frontEnd.Publish("stream", request, new JsonObject { ["name"] = _stream, ["text"] = _text.ToString() });
                _text.Clear();
            }
        }
    }

    private void Shown(string type, string id, IReadOnlyDictionary<string, string> contents)
    {
        var content = Data(contents);
        content["transient"] = new JsonObject { ["display_id"] = $"{frontEnd.Session}-{id}" }; // another kernel's displays must not change
        Publish(type, content);
    }

    private void Publish(string type, JsonObject content)
    {
        lock (_lock)
        {
            Flush();
            frontEnd.Publish(type, request, content);
        }
    }

    private static JsonObject Data(IReadOnlyDictionary<string, string> contents) => new()
    {
        ["data"] = new JsonObject(contents.Select(pair => KeyValuePair.Create(pair.Key, MimeContent.Of(pair.Key, pair.Value)))),
        ["metadata"] = new JsonObject(),
    };
}
