using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Hawq.Notebooks;

/// <summary>Values given on the command line, put after the cell tagged <c>parameters</c> as papermill does.</summary>
internal static class Parameters
{
    /// <summary>Tag of the cell that declares them.</summary>
    public const string Tag = "parameters";

    /// <summary>Tag of the cell that sets them.</summary>
    public const string InjectedTag = "injected-parameters";

    /// <summary>Checks the given values against the declared ones and adds a cell that assigns them.</summary>
    /// <exception cref="NotebookException">A name is not declared, or of a type that cannot be set, or a value is not of its type.</exception>
    public static void Inject(NotebookFile notebook, IReadOnlyList<string> given)
    {
        notebook.RemoveTagged(InjectedTag);
        if (given.Count == 0)
        {
            return;
        }

        var cell = notebook.CodeCells.FirstOrDefault(c => c.HasTag(Tag)) ?? throw new NotebookException(
            $"{notebook.Path}: -p was given, but no code cell has the tag \"{Tag}\"; tag the cell that declares them.");
        var declared = DeclaredParameter.In(cell.Source).DistinctBy(parameter => parameter.Name).ToList();
        var lines = given.Select(pair => Assignment(notebook.Path, pair, declared));
        notebook.InsertAfter(cell, string.Join('\n', lines), InjectedTag);
    }

    private static string Assignment(string path, string pair, List<DeclaredParameter> declared)
    {
        var at = pair.IndexOf('=', StringComparison.Ordinal);
        var name = at > 0 ? pair[..at] : pair;
        if (at < 1 || declared.Find(one => one.Name == name) is not { } parameter)
        {
            throw new NotebookException(
                $"{path}: received -p {pair}; expected name=value with a name of {string.Join(", ", declared.Select(one => one.Name))}.");
        }

        if (parameter.Type is not { } type)
        {
            throw new NotebookException(
                $"{path}: parameter {name} is declared by {parameter.Declaration}; -p sets variables of {string.Join(", ", DeclaredParameter.Types)}. Declare it as one of these.");
        }

        var value = pair[(at + 1)..];
        return $"{name} = {Literal(type, value) ?? throw new NotebookException($"{path}: parameter {name} is of type {type}; received \"{value}\". Give a value of that type.")};";
    }

    private static string? Literal(string type, string value) => type switch
    {
        "string" => JsonSerializer.Serialize(value),
        "bool" => bool.TryParse(value, out var truth) ? (truth ? "true" : "false") : null,
        "int" => Number<int>(value, NumberStyles.Integer, ""),
        "long" => Number<long>(value, NumberStyles.Integer, ""),
        "float" => Number<float>(value, NumberStyles.Float, "f"),
        "decimal" => Number<decimal>(value, NumberStyles.Float, "m"),
        _ => Number<double>(value, NumberStyles.Float, ""),
    };

    /// <summary>A number as C# writes it; without thousands, so that 0,1 is no 1.</summary>
    private static string? Number<T>(string value, NumberStyles style, string suffix)
        where T : struct, INumberBase<T> =>
        T.TryParse(value, style, CultureInfo.InvariantCulture, out var number) && T.IsFinite(number) ? number.ToString(null, CultureInfo.InvariantCulture) + suffix : null;
}
