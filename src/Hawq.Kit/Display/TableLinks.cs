using System.Runtime.CompilerServices;
using Microsoft.Data.Analysis;

namespace Hawq.Kit;

/// <summary>Makes the words of a table's column links, which <see cref="DataFrame"/> has no place for.</summary>
public static class TableLinks
{
    private static readonly ConditionalWeakTable<DataFrame, Dictionary<string, IReadOnlyList<string?>>> Links = [];

    /// <summary>Links each word of a column to a file or page; notebooks show links, text shows the words alone.</summary>
    /// <param name="frame">The table; the same one is returned.</param>
    /// <param name="column">Name of the column.</param>
    /// <param name="targets">A relative path or an http address a row; <see langword="null"/> for none.</param>
    /// <exception cref="ArgumentException">There is no such column, the number of targets is not that of the rows, or one is neither a relative path nor an http address.</exception>
    public static DataFrame WithLinks(this DataFrame frame, string column, IEnumerable<string?> targets)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(targets);
        var list = targets.ToList();
        if (frame.Columns.All(other => other.Name != column))
        {
            throw new ArgumentException($"Received column \"{column}\"; expected one of {string.Join(", ", frame.Columns.Select(other => other.Name))}.", nameof(column));
        }

        if (list.Count != frame.Rows.Count)
        {
            throw new ArgumentException($"Received {list.Count} links; expected {frame.Rows.Count}, one a row, null where there is none.", nameof(targets));
        }

        if (list.FirstOrDefault(target => target is not null && !IsLink(target)) is { } wrong)
        {
            throw new ArgumentException($"Received the link \"{wrong}\"; expected a relative path with / or an address that starts with https:// or http://.", nameof(targets));
        }

        Links.GetOrCreateValue(frame)[column] = list;
        return frame;
    }

    /// <summary>Where a cell links to, or <see langword="null"/>.</summary>
    internal static string? Of(DataFrame frame, string column, long row) =>
        Links.TryGetValue(frame, out var columns) && columns.TryGetValue(column, out var targets) && row < targets.Count ? targets[(int)row] : null;

    /// <summary>Other schemes, as javascript:, would be run by the reader's browser.</summary>
    private static bool IsLink(string target) =>
        target.StartsWith("https://", StringComparison.Ordinal) || target.StartsWith("http://", StringComparison.Ordinal) ||
        (target.Length > 0 && target[0] is not '/' and not '\\' && !target.Contains(':', StringComparison.Ordinal));
}
