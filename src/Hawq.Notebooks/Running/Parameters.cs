using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hawq.Notebooks;

/// <summary>Values given on the command line, put after the cell tagged <c>parameters</c> as papermill does.</summary>
internal static partial class Parameters
{
    /// <summary>Tag of the cell that declares them.</summary>
    public const string Tag = "parameters";

    private const string InjectedTag = "injected-parameters";

    /// <summary>Checks the given values against the declared ones and adds a cell that assigns them.</summary>
    /// <exception cref="NotebookException">A name is not declared, or a value is not of its type.</exception>
    public static void Inject(NotebookFile notebook, IReadOnlyList<string> given)
    {
        notebook.RemoveTagged(InjectedTag);
        if (given.Count == 0)
        {
            return;
        }

        var cell = notebook.Cells.FirstOrDefault(c => c.IsCode && c.HasTag(Tag)) ?? throw new NotebookException(
            $"{notebook.Path}: -p was given, but no code cell has the tag \"{Tag}\"; tag the cell that declares them.");
        var declared = DeclarationPattern().Matches(cell.Source).ToDictionary(m => m.Groups["name"].Value, TypeOf);
        var lines = given.Select(pair => Assignment(notebook.Path, pair, declared));
        notebook.InsertAfter(cell, string.Join('\n', lines), InjectedTag);
    }

    private static string Assignment(string path, string pair, Dictionary<string, string> declared)
    {
        var at = pair.IndexOf('=', StringComparison.Ordinal);
        var name = at > 0 ? pair[..at] : pair;
        if (at < 1 || !declared.TryGetValue(name, out var type))
        {
            throw new NotebookException(
                $"{path}: received -p {pair}; expected name=value with a name of {string.Join(", ", declared.Keys)}.");
        }

        var value = pair[(at + 1)..];
        return $"{name} = {Literal(type, value) ?? throw new NotebookException($"{path}: parameter {name} is of type {type}; received \"{value}\".")};";
    }

    private static string? Literal(string type, string value) => type switch
    {
        "string" => JsonSerializer.Serialize(value),
        "bool" => bool.TryParse(value, out var truth) ? (truth ? "true" : "false") : null,
        "int" => int.TryParse(value, CultureInfo.InvariantCulture, out var small) ? small.ToString(CultureInfo.InvariantCulture) : null,
        "long" => long.TryParse(value, CultureInfo.InvariantCulture, out var whole) ? whole.ToString(CultureInfo.InvariantCulture) : null,
        _ => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) // no thousands: 0,1 is no 1
            ? number.ToString("R", CultureInfo.InvariantCulture) : null,
    };

    private static string TypeOf(Match declaration)
    {
        var (type, value) = (declaration.Groups["type"].Value, declaration.Groups["value"].Value.Trim());
        return type != "var" ? type
            : value.StartsWith('"') ? "string"
            : value is "true" or "false" ? "bool"
            : int.TryParse(value, CultureInfo.InvariantCulture, out _) ? "int"
            : "double";
    }

    [GeneratedRegex(@"^\s*(?<type>var|string|int|long|double|bool)\s+(?<name>\w+)\s*=\s*(?<value>[^;]+);", RegexOptions.Multiline)]
    private static partial Regex DeclarationPattern();
}
