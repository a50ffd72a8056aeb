using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Hawq.Notebooks;

/// <summary>Answers <c>is_complete_request</c>: whether a console front end should run what was typed or wait for more.</summary>
internal static class Completeness
{
    /// <summary>"complete"; "incomplete", with the next line's indentation; or "invalid", which no further line can mend.</summary>
    public static JsonObject Answer(string code)
    {
        var tree = CellSyntax.Parse(ScriptProbe.Mask(code));
        if (!SyntaxFactory.IsCompleteSubmission(tree))
        {
            return new JsonObject { ["status"] = "incomplete", ["indent"] = Indentation(code) };
        }

        var isWrong = tree.GetDiagnostics().Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        return new JsonObject { ["status"] = isWrong ? "invalid" : "complete" };
    }

    /// <summary>That of the last line, and four spaces more behind an opening bracket.</summary>
    private static string Indentation(string code)
    {
        var line = code.Split('\n')[^1];
        var own = line[..(line.Length - line.TrimStart().Length)];
        return line.TrimEnd() is [.., '{' or '(' or '['] ? own + "    " : own;
    }
}
