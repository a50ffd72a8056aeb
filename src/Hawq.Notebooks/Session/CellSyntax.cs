using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hawq.Notebooks;

/// <summary>A cell's syntax: C# 14 as a script. All that reads it reads it here.</summary>
internal static class CellSyntax
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.CSharp14, kind: SourceCodeKind.Script);

    /// <summary>Reads a cell.</summary>
    public static SyntaxTree Parse(string source) => CSharpSyntaxTree.ParseText(source, Options);

    /// <summary>What a cell consists of.</summary>
    public static CompilationUnitSyntax Root(string source) => (CompilationUnitSyntax)Parse(source).GetRoot();
}
