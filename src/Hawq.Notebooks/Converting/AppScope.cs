using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hawq.Notebooks;

/// <summary>
/// The names that a notebook's cells declare. Each cell may declare a name of an earlier one anew, and a loop a variable of a cell's name;
/// an app has one scope for all of them, in which the compiler refuses both.
/// </summary>
/// <remarks>Parameters and variables of functions, lambdas and types may have any name in an app too.</remarks>
internal sealed class AppScope
{
    private readonly Dictionary<string, int> _types = [];
    private readonly Dictionary<string, int> _names = []; // of variables and functions; by name, the first cell that declares it
    private readonly List<(string Name, int Cell)> _inner = []; // of variables in blocks
    private readonly List<(string Name, int First, int Second)> _clashes = [];

    /// <summary>Takes in a cell.</summary>
    /// <param name="cell">Its number.</param>
    /// <param name="members">What it consists of.</param>
    public void Add(int cell, IEnumerable<MemberDeclarationSyntax> members)
    {
        foreach (var member in members)
        {
            switch (member)
            {
                case BaseTypeDeclarationSyntax type:
                    Declare(_types, type.Identifier.ValueText, cell);
                    break;
                case DelegateDeclarationSyntax type:
                    Declare(_types, type.Identifier.ValueText, cell);
                    break;
                case MethodDeclarationSyntax method:
                    Declare(_names, method.Identifier.ValueText, cell);
                    break;
                default:
                    AddVariables(cell, member);
                    break;
            }
        }
    }

    /// <summary>Refuses names that are declared twice.</summary>
    /// <param name="notebook">The notebook's path, for the message.</param>
    /// <exception cref="NotebookException">There are some.</exception>
    public void Check(string notebook)
    {
        var inner = _inner.Where(one => _names.ContainsKey(one.Name))
            .Select(one => (one.Name, First: Math.Min(one.Cell, _names[one.Name]), Second: Math.Max(one.Cell, _names[one.Name])));
        var lines = _clashes.Concat(inner).Distinct().OrderBy(clash => clash.Second)
            .Select(clash => $"{notebook}: cell {clash.Second} declares {clash.Name}{(clash.First == clash.Second ? " twice" : $", as cell {clash.First} does")}; an app has one scope. Rename one.")
            .ToList();
        if (lines.Count > 0)
        {
            throw new NotebookException(string.Join('\n', lines));
        }
    }

    private void Declare(Dictionary<string, int> names, string name, int cell)
    {
        if (!names.TryAdd(name, cell))
        {
            _clashes.Add((name, names[name], cell));
        }
    }

    private void AddVariables(int cell, MemberDeclarationSyntax member)
    {
        foreach (var node in member.DescendantNodes(at => at is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax)))
        {
            if (NameOf(node) is not { Length: > 0 } name)
            {
                continue;
            }

            if (IsOuter(node))
            {
                Declare(_names, name, cell);
            }
            else
            {
                _inner.Add((name, cell));
            }
        }
    }

    private static string? NameOf(SyntaxNode node) => node switch
    {
        VariableDeclaratorSyntax variable => variable.Identifier.ValueText,
        SingleVariableDesignationSyntax variable => variable.Identifier.ValueText,
        ForEachStatementSyntax loop => loop.Identifier.ValueText,
        CatchDeclarationSyntax handler => handler.Identifier.ValueText,
        LocalFunctionStatementSyntax function => function.Identifier.ValueText,
        _ => null,
    };

    /// <summary>Whether a variable is the cell's: neither a block's, nor a loop's, nor of one case.</summary>
    private static bool IsOuter(SyntaxNode node)
    {
        var scope = node.AncestorsAndSelf().First(at => at is StatementSyntax or SwitchExpressionArmSyntax or MemberDeclarationSyntax);
        return scope is FieldDeclarationSyntax
            || (scope is ExpressionStatementSyntax or IfStatementSyntax or LocalDeclarationStatementSyntax && scope.Parent is GlobalStatementSyntax);
    }
}
