using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Hawq.Notebooks;

/// <summary>What a committed notebook must keep to.</summary>
internal static partial class NotebookRules
{
    private const long MostBytes = 1_000_000;

    /// <summary>What is wrong, each as ", cell N: what; what to do".</summary>
    public static IEnumerable<string> Findings(NotebookFile notebook)
    {
        var size = new FileInfo(notebook.Path).Length;
        if (size > MostBytes)
        {
            yield return $": it has {size:N0} bytes; expected at most {MostBytes:N0}. Show less, or run it with hawq run, which leaves plotly.js out.";
        }

        var ids = notebook.Cells.Select(cell => cell.Json["id"]?.GetValue<string>()).ToList();
        if (ids.Any(string.IsNullOrEmpty) || ids.Distinct().Count() < ids.Count)
        {
            yield return ": a cell has no id, or two have the same; expected nbformat 4.5 with an id for each cell.";
        }

        foreach (var cell in notebook.CodeCells.Where(cell => cell.HasTag(Parameters.Tag)).Skip(1))
        {
            yield return $", cell {cell.Number} ({cell.Title}): it is tagged \"{Parameters.Tag}\", as one before it; -p sets those of the first alone. Take the tag off.";
        }

        foreach (var cell in notebook.CodeCells)
        {
            foreach (var finding in OfCell(cell))
            {
                yield return $", cell {cell.Number} ({cell.Title}): {finding}";
            }
        }
    }

    private static IEnumerable<string> OfCell(NotebookCell cell) => [.. OfSource(cell), .. OfExecution(cell), .. OfOutputs(cell)];

    private static IEnumerable<string> OfSource(NotebookCell cell)
    {
        if (cell.Json["metadata"]?["polyglot_notebook"]?["kernelName"] is null)
        {
            yield return "metadata lack polyglot_notebook.kernelName; .NET Interactive cannot import the notebook without it.";
        }

        if (cell.HasTag(Parameters.InjectedTag))
        {
            yield return "it was put in by hawq run -p; take it out and run at the default parameters.";
        }

        foreach (var unknown in CellDirective.In(cell.Source).Select(found => found.Directive).Where(directive => directive.Kind == DirectiveKind.Unknown))
        {
            yield return $"directive {unknown.Text} is not known to both the engine and .NET Interactive; known are #!csharp, #!import, #!time.";
        }
    }

    private static IEnumerable<string> OfExecution(NotebookCell cell)
    {
        if (cell.Json["execution_count"] is null)
        {
            yield return "it was not executed; run hawq run --in-place.";
        }
        else if (cell.Outputs.Count == 0 && !IsSilent(cell.Source))
        {
            yield return "it ends in an expression but shows nothing; run it again, or end it with a semicolon.";
        }

        if (cell.Outputs.Any(output => output?["output_type"]?.GetValue<string>() == "error"))
        {
            yield return "its output is an error.";
        }
    }

    private static IEnumerable<string> OfOutputs(NotebookCell cell)
    {
        var outputs = string.Join('\n', Texts(cell.Outputs));
        foreach (var place in LocalPathPattern().Matches(cell.Source + "\n" + outputs).Select(match => match.Value).Distinct())
        {
            yield return $"it names \"{place}\", a path of one machine; use a path relative to the notebook.";
        }

        if (GuidPattern().IsMatch(outputs))
        {
            yield return "its output holds a GUID, which changes from run to run.";
        }

        if (UnfinishedPattern().IsMatch(outputs))
        {
            yield return "a progress bar in its output is unfinished; run it again.";
        }
    }

    /// <summary>Every text in the outputs, unescaped.</summary>
    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject pairs => pairs.SelectMany(pair => Texts(pair.Value)),
        JsonArray items when items.All(item => item is JsonValue) => [string.Concat(items.Select(item => item!.ToString()))],
        JsonArray items => items.SelectMany(Texts),
        null => [],
        _ => [node.ToString()],
    };

    /// <summary>Whether the code's last line is a statement or a declaration, which shows nothing.</summary>
    private static bool IsSilent(string source)
    {
        var last = source.Split('\n').Select(line => line.Trim())
            .LastOrDefault(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal)) ?? ";";
        return last[^1] is ';' or '}' || last[0] == '#';
    }

    [GeneratedRegex("""(?<![\w./:])/(?:home|root|Users|tmp|work|mnt|var)/[\w./-]*|\b[A-Z]:\\\w+""")]
    private static partial Regex LocalPathPattern();

    [GeneratedRegex("""\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b""")]
    private static partial Regex GuidPattern();

    [GeneratedRegex("""<progress value="0""")]
    private static partial Regex UnfinishedPattern();
}
