using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hawq.Notebooks;

/// <summary>Answers <c>inspect_request</c>: signature and documentation of what stands at the cursor, or of the call around it.</summary>
internal static class Inspection
{
    private const int MostOverloads = 12;

    /// <summary>The answer.</summary>
    public static JsonObject Answer(string code, int cursor, NotebookSession session)
    {
        var probe = ScriptProbe.Of(code, session);
        var position = CursorPosition.FromJupyter(code, cursor);
        var symbols = probe.IsProse(position) ? [] : At(probe, position);
        var data = symbols.Count == 0 ? [] : new JsonObject { ["text/plain"] = Text(symbols) };
        return new JsonObject { ["status"] = "ok", ["found"] = symbols.Count > 0, ["data"] = data, ["metadata"] = new JsonObject() };
    }

    private static string Text(List<ISymbol> symbols)
    {
        var lines = symbols.Take(MostOverloads).Select(SymbolText.Signature).ToList();
        if (symbols.Count > MostOverloads)
        {
            lines.Add($"… and {symbols.Count - MostOverloads} more");
        }

        return string.Join('\n', lines) + (Documentation.Of(symbols[0]) is { Length: > 0 } documentation ? "\n\n" + documentation : "");
    }

    private static List<ISymbol> At(ScriptProbe probe, int position)
    {
        var word = Word(probe, position);
        if (word.Parent is { } node && Meant(probe.Model, node) is { Count: > 0 } symbols)
        {
            return symbols;
        }

        var call = probe.TokenBefore(position).Parent?.FirstAncestorOrSelf<ArgumentListSyntax>()?.Parent;
        return call is null ? [] : [.. CompletionScope.Called(probe.Model, call)];
    }

    /// <summary>The name or keyword that contains the cursor or touches it.</summary>
    private static SyntaxToken Word(ScriptProbe probe, int position)
    {
        SyntaxToken[] touching = [probe.Root.FindToken(position), probe.TokenBefore(position)];
        return touching.FirstOrDefault(token => token.Span.Start <= position && position <= token.Span.End
            && (token.IsKind(SyntaxKind.IdentifierToken) || SyntaxFacts.IsPredefinedType(token.Kind())));
    }

    private static List<ISymbol> Meant(SemanticModel model, SyntaxNode node)
    {
        var called = node is NameSyntax name ? CallOf(name) : null;
        if (called is not null)
        {
            return [.. CompletionScope.Called(model, called)];
        }

        var found = model.GetSymbolInfo(node);
        var symbol = found.Symbol ?? found.CandidateSymbols.FirstOrDefault() ?? model.GetDeclaredSymbol(node);
        return symbol is not null ? [symbol] : [.. model.GetMemberGroup(node)];
    }

    /// <summary>The call whose method a name names.</summary>
    private static SyntaxNode? CallOf(NameSyntax name)
    {
        SyntaxNode expression = name.Parent is MemberAccessExpressionSyntax access && access.Name == name ? access
            : name.Parent is MemberBindingExpressionSyntax binding ? binding
            : name;
        return expression.Parent switch
        {
            InvocationExpressionSyntax call when call.Expression == expression => call,
            ObjectCreationExpressionSyntax creation when creation.Type == expression => creation,
            _ => null,
        };
    }
}
