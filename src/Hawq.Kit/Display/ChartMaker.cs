using Plotly.NET;

namespace Hawq.Kit;

/// <summary>A table of numbers over two axes.</summary>
/// <param name="Name">What the numbers are, with their unit.</param>
/// <param name="X">Places of the columns: numbers, or names.</param>
/// <param name="Y">Places of the rows.</param>
/// <param name="Z">The numbers, a list a row; one that is not finite leaves a gap.</param>
/// <param name="Range">The numbers of the first and last colour, or <see langword="null"/> for the smallest and largest.</param>
internal sealed record Sheet(
    string Name, IReadOnlyList<object> X, IReadOnlyList<object> Y, IReadOnlyList<IReadOnlyList<double>> Z, (double Low, double High)? Range = null);

/// <summary>Builds Plotly.NET charts, hiding what Plotly.NET makes awkward from C#.</summary>
internal static class ChartMaker
{
    private const int Height = 420;

    public static GenericChart Bars(Axes axes, params IReadOnlyList<Series> series) =>
        Make(axes, series.Select((s, k) => Trace("bar", s, k)));

    public static GenericChart Lines(Axes axes, params IReadOnlyList<Series> series) => Make(axes, series.Select(Line));

    /// <summary>Bars with lines over them, such as their mean.</summary>
    public static GenericChart BarsAndLines(Axes axes, IReadOnlyList<Series> bars, IReadOnlyList<Series> lines) =>
        Make(axes, [.. bars.Select((s, k) => Trace("bar", s, k)), .. lines.Select((s, k) => Line(s, bars.Count + k))]);

    /// <summary>A table of numbers as colours.</summary>
    /// <param name="axes">Titles.</param>
    /// <param name="sheet">Places and values.</param>
    public static GenericChart Heat(Axes axes, Sheet sheet) => Make(axes, [Sheeted("heatmap", sheet)]);

    /// <summary>A table of numbers as a surface that can be turned.</summary>
    /// <param name="axes">Titles.</param>
    /// <param name="sheet">Places and values.</param>
    public static GenericChart Surface(Axes axes, Sheet sheet)
    {
        var layout = new Layout();
        layout.SetProperty("scene", new Dictionary<string, object>
        {
            ["xaxis"] = Axis(axes.X, false, Palette.SolidGrid),
            ["yaxis"] = Axis(axes.Y, false, Palette.SolidGrid),
            ["zaxis"] = Axis(sheet.Name, false, Palette.SolidGrid),
            ["camera"] = new Dictionary<string, object> // far enough, and low enough, for the titles of the front axes
            {
                ["eye"] = new Dictionary<string, object> { ["x"] = 1.7, ["y"] = -1.7, ["z"] = 1.1 },
                ["center"] = new Dictionary<string, object> { ["x"] = 0, ["y"] = 0, ["z"] = -0.25 },
            },
        });
        layout.SetProperty("margin", new Dictionary<string, object> { ["l"] = 0, ["r"] = 0, ["t"] = 40, ["b"] = 0 });
        return GenericChart.addLayout(layout, Make(axes, [Sheeted("surface", sheet)]));
    }

    private static Trace Line(Series series, int index)
    {
        var trace = Trace("scatter", series, index);
        trace.SetProperty("mode", series.X.Count > 100 ? "lines" : "lines+markers"); // as the static picture does
        return trace;
    }

    private static Trace Sheeted(string type, Sheet sheet)
    {
        var trace = new Trace(type);
        trace.SetProperty("name", sheet.Name);
        trace.SetProperty("x", sheet.X.ToArray());
        trace.SetProperty("y", sheet.Y.ToArray());
        trace.SetProperty("z", sheet.Z.Select(row => row.Select(z => double.IsFinite(z) ? (object?)z : null).ToArray()).ToArray());
        trace.SetProperty("colorscale", Palette.Heat.Select((colour, k) => new object[] { k / (Palette.Heat.Count - 1.0), colour }).ToArray());
        trace.SetProperty("colorbar", new Dictionary<string, object> { ["title"] = new Dictionary<string, object> { ["text"] = sheet.Name } });
        if (sheet.Range is { } range)
        {
            trace.SetProperty(type == "surface" ? "cmin" : "zmin", range.Low);
            trace.SetProperty(type == "surface" ? "cmax" : "zmax", range.High);
        }

        return trace;
    }

    private static Trace Trace(string type, Series series, int index)
    {
        var trace = new Trace(type);
        trace.SetProperty("name", series.Name);
        trace.SetProperty("x", series.X.ToArray());
        trace.SetProperty("y", series.Y.Select(y => double.IsFinite(y) ? (object?)y : null).ToArray());
        var colour = Palette.Series[index % Palette.Series.Count];
        trace.SetProperty("marker", new Dictionary<string, object> { ["color"] = colour });
        if (type == "scatter")
        {
            trace.SetProperty("line", new Dictionary<string, object> { ["color"] = colour });
        }

        if (series.Notes is not null)
        {
            trace.SetProperty("hovertext", series.Notes.ToArray());
        }

        return trace;
    }

    private static GenericChart Make(Axes axes, IEnumerable<Trace> traces)
    {
        var all = traces.ToList();
        var layout = new Layout();
        layout.SetProperty("title", new Dictionary<string, object> { ["text"] = axes.Title });
        layout.SetProperty("height", Height);
        layout.SetProperty("showlegend", all.Count > 1);
        layout.SetProperty("paper_bgcolor", "rgba(0,0,0,0)");
        layout.SetProperty("plot_bgcolor", "rgba(0,0,0,0)");
        layout.SetProperty("font", new Dictionary<string, object> { ["color"] = Palette.Ink });
        layout.SetProperty("xaxis", Axis(axes.X, false));
        var up = Axis(axes.Y, axes.LogY);
        if (axes.EqualUnits)
        {
            up["scaleanchor"] = "x";
        }

        layout.SetProperty("yaxis", up);
        return GenericChart.setLayout(layout, GenericChart.ofTraceObjects(false, Microsoft.FSharp.Collections.ListModule.OfSeq(all)));
    }

    private static Dictionary<string, object> Axis(string title, bool log, string grid = Palette.Grid) => new()
    {
        ["title"] = new Dictionary<string, object> { ["text"] = title },
        ["type"] = log ? "log" : "-",
        ["gridcolor"] = grid,
        ["zerolinecolor"] = grid, // Plotly's own is nearly black
        ["automargin"] = true,
    };
}
