using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hawq.Notebooks;

/// <summary>A line of a cell that asks something of the notebook; all that reads directives reads them here.</summary>
/// <param name="Kind">What it asks.</param>
/// <param name="Text">The line, trimmed.</param>
/// <param name="Target">The file, library, package or source that it names; nothing where it names none.</param>
/// <param name="Version">A package's version; nothing where none is said.</param>
internal sealed partial record CellDirective(DirectiveKind Kind, string Text, string Target = "", string Version = "")
{
    /// <summary>The directives of a cell with their lines, counted from 0.</summary>
    /// <remarks>The compiler says what a directive is: a line of a text, or of what <c>#if</c> leaves out, may begin like one.</remarks>
    public static IReadOnlyList<(int Line, CellDirective Directive)> In(string source)
    {
        var found = new List<(int Line, CellDirective Directive)>();
        if (!source.Contains('#'))
        {
            return found;
        }

        var lines = source.Split('\n');
        foreach (var trivia in CellSyntax.Root(source).DescendantTrivia(descendIntoTrivia: true))
        {
            if (trivia.GetStructure() is DirectiveTriviaSyntax { IsActive: true })
            {
                var line = source.AsSpan(0, trivia.SpanStart).Count('\n');
                if (Of(lines[line]) is { } directive)
                {
                    found.Add((line, directive));
                }
            }
        }

        return found;
    }

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

        var (source, load, reference) = (SourcePattern().Match(text), LoadPattern().Match(text), ReferencePattern().Match(text));
        return source.Success ? new(DirectiveKind.Source, text, source.Groups["target"].Value)
            : load.Success ? new(DirectiveKind.Load, text, load.Groups["target"].Value)
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

    [GeneratedRegex("""^#load\s+"(?<target>[^"]+)"$""")]
    private static partial Regex LoadPattern();

    [GeneratedRegex("""^#r\s+"(?:(?i:nuget:)(?<package>[^"]+)|(?<target>[^"]+))"$""")]
    private static partial Regex ReferencePattern();
}
