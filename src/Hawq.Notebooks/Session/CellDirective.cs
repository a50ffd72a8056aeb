using System.Text.RegularExpressions;

namespace Hawq.Notebooks;

/// <summary>A line of a cell that asks something of the notebook; all that reads directives reads them here.</summary>
/// <param name="Kind">What it asks.</param>
/// <param name="Text">The line, trimmed.</param>
/// <param name="Target">The file, library, package or source that it names; nothing where it names none.</param>
/// <param name="Version">A package's version; nothing where none is said.</param>
internal sealed partial record CellDirective(DirectiveKind Kind, string Text, string Target = "", string Version = "")
{
    /// <summary>Reads a line; null for one of code, or of a directive that is the compiler's own.</summary>
    public static CellDirective? Of(string line)
    {
        var text = line.Trim();
        if (text.StartsWith("#!", StringComparison.Ordinal))
        {
            var import = ImportPattern().Match(text);
            return text == "#!csharp" ? new(DirectiveKind.Language, text)
                : text == "#!time" ? new(DirectiveKind.Time, text)
                : import.Success ? new(DirectiveKind.Import, text, import.Groups["target"].Value)
                : new(DirectiveKind.Unknown, text);
        }

        var (source, reference) = (SourcePattern().Match(text), ReferencePattern().Match(text));
        return source.Success ? new(DirectiveKind.Source, text, source.Groups["target"].Value)
            : !reference.Success ? null
            : reference.Groups["package"].Success ? Package(text, reference.Groups["package"].Value)
            : new(DirectiveKind.Library, text, reference.Groups["target"].Value);
    }

    /// <summary>Whether the compiler would stumble over a line, which may still be in writing: all that begins as a directive of ours.</summary>
    public static bool MayBegin(string line)
    {
        var text = line.TrimStart();
        return text.StartsWith("#!", StringComparison.Ordinal) || text.StartsWith("#i ", StringComparison.Ordinal)
            || text.StartsWith("#r \"nuget:", StringComparison.OrdinalIgnoreCase);
    }

    private static CellDirective Package(string text, string target)
    {
        var parts = target.Split(',', 2, StringSplitOptions.TrimEntries);
        return new(DirectiveKind.Package, text, parts[0], parts.Length > 1 ? parts[1] : "");
    }

    [GeneratedRegex("""^#!import\s+"?(?<target>[^"]+?)"?$""")]
    private static partial Regex ImportPattern();

    [GeneratedRegex("""^#i\s+"nuget:\s*(?<target>[^"]+)"$""")]
    private static partial Regex SourcePattern();

    [GeneratedRegex("""^#r\s+"(?:(?i:nuget:)(?<package>[^"]+)|(?<target>[^"]+))"$""")]
    private static partial Regex ReferencePattern();
}
