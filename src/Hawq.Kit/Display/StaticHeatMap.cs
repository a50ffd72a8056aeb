using Newtonsoft.Json.Linq;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Hawq.Kit;

/// <summary>Draws a table of numbers as coloured cells: a heat map as it is, a surface as seen from above.</summary>
internal static class StaticHeatMap
{
    private const int MostLabelled = 12;

    /// <summary>Adds axes, cells and a colour bar to a picture.</summary>
    /// <param name="model">The picture.</param>
    /// <param name="trace">Plotly's heatmap or surface: x, y, and z with a list a row.</param>
    /// <param name="layout">Where the axes' titles stand.</param>
    /// <param name="ink">Colour of axes and text.</param>
    public static void Draw(PlotModel model, JObject trace, JToken layout, OxyColor ink)
    {
        var rows = trace["z"]!.Select(row => row.Select(StaticPicture.Number).ToList()).ToList();
        var cells = new double[rows[0].Count, rows.Count];                                  // OxyPlot wants (x, y)
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows[y].Count; x++)
            {
                cells[x, y] = rows[y][x];
            }
        }

        var (left, right) = Side(model, trace["x"]!, layout["xaxis"], AxisPosition.Bottom, ink);
        var (low, high) = Side(model, trace["y"]!, layout["yaxis"], AxisPosition.Left, ink);
        model.Axes.Add(ColourBar(trace, ink));
        var named = trace["x"]!.First!.Type == JTokenType.String;                         // numbers in cells of a table, not of a landscape
        model.Series.Add(new Cells
        {
            Data = cells,
            X0 = left,
            X1 = right,
            Y0 = low,
            Y1 = high,
            Interpolate = false,
            RenderMethod = HeatMapRenderMethod.Rectangles,
            LabelFontSize = named && rows.Count <= MostLabelled ? 0.3 : 0,                  // in cells
            LabelFormatString = "0.##",
        });
        model.PlotMargins = new OxyThickness(model.PlotMargins.Left + 60, double.NaN, 80, named ? model.PlotMargins.Bottom + 10 : 65);
    }

    private static (double First, double Last) Side(PlotModel model, JToken places, JToken? axis, AxisPosition position, OxyColor ink)
    {
        var named = places.First!.Type == JTokenType.String;
        model.Axes.Add(named
            ? StaticPicture.Categories([.. places.Select(place => place.ToString())], StaticPicture.Text(axis?["title"]), position, ink)
            : StaticPicture.Numbers(axis, position, ink));
        return named ? (0, places.Count() - 1) : (StaticPicture.Number(places.First!), StaticPicture.Number(places.Last!));
    }

    private static Axis ColourBar(JObject trace, OxyColor ink)
    {
        var bar = new LinearColorAxis
        {
            Position = AxisPosition.Right,
            Palette = OxyPalette.Interpolate(60, [.. Palette.Heat.Select(OxyColor.Parse)]),
            InvalidNumberColor = OxyColors.Transparent,
            Minimum = Bound(trace["zmin"] ?? trace["cmin"]),
            Maximum = Bound(trace["zmax"] ?? trace["cmax"]),
        };
        return StaticPicture.Styled(bar, StaticPicture.Text(trace["name"]), ink);
    }

    private static double Bound(JToken? bound) => bound is null ? double.NaN : StaticPicture.Number(bound);

    /// <summary>Cells that leave gaps blank.</summary>
    private sealed class Cells : HeatMapSeries
    {
        protected override string GetLabel(double v, int i, int j) => double.IsFinite(v) ? base.GetLabel(v, i, j) : "";
    }
}
