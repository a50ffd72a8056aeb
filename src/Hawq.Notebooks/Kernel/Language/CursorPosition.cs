namespace Hawq.Notebooks;

/// <summary>Jupyter counts characters as Unicode code points, C# as UTF-16 units.</summary>
internal static class CursorPosition
{
    /// <summary>Place in a C# string of the place that Jupyter names; kept inside the text.</summary>
    public static int FromJupyter(string text, int position)
    {
        var at = 0;
        for (var left = position; left > 0 && at < text.Length; left--)
        {
            at += char.IsSurrogatePair(text, at) ? 2 : 1;
        }

        return at;
    }

    /// <summary>Place for Jupyter of a place in a C# string.</summary>
    public static int ToJupyter(string text, int position) => text.AsSpan(0, position).ToString().EnumerateRunes().Count();
}
