using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;

namespace Hawq.Notebooks;

/// <summary>Answers <c>complete_request</c>: names that may stand at the cursor, with kind and signature.</summary>
internal static class Completion
{
    /// <summary>Names that begin as the word before the cursor does.</summary>
    public static JsonObject Answer(string code, int cursor, NotebookSession session)
    {
        var position = CursorPosition.FromJupyter(code, cursor);
        var start = position;
        while (start > 0 && (char.IsLetterOrDigit(code[start - 1]) || code[start - 1] == '_'))
        {
            start--;
        }

        var (from, to, word) = (CursorPosition.ToJupyter(code, start), CursorPosition.ToJupyter(code, position), code[start..position]);
        var found = Find(ScriptProbe.Of(code, session), start, word);
        return new JsonObject
        {
            ["status"] = "ok",
            ["matches"] = new JsonArray([.. found.Select(item => (JsonNode)item.Name)]),
            ["cursor_start"] = from,
            ["cursor_end"] = to,
            ["metadata"] = new JsonObject
            {
                ["_jupyter_types_experimental"] = new JsonArray([.. found.Select(item => new JsonObject
                {
                    ["text"] = item.Name,
                    ["type"] = item.Kind,
                    ["signature"] = item.Signature,
                    ["start"] = from,
                    ["end"] = to,
                })]),
            },
        };
    }

    private static List<(string Name, string Kind, string Signature)> Find(ScriptProbe probe, int start, string word)
    {
        if (probe.IsProse(start))
        {
            return [];
        }

        var scope = CompletionScope.At(probe, start);
        var names = scope.Symbols
            .Where(symbol => symbol.CanBeReferencedByName && Begins(symbol.Name, word) && !IsHidden(symbol))
            .GroupBy(symbol => symbol.Name)
            .Select(same => (same.Key, Kind(same.First()), Signature([.. same])));
        return [.. names.Concat(scope.Words.Where(name => Begins(name, word)).Select(name => (name, "keyword", "")))
            .DistinctBy(item => item.Item1)
            .OrderByDescending(item => item.Item1.StartsWith(word, StringComparison.Ordinal))
            .ThenBy(item => item.Item1, StringComparer.OrdinalIgnoreCase)];
    }

    private static bool Begins(string name, string word) => name.StartsWith(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>Members that their authors hide from editors.</summary>
    private static bool IsHidden(ISymbol symbol) => symbol.GetAttributes().Any(attribute =>
        attribute.AttributeClass?.Name == "EditorBrowsableAttribute" && attribute.ConstructorArguments is [{ Value: 1 }]);

    private static string Signature(IReadOnlyList<ISymbol> overloads)
    {
        var first = SymbolText.Signature(overloads[0]);
        return overloads[0] is IMethodSymbol && overloads.Count > 1 ? $"{first} (+ {overloads.Count - 1} overloads)" : first;
    }

    private static string Kind(ISymbol symbol) => symbol switch
    {
        IMethodSymbol => "function",
        IPropertySymbol => "property",
        INamespaceSymbol => "module",
        INamedTypeSymbol { TypeKind: TypeKind.Enum } => "enum",
        INamedTypeSymbol { TypeKind: TypeKind.Interface } => "interface",
        ITypeSymbol => "class",
        _ => "instance",
    };
}
