using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hawq.Notebooks;

/// <summary>What may stand at a place: after a dot the members of what is before it, else all that is in scope.</summary>
/// <param name="Symbols">Symbols.</param>
/// <param name="Words">Keywords and argument names.</param>
internal sealed record CompletionScope(IEnumerable<ISymbol> Symbols, IEnumerable<string> Words)
{
    private static readonly string[] Keywords =
        [.. SyntaxFacts.GetReservedKeywordKinds().Concat(SyntaxFacts.GetContextualKeywordKinds()).Select(SyntaxFacts.GetText)];

    /// <summary>The scope at a place.</summary>
    public static CompletionScope At(ScriptProbe probe, int start)
    {
        var token = probe.TokenBefore(start);
        return token.IsKind(SyntaxKind.DotToken) && token.Parent is { } access
            ? new CompletionScope(Members(probe.Model, start, Owner(access)), [])
            : new CompletionScope(
                Initialized(probe.Model, token).Concat(probe.Model.LookupSymbols(start)),
                [.. ArgumentNames(probe.Model, token), .. Keywords]);
    }

    private static ExpressionSyntax? Owner(SyntaxNode access) => access switch
    {
        MemberAccessExpressionSyntax member => member.Expression,
        QualifiedNameSyntax name => name.Left,
        MemberBindingExpressionSyntax binding => binding.FirstAncestorOrSelf<ConditionalAccessExpressionSyntax>()?.Expression,
        _ => null,
    };

    private static IEnumerable<ISymbol> Members(SemanticModel model, int start, ExpressionSyntax? owner)
    {
        if (owner is null)
        {
            return [];
        }

        var symbol = model.GetSymbolInfo(owner).Symbol ?? model.GetSpeculativeSymbolInfo(start, owner, SpeculativeBindingOption.BindAsExpression).Symbol;
        if (symbol is INamespaceOrTypeSymbol place)
        {
            var types = model.LookupNamespacesAndTypes(start, place);
            return place is INamespaceSymbol ? types : types.Concat(model.LookupStaticMembers(start, place));
        }

        // A name before the next line's word is read as a type of a declaration: then it is bound once more, as an expression.
        var type = model.GetTypeInfo(owner).Type is { TypeKind: not TypeKind.Error } known ? known
            : model.GetSpeculativeTypeInfo(start, owner, SpeculativeBindingOption.BindAsExpression).Type;
        return type is null ? []
            : model.LookupSymbols(start, owner.Parent is ConditionalAccessExpressionSyntax ? Underlying(type) : type, includeReducedExtensionMethods: true)
                .Where(member => !member.IsStatic && member is not ITypeSymbol);
    }

    /// <summary>Behind <c>?.</c> stand the members of T, not of T?.</summary>
    private static ITypeSymbol Underlying(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;

    /// <summary>Properties that an object initializer may set.</summary>
    private static IEnumerable<ISymbol> Initialized(SemanticModel model, SyntaxToken token) =>
        token.Parent is InitializerExpressionSyntax { Parent: BaseObjectCreationExpressionSyntax creation } && model.GetTypeInfo(creation).Type is { } type
            ? type.GetMembers().Where(member => member is IPropertySymbol { IsIndexer: false, SetMethod: not null } or IFieldSymbol { IsReadOnly: false })
            : [];

    private static IEnumerable<string> ArgumentNames(SemanticModel model, SyntaxToken token) =>
        token.Kind() is SyntaxKind.OpenParenToken or SyntaxKind.CommaToken && token.Parent is ArgumentListSyntax { Parent: { } call }
            ? Called(model, call).SelectMany(method => method.Parameters).Select(parameter => parameter.Name + ":").Distinct()
            : [];

    /// <summary>Methods that a call may mean.</summary>
    public static IEnumerable<IMethodSymbol> Called(SemanticModel model, SyntaxNode call)
    {
        var chosen = model.GetSymbolInfo(call);
        var group = call is InvocationExpressionSyntax invocation ? model.GetMemberGroup(invocation.Expression) : model.GetMemberGroup(call);
        return new[] { chosen.Symbol }.Concat(chosen.CandidateSymbols).Concat(group).OfType<IMethodSymbol>().Distinct<IMethodSymbol>(SymbolEqualityComparer.Default);
    }
}
