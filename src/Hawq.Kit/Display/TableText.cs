using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Data.Analysis;

namespace Hawq.Kit;

/// <summary>A DataFrame as an accessible HTML table and as aligned text, in invariant culture.</summary>
internal static class TableText
{
    private const int MostRows = 100;

    // In the elements, since plain pages and mails have no style sheet for tables. Colours are the page's own, light or dark.
    private const string TableStyle = "border-collapse:collapse;margin:.5em 0 1em;font-variant-numeric:tabular-nums";
    private const string CaptionStyle = "text-align:left;padding:.25em .75em;caption-side:top";
    private const string HeadStyle = "padding:.25em .75em;vertical-align:bottom;border-bottom:1px solid rgba(128,128,128,.6)";
    private const string CellStyle = "padding:.25em .75em";

    public static string Html(DataFrame frame)
    {
        var html = new StringBuilder($"<table class=\"hawq-table\" style=\"{TableStyle}\">");
        if (Caption.Of(frame) is { } caption)
        {
            html.Append(CultureInfo.InvariantCulture, $"<caption style=\"{CaptionStyle}\">{WebUtility.HtmlEncode(caption)}</caption>");
        }

        html.Append("<thead><tr>");
        foreach (var column in frame.Columns)
        {
            html.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\" style=\"text-align:{Side(column)};{HeadStyle}\">{WebUtility.HtmlEncode(column.Name)}</th>");
        }

        html.Append("</tr></thead><tbody>");
        for (long row = 0; row < Math.Min(frame.Rows.Count, MostRows); row++)
        {
            html.Append("<tr>");
            foreach (var column in frame.Columns)
            {
                html.Append(CultureInfo.InvariantCulture, $"<td style=\"text-align:{Side(column)};{CellStyle}\">{Linked(WebUtility.HtmlEncode(Cell(column[row])), TableLinks.Of(frame, column.Name, row))}</td>");
            }

            html.Append("</tr>");
        }

        html.Append("</tbody></table>");
        return html.Append(Note(frame) is { } note ? $"<p>{note}</p>" : "").ToString();
    }

    public static string Plain(DataFrame frame)
    {
        var rows = (int)Math.Min(frame.Rows.Count, MostRows);
        var columns = frame.Columns.Select(column => new[] { column.Name }.Concat(Enumerable.Range(0, rows).Select(row => Cell(column[row]))).ToArray()).ToList();
        var widths = columns.Select(column => column.Max(cell => cell.Length)).ToList();
        var lines = Enumerable.Range(0, rows + 1).Select(row => string.Join("  ", columns.Select((column, k) =>
            Side(frame.Columns[k]) == "right" ? column[row].PadLeft(widths[k]) : column[row].PadRight(widths[k]))).TrimEnd());
        lines = Caption.Of(frame) is { } caption ? lines.Prepend(caption) : lines;
        return string.Join('\n', Note(frame) is { } note ? lines.Append(note) : lines);
    }

    private static string Linked(string html, string? target) => target is null ? html : $"<a href=\"{WebUtility.HtmlEncode(target)}\">{html}</a>";

    private static string? Note(DataFrame frame) =>
        frame.Rows.Count > MostRows ? $"The first {MostRows} of {frame.Rows.Count} rows." : null;

    private static string Side(DataFrameColumn column) => column.DataType == typeof(string) ? "left" : "right";

    /// <summary>Whole numbers in all their digits, others with four; without an exponent from a thousandth to a million.</summary>
    private static string Format(double number) => Math.Abs(number) switch
    {
        var size when size == Math.Floor(size) && size < 1e9 => "0",
        < 0.001 or >= 999_999.5 => "0.00E+0",
        >= 999.95 => "0",
        _ => "G4",
    };

    private static string Cell(object? value) => value switch
    {
        null => "",
        double number when double.IsNaN(number) => "–",
        double number => number.ToString(Format(number), CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
