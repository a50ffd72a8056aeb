using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hawq.Notebooks;

/// <summary>A content as files and messages of Jupyter hold it: what stands under a JSON type is the value itself, not its text.</summary>
internal static class MimeContent
{
    /// <summary>Whether a MIME type is one of JSON, as nbformat's schema tells: <c>application/json</c>, and <c>application/…+json</c>.</summary>
    public static bool IsJson(string type) =>
        type == "application/json" || (type.StartsWith("application/", StringComparison.Ordinal) && type.EndsWith("+json", StringComparison.Ordinal));

    /// <summary>The value of a JSON type; of any other the text. A text that is no JSON stays text, so that the user sees what the cell gave.</summary>
    /// <param name="type">The MIME type.</param>
    /// <param name="text">The content's text.</param>
    public static JsonNode? Of(string type, string text)
    {
        try
        {
            return IsJson(type) ? JsonNode.Parse(text) : text;
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
