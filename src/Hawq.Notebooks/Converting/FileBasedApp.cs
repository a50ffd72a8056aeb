using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hawq.Notebooks;

/// <summary>
/// A notebook as one C# file for <c>dotnet run file.cs</c>: references become <c>#:project</c> and <c>#:package</c> lines, usings
/// move up, types move down, and a cell's last expression is shown as text.
/// </summary>
internal sealed class FileBasedApp
{
    /// <summary>What a notebook has without asking and an app has not.</summary>
    private static readonly string[] Imports = ["using System.Collections;", "using System.Text;"];

    private readonly NotebookFile _notebook;
    private readonly AppHeads _heads;
    private readonly AppScope _scope = new();
    private readonly SortedSet<string> _usings = new(Imports, StringComparer.Ordinal);
    private readonly StringBuilder _body = new();
    private readonly StringBuilder _types = new();

    private FileBasedApp(NotebookFile notebook, string folder) => (_notebook, _heads) = (notebook, new AppHeads(notebook.Path, folder));

    /// <summary>The app's code.</summary>
    /// <param name="notebook">The notebook.</param>
    /// <param name="folder">Where the app will lie.</param>
    /// <exception cref="NotebookException">
    /// The notebook is not all C#, a referenced library has no project beside it, a cell uses what an app cannot have, or two declare one name.
    /// </exception>
    public static string Of(NotebookFile notebook, string folder)
    {
        notebook.RequireCSharp();
        var app = new FileBasedApp(notebook, folder);
        foreach (var cell in notebook.Cells)
        {
            if (cell.IsCode)
            {
                app.Add(cell);
            }
            else
            {
                app.Comment(cell.Source);
            }
        }

        app._scope.Check(notebook.Path);
        return app.Code();
    }

    private string Code()
    {
        // The kit knows how its tables and charts read as text. From the root: a cell may have given the name Hawq to something of its own.
        var text = _heads.KnowKit ? "global::Hawq.Kit.Notebook.TextOf(value)" : "value.ToString()";
        return $"""
            // Made of {Path.GetFileName(_notebook.Path)} by hawq convert; run it with dotnet run.
            {string.Join('\n', _heads.Lines)}
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

    private void Add(NotebookCell cell)
    {
        var source = cell.Source.Replace("\r\n", "\n", StringComparison.Ordinal);
        foreach (var (_, directive) in CellDirective.In(source))
        {
            _heads.Add(directive, cell);
        }

        var root = CellSyntax.Root(source);
        root = root.ReplaceTrivia(root.DescendantTrivia().Where(IsLeftOut), (_, _) => default);
        _scope.Add(cell.Number, root.Members);
        foreach (var directive in root.Usings)
        {
            _usings.Add(directive.ToString());
        }

        foreach (var member in root.Members)
        {
            (IsType(member) ? _types : _body).AppendLine(Text(member, cell).Trim('\n', '\r'));
        }

        if (root.EndOfFileToken.LeadingTrivia.ToFullString().Trim() is { Length: > 0 } end)
        {
            _body.AppendLine(end);
        }

        _body.AppendLine();
    }

    /// <summary>
    /// Directives that say something of a whole cell, whose parts here go apart. A notebook defines no symbols, so what <c>#if</c> leaves
    /// out of a cell stays out. <c>#pragma</c> and <c>#nullable</c> go where their code goes.
    /// </summary>
    private static bool IsLeftOut(SyntaxTrivia trivia) => trivia.IsKind(SyntaxKind.DisabledTextTrivia)
        || (trivia.IsDirective && trivia.Kind() is not (SyntaxKind.PragmaWarningDirectiveTrivia or SyntaxKind.PragmaChecksumDirectiveTrivia or SyntaxKind.NullableDirectiveTrivia));

    /// <summary>What may not stand between statements.</summary>
    private static bool IsType(MemberDeclarationSyntax member) => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax;

    private string Text(MemberDeclarationSyntax member, NotebookCell cell) => member switch
    {
        GlobalStatementSyntax { Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } } => $"{member.GetLeadingTrivia().ToFullString()}display({member});",
        GlobalStatementSyntax or FieldDeclarationSyntax or MethodDeclarationSyntax => member.ToFullString(),
        _ when IsType(member) => member.ToFullString(),
        _ => throw new NotebookException(
            $"{_notebook.Path}, cell {cell.Number}: \"{member.ToString().Split('\n')[0].Trim()}\" has no place in a file-based app; statements, functions and types have. Make it one of these."),
    };

    private void Comment(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            _body.AppendLine(("// " + line).TrimEnd());
        }

        _body.AppendLine();
    }
}
