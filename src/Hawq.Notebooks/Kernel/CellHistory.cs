using System.IO.Enumeration;
using System.Text.Json.Nodes;

namespace Hawq.Notebooks;

/// <summary>The cells that this kernel ran, for <c>history_request</c>.</summary>
internal sealed class CellHistory
{
    private readonly List<(int Line, string Code)> _cells = [];

    /// <summary>Remembers a cell.</summary>
    public void Add(int line, string code) => _cells.Add((line, code));

    /// <summary>Answers a request for the last cells, a range of them, or those that match a pattern with * and ?.</summary>
    public JsonObject Answer(KernelMessage request)
    {
        var last = Math.Max(0, request.Number("n", int.MaxValue));
        IEnumerable<(int Line, string Code)> found = request.Text("hist_access_type") switch
        {
            "tail" => _cells.TakeLast(last),
            "range" => _cells.Where(cell => cell.Line >= request.Number("start", 0) && cell.Line < request.Number("stop", int.MaxValue)),
            "search" => Search(request.Text("pattern", "*"), request.Flag("unique", false)).TakeLast(last),
            _ => [],
        };
        var withOutput = request.Flag("output", false);
        return new JsonObject { ["status"] = "ok", ["history"] = new JsonArray([.. found.Select(cell => Entry(cell.Line, cell.Code, withOutput))]) };
    }

    private IEnumerable<(int Line, string Code)> Search(string pattern, bool isUnique)
    {
        var found = _cells.Where(cell => FileSystemName.MatchesSimpleExpression(pattern, cell.Code, ignoreCase: false));
        return isUnique ? found.GroupBy(cell => cell.Code).Select(same => same.Last()) : found;
    }

    /// <summary>Session 0 is this one; outputs are not kept.</summary>
    private static JsonArray Entry(int line, string code, bool withOutput) =>
        new JsonArray(0, line, withOutput ? new JsonArray(code, null) : JsonValue.Create(code));
}
