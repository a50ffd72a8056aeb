namespace Hawq.Notebooks.Tests;

/// <summary>Keeps what a cell shows.</summary>
internal sealed class CapturedOutput : ICellOutput
{
    public List<string> Results { get; } = [];

    public List<string> Streams { get; } = [];

    public List<string> Errors { get; } = [];

    public void Stream(string name, string text) => Streams.Add(text);

    public void Flush() => Streams.Add("flushed");

    public void Display(string id, IReadOnlyDictionary<string, string> contents) => Results.Add(contents["text/plain"]);

    public void Update(string id, IReadOnlyDictionary<string, string> contents) => Results.Add(contents["text/plain"]);

    public void Result(IReadOnlyDictionary<string, string> contents) => Results.Add(contents["text/plain"]);

    public void Error(CellFailure failure) => Errors.Add(failure.Name);
}
