namespace Hawq.Notebooks;

/// <summary>Turns an exception into the lines that help the author of a cell.</summary>
internal static class CellErrors
{
    /// <summary>The error, then the frames that lie in cells, with their line numbers; inner errors follow.</summary>
    public static IReadOnlyList<string> Traceback(Exception error)
    {
        var lines = new List<string> { $"{error.GetType().Name}: {error.Message}" };
        lines.AddRange((error.StackTrace ?? "").Split('\n').Where(line => line.Contains("cell ", StringComparison.Ordinal)).Select(Place));
        if (error.InnerException is { } inner)
        {
            lines.AddRange(Traceback(inner).Select(line => "  " + line));
        }

        return lines;
    }

    private static string Place(string frame)
    {
        var at = frame.LastIndexOf(" in ", StringComparison.Ordinal);
        return at < 0 ? frame.Trim() : "  at " + Path.GetFileName(frame[(at + 4)..].Trim());
    }
}
