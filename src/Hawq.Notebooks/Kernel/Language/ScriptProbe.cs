using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Hawq.Notebooks;

/// <summary>A cell that is still being written, with the meaning that it would have now; it is never run.</summary>
/// <param name="Code">The cell, with directives that the compiler does not know blanked, so that places stay.</param>
/// <param name="Root">Its syntax.</param>
/// <param name="Model">Its meaning, after all cells that ran.</param>
internal sealed record ScriptProbe(string Code, SyntaxNode Root, SemanticModel Model)
{
    /// <summary>Reads a cell.</summary>
    public static ScriptProbe Of(string code, NotebookSession session)
    {
        var masked = Mask(code);
        var compilation = session.Continue(masked, "").GetCompilation();
        var tree = compilation.SyntaxTrees.Last(); // after those of #load
        return new ScriptProbe(masked, tree.GetRoot(), compilation.GetSemanticModel(tree));
    }

    /// <summary>Blanks the notebook's own directives.</summary>
    public static string Mask(string code) => string.Join('\n', code.Split('\n').Select(line => CellDirective.MayBegin(line) ? new string(' ', line.Length) : line));

    /// <summary>The token that ends at a place or spans it.</summary>
    public SyntaxToken TokenBefore(int position) => position == 0 ? default : Root.FindToken(position - 1);

    /// <summary>Whether a place lies in a comment or in a text literal, where nothing has a meaning.</summary>
    public bool IsProse(int position)
    {
        if (position == 0)
        {
            return false;
        }

        var (trivia, token) = (Root.FindTrivia(position - 1), Root.FindToken(position - 1));
        var isComment = trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
            or SyntaxKind.SingleLineDocumentationCommentTrivia or SyntaxKind.MultiLineDocumentationCommentTrivia or SyntaxKind.DisabledTextTrivia;
        var isText = token.Span.Contains(position - 1) && token.Kind() is SyntaxKind.StringLiteralToken or SyntaxKind.CharacterLiteralToken
            or SyntaxKind.InterpolatedStringTextToken or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken;
        return isComment || (isText && !IsEnded(token, position));
    }

    /// <summary>Whether a place is after a literal's closing quote.</summary>
    private static bool IsEnded(SyntaxToken token, int position) =>
        position >= token.Span.End && token.Text.Length > 1 && token.Text[^1] is '"' or '\'' && !token.ContainsDiagnostics;
}
