using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Html;

namespace Hawq.Notebooks;

/// <summary>The functions for showing things that .NET Interactive gives each C# cell.</summary>
[SuppressMessage("Style", "IDE1006", Justification = "Names as in .NET Interactive.")]
[SuppressMessage("Naming", "CA1709", Justification = "Names as in .NET Interactive.")]
public static class NotebookVerbs
{
    /// <summary>Shows a value in mid-cell.</summary>
    /// <param name="value">Any value.</param>
    /// <param name="mimeTypes">What it is shown as, for example "text/html"; what suits it if none is given.</param>
    public static DisplayedValue display(object value, params string[] mimeTypes) =>
        new(Host.Display(mimeTypes is { Length: > 0 } ? MimeBundle.As(value, mimeTypes) : value));

    /// <summary>Shows a value in mid-cell.</summary>
    /// <param name="value">Any value.</param>
    /// <param name="mimeTypes">What it is shown as; what suits it if none is given.</param>
    public static DisplayedValue Display(this object value, params string[] mimeTypes) => display(value, mimeTypes);

    /// <summary>Shows a text as a MIME type, for example "text/markdown".</summary>
    /// <param name="value">The text.</param>
    /// <param name="mimeType">The MIME type.</param>
    public static DisplayedValue DisplayAs(this string value, string mimeType) =>
        new(Host.Display(new Dictionary<string, string> { [mimeType] = value }));

    /// <summary>Makes a value that is shown as HTML.</summary>
    /// <param name="content">HTML, not encoded any more.</param>
    public static IHtmlContent HTML(string content) => new HtmlString(content);
}
