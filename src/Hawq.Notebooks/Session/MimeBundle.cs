using Microsoft.DotNet.Interactive.Formatting;

namespace Hawq.Notebooks;

/// <summary>Formats a value for display: its preferred MIME types, and always text/plain.</summary>
internal static class MimeBundle
{
    private const string Plain = "text/plain";

    public static IReadOnlyDictionary<string, string> Of(object? value)
    {
        switch (value)
        {
            case IReadOnlyDictionary<string, string> contents:
                return contents;
            case string text:
                return new Dictionary<string, string> { [Plain] = text };
            case null:
                return new Dictionary<string, string> { [Plain] = "null" };
        }

        var types = Formatter.GetPreferredMimeTypesFor(value.GetType()).Append(Plain).Distinct();
        return types.ToDictionary(type => type, type => value.ToDisplayString(type));
    }
}
