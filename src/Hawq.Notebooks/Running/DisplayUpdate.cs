using System.Globalization;
using System.Text.RegularExpressions;

namespace Hawq.Notebooks;

/// <summary>What a display of a cell now shows, as text.</summary>
/// <param name="Id">Which display.</param>
/// <param name="Text">Its plain text.</param>
internal sealed partial record DisplayUpdate(string Id, string Text)
{
    /// <summary>Its first line.</summary>
    public string Line => Text.Split('\n')[0];

    /// <summary>Title, share and the rest of the kit's progress bars, "title: 40 % (the rest)"; of other displays the line alone.</summary>
    public (string Title, double? Percent, string Doing) Parts() => BarPattern().Match(Line) is { Success: true } bar
        ? (bar.Groups["title"].Value, double.Parse(bar.Groups["percent"].Value, CultureInfo.InvariantCulture), bar.Groups["rest"].Value)
        : (Line, null, "");

    [GeneratedRegex(@"^(?<title>.*): (?<percent>\d+) % \((?<rest>.*)\)$")]
    private static partial Regex BarPattern();
}
