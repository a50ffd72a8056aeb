using System.Runtime.CompilerServices;
using Microsoft.Data.Analysis;

namespace Hawq.Kit;

/// <summary>Gives tables a caption, which <see cref="DataFrame"/> has no place for.</summary>
public static class Caption
{
    private static readonly ConditionalWeakTable<DataFrame, string> Captions = [];

    /// <summary>Names what a table shows; it stands above it in notebooks and in text.</summary>
    /// <param name="frame">The table; the same one is returned.</param>
    /// <param name="caption">One line.</param>
    public static DataFrame WithCaption(this DataFrame frame, string caption)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentException.ThrowIfNullOrWhiteSpace(caption);
        Captions.AddOrUpdate(frame, caption);
        return frame;
    }

    /// <summary>The caption, or <see langword="null"/>.</summary>
    internal static string? Of(DataFrame frame) => Captions.TryGetValue(frame, out var caption) ? caption : null;
}
