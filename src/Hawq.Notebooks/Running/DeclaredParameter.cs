using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hawq.Notebooks;

/// <summary>A variable that a cell declares, as <c>-p</c> may set it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, one of <see cref="Types"/>; <see langword="null"/> for another, or for one that cannot be assigned.</param>
/// <param name="Declaration">How it is declared, for messages.</param>
internal sealed record DeclaredParameter(string Name, string? Type, string Declaration)
{
    /// <summary>The types that can be set.</summary>
    public static readonly IReadOnlyList<string> Types = ["string", "bool", "int", "long", "float", "double", "decimal"];

    /// <summary>The variables of a cell, in order.</summary>
    public static IEnumerable<DeclaredParameter> In(string source) =>
        from field in CellSyntax.Root(source).Members.OfType<FieldDeclarationSyntax>()
        from variable in field.Declaration.Variables
        let isFixed = field.Modifiers.Any(modifier => modifier.Kind() is SyntaxKind.ConstKeyword or SyntaxKind.ReadOnlyKeyword)
        let type = field.Declaration.Type
        select new DeclaredParameter(
            variable.Identifier.ValueText,
            isFixed ? null : Known(type, variable.Initializer?.Value),
            string.Join(' ', field.Modifiers.Select(modifier => modifier.Text).Append($"{type} {variable}")));

    private static string? Known(TypeSyntax type, ExpressionSyntax? value) => type switch
    {
        NullableTypeSyntax nullable => Known(nullable.ElementType, null),
        PredefinedTypeSyntax => Types.FirstOrDefault(name => name == type.ToString()),
        IdentifierNameSyntax { Identifier.ValueText: "var" } => OfLiteral(value),
        _ => null,
    };

    private static string? OfLiteral(ExpressionSyntax? value) => value switch
    {
        InterpolatedStringExpressionSyntax => "string",
        LiteralExpressionSyntax literal => NameOf(literal.Token.Value),
        PrefixUnaryExpressionSyntax { Operand: LiteralExpressionSyntax literal } sign when sign.Kind() == SyntaxKind.UnaryMinusExpression => OfNegative(literal.Token.Value),
        _ => null,
    };

    /// <summary>Behind a minus a uint is a long, but for the one that makes the least int.</summary>
    private static string? OfNegative(object? value) => value switch
    {
        2147483648u => "int",
        uint => "long",
        _ => NameOf(value),
    };

    private static string? NameOf(object? value) => value switch
    {
        string => "string",
        bool => "bool",
        int => "int",
        long => "long",
        float => "float",
        double => "double",
        decimal => "decimal",
        _ => null,
    };
}
