using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace Hawq.Notebooks;

/// <summary>Finds the documentation of a symbol: in the cell itself, or in the XML file beside an assembly or in the SDK.</summary>
internal static partial class Documentation
{
    /// <summary>Summary, parameters and result as plain text; empty where nothing is documented.</summary>
    public static string Of(ISymbol symbol)
    {
        foreach (var candidate in Chain(symbol))
        {
            var xml = candidate.GetDocumentationCommentXml() is { Length: > 0 } own ? own : FromFiles(candidate);
            if (xml is not null && !xml.Contains("<inheritdoc", StringComparison.Ordinal) && Parse(xml) is { } member)
            {
                return Text(member);
            }
        }

        return "";
    }

    /// <summary>The symbol, then those whose documentation it inherits.</summary>
    private static IEnumerable<ISymbol> Chain(ISymbol symbol)
    {
        var own = symbol is IMethodSymbol method ? (method.ReducedFrom ?? method).OriginalDefinition : symbol.OriginalDefinition;
        var inherited = own.ContainingType?.AllInterfaces
            .SelectMany(type => type.GetMembers(own.Name))
            .Where(member => SymbolEqualityComparer.Default.Equals(own.ContainingType.FindImplementationForInterfaceMember(member), own)) ?? [];
        var overridden = own switch
        {
            IMethodSymbol { OverriddenMethod: { } parent } => parent,
            IPropertySymbol { OverriddenProperty: { } parent } => parent,
            IMethodSymbol { MethodKind: MethodKind.Constructor } constructor => constructor.ContainingType, // as a record's
            _ => (ISymbol?)null,
        };
        return [own, .. overridden is null ? [] : new[] { overridden.OriginalDefinition }, .. inherited.Select(member => member.OriginalDefinition)];
    }

    private static string? FromFiles(ISymbol symbol)
    {
        if (symbol.GetDocumentationCommentId() is not { } id || symbol.ContainingAssembly is not { } assembly)
        {
            return null;
        }

        var loaded = AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(a => !a.IsDynamic && a.GetName().Name == assembly.Name);
        return loaded is null ? null : DocumentationFiles.For(loaded.Location).Select(file => DocumentationFiles.Member(file, id)).FirstOrDefault(found => found is not null);
    }

    private static XElement? Parse(string xml)
    {
        try
        {
            return XElement.Parse(xml);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static string Text(XElement member)
    {
        var lines = new List<string>();
        Add("", member.Element("summary"));
        foreach (var parameter in member.Elements("param"))
        {
            Add($"{parameter.Attribute("name")?.Value}: ", parameter);
        }

        Add("Returns: ", member.Element("returns"));
        Add("Value: ", member.Element("value"));
        foreach (var exception in member.Elements("exception"))
        {
            Add($"Throws {LastName(exception.Attribute("cref")?.Value ?? "")}: ", exception);
        }

        return string.Join('\n', lines);

        void Add(string start, XElement? element)
        {
            if (element is not null && Spaces().Replace(string.Concat(element.Nodes().Select(Plain)), " ").Trim() is { Length: > 0 } text)
            {
                lines.Add(start + text);
            }
        }
    }

    private static string Plain(XNode node) => node switch
    {
        XText text => text.Value,
        XElement element when element.IsEmpty =>
            LastName((element.Attribute("cref") ?? element.Attribute("name") ?? element.Attribute("langword"))?.Value ?? ""),
        XElement element => string.Concat(element.Nodes().Select(Plain)),
        _ => "",
    };

    private static string LastName(string reference) => reference.Split('(')[0].Split('.', ':')[^1].Split('`')[0];

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
