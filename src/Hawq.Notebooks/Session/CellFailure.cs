using Microsoft.CodeAnalysis.Scripting;

namespace Hawq.Notebooks;

/// <summary>Why a cell did not run to its end.</summary>
/// <param name="Name">What kind of failure, e.g. the exception's name.</param>
/// <param name="Message">What happened.</param>
/// <param name="Traceback">The lines that help the author of a cell.</param>
internal sealed record CellFailure(string Name, string Message, IReadOnlyList<string> Traceback)
{
    /// <summary>Tells an exception: the errors of the compiler, or the error, then the frames that lie in cells; inner errors follow.</summary>
    public static CellFailure Of(Exception error) => error is CompilationErrorException { Diagnostics: var found }
        ? new("CompilationError", found[0].ToString(), [.. found.Select(diagnostic => diagnostic.ToString())])
        : new(error.GetType().Name, error.Message, Lines(error));

    private static List<string> Lines(Exception error)
    {
        var lines = new List<string> { $"{error.GetType().Name}: {error.Message}" };
        lines.AddRange((error.StackTrace ?? "").Split('\n').Where(line => line.Contains("cell ", StringComparison.Ordinal)).Select(Place));
        if (error.InnerException is { } inner)
        {
            lines.AddRange(Lines(inner).Select(line => "  " + line));
        }

        return lines;
    }

    private static string Place(string frame)
    {
        var at = frame.IndexOf(" in ", StringComparison.Ordinal); // the first: a file's name may hold the word too
        return at < 0 ? frame.Trim() : "  at " + Path.GetFileName(frame[(at + 4)..].Trim());
    }
}
