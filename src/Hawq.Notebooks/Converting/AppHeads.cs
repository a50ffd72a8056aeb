using System.Text.RegularExpressions;

namespace Hawq.Notebooks;

/// <summary>What a notebook's directives become at the head of a file-based app: libraries and packages, as <c>#:project</c> and <c>#:package</c>.</summary>
/// <param name="notebook">The notebook's path.</param>
/// <param name="folder">Where the app will lie.</param>
internal sealed partial class AppHeads(string notebook, string folder)
{
    private readonly SortedSet<string> _lines = new(StringComparer.Ordinal);

    /// <summary>The lines.</summary>
    public IEnumerable<string> Lines => _lines;

    /// <summary>Whether the kit is among the libraries.</summary>
    public bool KnowKit => _lines.Any(line => line.Contains("Hawq.Kit", StringComparison.Ordinal));

    /// <summary>Takes in a directive.</summary>
    /// <exception cref="NotebookException">A referenced library has no project beside it, or an app has no counterpart of the directive.</exception>
    public void Add(CellDirective directive, NotebookCell cell)
    {
        switch (directive)
        {
            case { Kind: DirectiveKind.Package } when IsNamed(directive):
                _lines.Add($"#:package {directive.Target}@{(directive.Version.Length > 0 ? directive.Version : "*")}");
                break;
            case { Kind: DirectiveKind.Library }:
                _lines.Add($"#:project {Project(directive.Target, cell)}");
                break;
            case { Kind: DirectiveKind.Language or DirectiveKind.Time }:
                break;
            default:
                throw new NotebookException(
                    $"{notebook}, cell {cell.Number}: \"{directive.Text}\" has no counterpart in a file-based app; #r, #!time and #!csharp have. Take it out, or put what it brings into the notebook.");
        }
    }

    private static bool IsNamed(CellDirective package) => NamePattern().IsMatch(package.Target) && (package.Version.Length == 0 || NamePattern().IsMatch(package.Version));

    /// <summary>The project that makes a library: src/NAME/NAME.csproj in a folder above it.</summary>
    private string Project(string library, NotebookCell cell)
    {
        var name = Path.GetFileNameWithoutExtension(library);
        var start = Path.GetDirectoryName(Path.GetFullPath(library, Path.GetDirectoryName(Path.GetFullPath(notebook))!));
        for (var at = start; at is not null; at = Path.GetDirectoryName(at))
        {
            var project = Path.Combine(at, "src", name, name + ".csproj");
            if (File.Exists(project))
            {
                return Path.GetRelativePath(folder, project);
            }
        }

        throw new NotebookException(
            $"{notebook}, cell {cell.Number}: a file-based app cannot reference \"{library}\", and no folder above it has src/{name}/{name}.csproj. Use #r \"nuget:{name}\".");
    }

    [GeneratedRegex("""^[\w.-]+\z""")]
    private static partial Regex NamePattern();
}
