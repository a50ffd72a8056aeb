using System.Globalization;
using Newtonsoft.Json.Linq;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Hawq.Kit;

/// <summary>Draws a chart's bars and lines as SVG, for pages that run no scripts.</summary>
internal static class StaticPicture
{
    private const int Width = 760;
    private const int Height = 400;
    private const int MostPoints = 2000;
    private const int MostUpright = 6; // names along the bottom; more are slanted
    private const double Room = 0.04;  // between a point and the frame, as a share of the axis; else half its marker is cut off

    /// <summary>An inline SVG element with the chart's title as its accessible name.</summary>
    /// <param name="figure">The chart as Plotly's JSON: data and layout.</param>
    public static string Svg(JObject figure)
    {
        var layout = (JObject)figure["layout"]!;
        var title = Text(layout["title"]);
        var ink = OxyColor.Parse(Palette.Ink);
        var model = new PlotModel
        {
            Title = title,
            TitleFontSize = 15,
            DefaultFont = "sans-serif",
            TextColor = ink,
            TitleColor = ink,
            PlotAreaBorderColor = ink,
            Background = OxyColors.Undefined,
            PlotType = layout["yaxis"]?["scaleanchor"] is null ? PlotType.XY : PlotType.Cartesian,
            Culture = CultureInfo.InvariantCulture,
            PlotMargins = new OxyThickness(80, double.NaN, 20, 90),
        };
        var traces = figure["data"]!.Children<JObject>().ToList();
        if (traces.Count == 1 && traces[0]["z"] is not null)
        {
            StaticHeatMap.Draw(model, traces[0], layout["scene"] ?? layout, ink);
            return Export(model, title, " shape-rendering=\"crispEdges\""); // else the page shines through between cells
        }

        var names = Names(traces);
        AddAxes(model, traces, layout, names);
        if (traces.Count > 1)
        {
            model.Legends.Add(new Legend
            {
                LegendPlacement = LegendPlacement.Outside,
                LegendPosition = LegendPosition.TopCenter,
                LegendOrientation = LegendOrientation.Horizontal,
                LegendTextColor = ink,
            });
        }

        var bottom = Text(layout["yaxis"]?["type"]) == "log" ? SmallestHeight(traces) / 3 : 0;
        var bars = traces.Count(IsBars); // they stand before the lines
        for (var k = 0; k < traces.Count; k++)
        {
            model.Series.Add(Drawn(traces[k], k, bars, names, bottom));
        }

        return Export(model, title);
    }

    private static void AddAxes(PlotModel model, List<JObject> traces, JObject layout, List<string> names)
    {
        var (along, ink) = (layout["xaxis"], model.TextColor);
        model.PlotMargins = Margins(names);
        model.Axes.Add(names.Count > 0 ? Categories(names, Text(along?["title"]), AxisPosition.Bottom, ink) : Roomy(Numbers(along, AxisPosition.Bottom, ink)));
        model.Axes.Add(Roomy(Numbers(layout["yaxis"], AxisPosition.Left, ink), hasFloor: traces.Exists(IsBars)));
    }

    /// <summary>Room for labels: OxyPlot cannot measure a browser's text. A slanted name needs 4 down and 5 to the left a sign.</summary>
    private static OxyThickness Margins(List<string> names) => AreSlanted(names)
        ? new(Math.Max(80, 5 * names[0].Length), double.NaN, 20, Math.Clamp(50 + (4 * names.Max(name => name.Length)), 90, 200))
        : new(80, double.NaN, 20, 55);

    private static bool AreSlanted(List<string> names) => names.Count > MostUpright || 6 * names.Sum(name => name.Length + 2) > Width - 100;

    private static Axis Roomy(Axis axis, bool hasFloor = false)
    {
        (axis.MinimumPadding, axis.MaximumPadding) = (hasFloor ? 0 : Room, Room);
        return axis;
    }

    private static string Export(PlotModel model, string title, string attributes = "")
    {
        var svg = new SvgExporter { Width = Width, Height = Height, UseVerticalTextAlignmentWorkaround = true }.ExportToString(model);
        return Accessible(svg[svg.IndexOf("<svg", StringComparison.Ordinal)..], title, attributes);
    }

    private static OxyPlot.Series.Series Drawn(JObject trace, int index, int bars, List<string> names, double bottom)
    {
        var points = Points(trace, names);
        return IsBars(trace)
            ? Bars(trace, points, index, bars, bottom)
            : Line(trace, points, index);
    }

    private static bool IsBars(JObject trace) => trace["type"]?.ToString() == "bar";

    private static RectangleBarSeries Bars(JObject trace, List<DataPoint> points, int index, int count, double bottom)
    {
        var bars = new RectangleBarSeries { Title = Padded(Text(trace["name"])), FillColor = Colour(trace, index), StrokeThickness = 0 };
        var width = 0.8 / count;
        foreach (var point in points.Where(p => bottom == 0 || p.Y > 0)) // a logarithmic axis has no place for 0
        {
            var left = point.X - 0.4 + (index * width);
            bars.Items.Add(new RectangleBarItem(left, bottom, left + width, point.Y));
        }

        return bars;
    }

    private static LineSeries Line(JObject trace, List<DataPoint> points, int index)
    {
        var colour = Colour(trace, index);
        var line = new LineSeries
        {
            Title = Padded(Text(trace["name"])),
            Color = colour,
            MarkerType = points.Count <= 100 ? MarkerType.Circle : MarkerType.None,
            MarkerFill = colour,
        };
        line.Points.AddRange(points.Where((_, k) => k % Math.Max(1, points.Count / MostPoints) == 0));
        return line;
    }

    private static OxyColor Colour(JObject trace, int index)
    {
        var given = Text(trace["marker"]?["color"]);
        return OxyColor.Parse(given.StartsWith('#') ? given : Palette.Series[index % Palette.Series.Count]);
    }

    private static List<DataPoint> Points(JObject trace, List<string> names)
    {
        var ys = trace["y"]?.ToList() ?? [];
        var xs = trace["x"]?.ToList() ?? [];
        return [.. ys.Select((y, k) => (Y: Number(y), X: names.Count > 0 ? names.IndexOf(xs[k].ToString()) : k < xs.Count ? Number(xs[k]) : k))
            .Where(p => double.IsFinite(p.Y)).Select(p => new DataPoint(p.X, p.Y))];
    }

    private static double SmallestHeight(List<JObject> traces) =>
        traces.SelectMany(trace => trace["y"]?.Select(Number) ?? []).Where(y => y > 0).DefaultIfEmpty(1).Min();

    internal static double Number(JToken token) => token.Type is JTokenType.Integer or JTokenType.Float ? token.Value<double>() : double.NaN;

    private static List<string> Names(List<JObject> traces) =>
        [.. traces.SelectMany(trace => trace["x"]?.ToList() ?? []).Where(x => x.Type == JTokenType.String).Select(x => x.ToString()).Distinct()];

    internal static Axis Numbers(JToken? axis, AxisPosition position, OxyColor ink)
    {
        Axis made = axis?["type"]?.ToString() == "log" ? new LogarithmicAxis() : new LinearAxis();
        made.Position = position;
        return Styled(made, Text(axis?["title"]), ink);
    }

    internal static Axis Categories(List<string> names, string title, AxisPosition position, OxyColor ink)
    {
        var axis = new CategoryAxis { Position = position, Angle = position == AxisPosition.Bottom && AreSlanted(names) ? -35 : 0 };
        axis.Labels.AddRange(names);
        var deeper = axis.Angle == 0 ? 0 : Math.Max(0, names.Max(name => name.Length + (2 * name.Count(IsWide))) - 9); // long slanted names reach further down than OxyPlot takes them to
        Styled(axis, title, ink).AxisTitleDistance += deeper;
        return axis;
    }

    internal static Axis Styled(Axis axis, string title, OxyColor ink)
    {
        axis.Title = title;
        axis.AxisTitleDistance = axis.Position == AxisPosition.Bottom ? 8 : axis is CategoryAxis ? 60 : 18; // OxyPlot cannot measure a browser's text
        axis.TextColor = axis.TitleColor = axis.TicklineColor = axis.AxislineColor = ink;
        axis.MajorGridlineStyle = axis.Position == AxisPosition.Left ? LineStyle.Solid : LineStyle.None;
        axis.MajorGridlineColor = OxyColor.FromAColor(60, OxyColors.Gray);
        return axis;
    }

    internal static string Text(JToken? title) => (title as JObject)?["text"]?.ToString() ?? title?.ToString() ?? "";

    /// <summary>A name in the legend. OxyPlot takes signs, above all those beyond ASCII, for narrower than they are and would clip the text; a browser drops the blanks.</summary>
    private static string Padded(string name) => name + new string(' ', 4 + (name.Length / 2) + (3 * name.Count(IsWide)));

    private static bool IsWide(char sign) => sign > '~';

    /// <summary>The same picture with a name for those who do not see it.</summary>
    /// <param name="svg">It begins with its tag.</param>
    /// <param name="title">The name.</param>
    /// <param name="attributes">Further attributes of the tag.</param>
    private static string Accessible(string svg, string title, string attributes)
    {
        var name = System.Net.WebUtility.HtmlEncode(title);
        var mark = Fingerprint.Of(svg)[..8]; // clip paths of two charts on a page must not meet
        var own = svg.Replace("id=\"", $"id=\"{mark}", StringComparison.Ordinal).Replace("url(#", $"url(#{mark}", StringComparison.Ordinal);
        return $"<svg role=\"img\" aria-label=\"{name}\" viewBox=\"0 0 {Width} {Height}\"{attributes}{own["<svg".Length..]}";
    }
}
