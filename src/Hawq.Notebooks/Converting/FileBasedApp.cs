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
internal sealed partial class FileBasedApp
{
    private static readonly CSharpParseOptions Script = new(LanguageVersion.CSharp14, kind: SourceCodeKind.Script);

    /// <summary>What a notebook has without asking and an app has not.</summary>
    private static readonly string[] Imports = ["using System.Collections;", "using System.Text;"];

    private readonly NotebookFile _notebook;
    private readonly string _folder;
    private readonly SortedSet<string> _heads = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _usings = new(Imports, StringComparer.Ordinal);
    private readonly StringBuilder _body = new();
    private readonly StringBuilder _types = new();

    private FileBasedApp(NotebookFile notebook, string folder) => (_notebook, _folder) = (notebook, folder);

    /// <summary>The app's code.</summary>
    /// <param name="notebook">The notebook.</param>
    /// <param name="folder">Where the app will lie.</param>
    /// <exception cref="NotebookException">A referenced library has no project beside it, or a cell uses a directive that an app cannot have.</exception>
    public static string Of(NotebookFile notebook, string folder)
    {
        var app = new FileBasedApp(notebook, folder);
        foreach (var cell in notebook.Cells)
        {
            if (!cell.IsCode)
            {
                app.Comment(cell.Source);
            }
            else if (cell.Language == "csharp")
            {
                app.Add(cell);
            }
        }

        return app.Code();
    }

    private string Code()
    {
        var text = KnowsKit ? "Hawq.Kit.Notebook.TextOf(value)" : "value.ToString()";
        return $"""
            // Made of {Path.GetFileName(_notebook.Path)} by hawq convert; run it with dotnet run.
            {string.Join('\n', _heads)}
            #:property PublishAot=false
            #:property TreatWarningsAsErrors=false
            #:property RunAnalyzers=false
            #:property EnforceCodeStyleInBuild=false
            #:property GenerateDocumentationFile=false
            #:property NoWarn=CS8321;CS1591;CA2255
            {string.Join('\n', _usings)}

            Environment.CurrentDirectory = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;

            {_body}
            static void display(object? value) => Console.WriteLine(value is null ? "null" : {text});

            {_types}
            """;
    }

    /// <summary>The kit knows how its tables and charts read as text.</summary>
    private bool KnowsKit => _heads.Any(head => head.Contains("Hawq.Kit", StringComparison.Ordinal));

    private void Add(NotebookCell cell)
    {
        var code = new StringBuilder();
        foreach (var line in cell.Source.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n'))
        {
            if (Head(line, cell) is not { } head)
            {
                code.AppendLine(line);
            }
            else if (head.Length > 0)
            {
                _heads.Add(head);
            }
        }

        var root = (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(code.ToString(), Script).GetRoot();
        foreach (var directive in root.Usings)
        {
            _usings.Add(directive.ToString());
        }

        foreach (var member in root.Members)
        {
            var isShown = member is GlobalStatementSyntax { Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } };
            (member is BaseTypeDeclarationSyntax ? _types : _body).AppendLine(
                isShown ? $"display({member.ToString().Trim()});" : member.ToFullString().Trim('\n', '\r'));
        }

        _body.AppendLine();
    }

    /// <summary>What a directive becomes at the app's head; nothing if it has no use there; null for a line that is none.</summary>
    private string? Head(string line, NotebookCell cell)
    {
        var directive = CellDirective.Of(line);
        return directive switch
        {
            { Kind: DirectiveKind.Package } when IsNamed(directive) =>
                $"#:package {directive.Target}@{(directive.Version.Length > 0 ? directive.Version : "*")}",
            { Kind: DirectiveKind.Library } => $"#:project {Project(directive.Target)}",
            { Kind: DirectiveKind.Language or DirectiveKind.Time } => "",
            null when !line.TrimStart().StartsWith('#') || RegionPattern().IsMatch(line) => null,
            _ => throw new NotebookException(
                $"{_notebook.Path}, cell {cell.Number}: \"{line.Trim()}\" has no counterpart in a file-based app; #r, #!time and #!csharp have."),
        };
    }

    private static bool IsNamed(CellDirective package) => NamePattern().IsMatch(package.Target) && (package.Version.Length == 0 || NamePattern().IsMatch(package.Version));

    /// <summary>The project that makes a library: src/NAME/NAME.csproj in a folder above it.</summary>
    private string Project(string library)
    {
        var name = Path.GetFileNameWithoutExtension(library);
        var start = Path.GetDirectoryName(Path.GetFullPath(library, Path.GetDirectoryName(Path.GetFullPath(_notebook.Path))!));
        for (var at = start; at is not null; at = Path.GetDirectoryName(at))
        {
            var project = Path.Combine(at, "src", name, name + ".csproj");
            if (File.Exists(project))
            {
                return Path.GetRelativePath(_folder, project);
            }
        }

        throw new NotebookException(
            $"{_notebook.Path}: a file-based app cannot reference \"{library}\", and no folder above it has src/{name}/{name}.csproj. Use #r \"nuget:{name}\".");
    }

    private void Comment(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            _body.AppendLine(("// " + line).TrimEnd());
        }

        _body.AppendLine();
    }

    [GeneratedRegex("""^[\w.-]+\z""")]
    private static partial Regex NamePattern();

    [GeneratedRegex("""^\s*#(?:end)?region\b""")]
    private static partial Regex RegionPattern();
}
