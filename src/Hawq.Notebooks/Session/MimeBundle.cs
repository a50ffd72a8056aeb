using Microsoft.DotNet.Interactive.Formatting;

namespace Hawq.Notebooks;

/// <summary>Formats a value for display: its preferred MIME types, and always text/plain.</summary>
internal static class MimeBundle
{
    private const string Plain = "text/plain";

    /// <summary>The contents by MIME type; a dictionary that is such contents already stays as it is.</summary>
    public static IReadOnlyDictionary<string, string> Of(object? value)
    {
        switch (value)
        {
            case IReadOnlyDictionary<string, string> contents when IsBundle(contents):
                return contents;
            case string text:
                return new Dictionary<string, string> { [Plain] = text };
            case null:
                return new Dictionary<string, string> { [Plain] = "null" };
        }

        return As(value, [.. Formatter.GetPreferredMimeTypesFor(value.GetType()).Append(Plain).Distinct()]);
    }

    /// <summary>A value formatted to given MIME types, and to no other.</summary>
    public static IReadOnlyDictionary<string, string> As(object value, IReadOnlyList<string> types) =>
        types.ToDictionary(type => type, type => value.ToDisplayString(type));

    /// <summary>A MIME type has a slash; other dictionaries of texts are values like any.</summary>
    private static bool IsBundle(IReadOnlyDictionary<string, string> contents) => contents.Count > 0 && contents.Keys.All(type => type.Contains('/'));
}
