using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hawq.Notebooks;

/// <summary>
/// A notebook as one C# file for <c>dotnet run file.cs</c>: references become <c>#:project</c> and <c>#:package</c> lines, usings
/// move up, types move down, and a cell's last expression is shown as text.
/// </summary>
internal static partial class FileBasedApp
{
    private static readonly CSharpParseOptions Script = new(LanguageVersion.CSharp14, kind: SourceCodeKind.Script);

    /// <summary>What a notebook has without asking and an app has not.</summary>
    private static readonly string[] Imports = ["using System.Collections;", "using System.Text;"];

    /// <summary>The app's code.</summary>
    /// <param name="notebook">The notebook.</param>
    /// <param name="folder">Where the app will lie.</param>
    /// <exception cref="NotebookException">A referenced library has no project beside it, or a cell uses a directive that an app cannot have.</exception>
    public static string Of(NotebookFile notebook, string folder)
    {
        var (heads, usings, body, types) = (new SortedSet<string>(StringComparer.Ordinal), new SortedSet<string>(Imports, StringComparer.Ordinal), new StringBuilder(), new StringBuilder());
        foreach (var cell in notebook.Cells)
        {
            if (!cell.IsCode)
            {
                Comment(body, cell.Source);
            }
            else if (cell.Language == "csharp")
            {
                Add(cell, notebook.Path, folder, heads, usings, body, types);
            }
        }

        return $"""
            // Made of {Path.GetFileName(notebook.Path)} by hawq convert; run it with dotnet run.
            {string.Join('\n', heads)}
            #:property PublishAot=false
            #:property TreatWarningsAsErrors=false
            #:property RunAnalyzers=false
            #:property EnforceCodeStyleInBuild=false
            #:property GenerateDocumentationFile=false
            #:property NoWarn=CS8321;CS1591;CA2255
            {string.Join('\n', usings)}

            Environment.CurrentDirectory = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;

            {body}
            static void display(object? value) => Console.WriteLine(value is null ? "null" : {(KnowsKit(heads) ? "Hawq.Kit.Notebook.TextOf(value)" : "value.ToString()")});

            {types}
            """;
    }

    /// <summary>The kit knows how its tables and charts read as text.</summary>
    private static bool KnowsKit(IEnumerable<string> heads) => heads.Any(head => head.Contains("Hawq.Kit", StringComparison.Ordinal));

    private static void Add(
        NotebookCell cell, string path, string folder, SortedSet<string> heads, SortedSet<string> usings, StringBuilder body, StringBuilder types)
    {
        var code = new StringBuilder();
        foreach (var line in cell.Source.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n'))
        {
            if (Head(line, cell, path, folder) is not { } head)
            {
                code.AppendLine(line);
            }
            else if (head.Length > 0)
            {
                heads.Add(head);
            }
        }

        var root = (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(code.ToString(), Script).GetRoot();
        foreach (var directive in root.Usings)
        {
            usings.Add(directive.ToString());
        }

        foreach (var member in root.Members)
        {
            var isShown = member is GlobalStatementSyntax { Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } };
            (member is BaseTypeDeclarationSyntax ? types : body).AppendLine(
                isShown ? $"display({member.ToString().Trim()});" : member.ToFullString().Trim('\n', '\r'));
        }

        body.AppendLine();
    }

    /// <summary>What a directive becomes at the app's head; nothing if it has no use there; null for a line that is none.</summary>
    private static string? Head(string line, NotebookCell cell, string path, string folder)
    {
        var text = line.Trim();
        var package = PackagePattern().Match(text);
        if (package.Success)
        {
            var version = package.Groups["version"].Value;
            return $"#:package {package.Groups["name"].Value}{(version.Length > 0 ? "@" + version : "@*")}";
        }

        var library = LibraryPattern().Match(text);
        return library.Success ? $"#:project {Project(library.Groups["path"].Value, path, folder)}"
            : text is "#!csharp" or "#!time" ? ""
            : text.StartsWith('#') && !text.StartsWith("#region", StringComparison.Ordinal) && !text.StartsWith("#endregion", StringComparison.Ordinal)
                ? throw new NotebookException($"{path}, cell {cell.Number}: \"{text}\" has no counterpart in a file-based app; #r, #!time and #!csharp have.")
                : null;
    }

    /// <summary>The project that makes a library: src/NAME/NAME.csproj in a folder above it.</summary>
    private static string Project(string library, string notebook, string folder)
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
            $"{notebook}: a file-based app cannot reference \"{library}\", and no folder above it has src/{name}/{name}.csproj. Use #r \"nuget:{name}\".");
    }

    private static void Comment(StringBuilder body, string text)
    {
        foreach (var line in text.Split('\n'))
        {
            body.AppendLine(("// " + line).TrimEnd());
        }

        body.AppendLine();
    }

    [GeneratedRegex("""^#r\s+"nuget:\s*(?<name>[\w.-]+)\s*(?:,\s*(?<version>[\w.-]+)\s*)?"$""")]
    private static partial Regex PackagePattern();

    [GeneratedRegex("""^#r\s+"(?<path>[^"]+\.dll)"$""")]
    private static partial Regex LibraryPattern();
}
