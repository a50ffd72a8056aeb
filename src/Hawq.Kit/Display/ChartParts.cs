using Plotly.NET;

namespace Hawq.Kit;

/// <summary>Title and axes of a chart; axis titles carry the unit.</summary>
/// <param name="Title">What the chart shows.</param>
/// <param name="X">Title of the axis along.</param>
/// <param name="Y">Title of the axis upwards.</param>
/// <param name="LogY">Whether the axis upwards is logarithmic.</param>
public sealed record Axes(string Title, string X, string Y, bool LogY = false)
{
    /// <summary>Whether a unit is as long along as upwards, so that a circle looks like one; for linear axes of numbers.</summary>
    public bool EqualUnits { get; init; }
}

/// <summary>One line or set of bars in a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="X">Places along x: numbers, or names.</param>
/// <param name="Y">Heights, one a place; a value that is not finite leaves a gap.</param>
/// <param name="Notes">What hovering shows beside the numbers, or <see langword="null"/>.</param>
public sealed record Series(string Name, IReadOnlyList<object> X, IReadOnlyList<double> Y, IReadOnlyList<string>? Notes = null)
{
    /// <summary>A series of points.</summary>
    /// <param name="name">Its name in the legend.</param>
    /// <param name="points">x and y; a y that is not finite leaves a gap.</param>
    public static Series Of(string name, params IEnumerable<(double X, double Y)> points)
    {
        var all = points.ToList();
        return new(name, [.. all.Select(point => (object)point.X)], [.. all.Select(point => point.Y)]);
    }

    /// <summary>A series over names, such as those of blocks.</summary>
    /// <param name="name">Its name in the legend.</param>
    /// <param name="points">Name along x, and y.</param>
    public static Series Of(string name, params IEnumerable<(string X, double Y)> points)
    {
        var all = points.ToList();
        return new(name, [.. all.Select(point => (object)point.X)], [.. all.Select(point => point.Y)]);
    }
}

/// <summary>Charts of one's own numbers, in the style of the reports' charts.</summary>
public static class SeriesCharts
{
    /// <summary>Lines through the points of each series in their order, so that a closed curve may be drawn; marked up to 100 points.</summary>
    /// <param name="axes">Titles.</param>
    /// <param name="series">At least one.</param>
    /// <exception cref="ArgumentException">There is no series, or one has not a height for each place.</exception>
    public static GenericChart PlotLines(this Axes axes, params IReadOnlyList<Series> series) => ChartMaker.Lines(Checked(axes, series), series);

    /// <summary>Bars of each series side by side.</summary>
    /// <param name="axes">Titles.</param>
    /// <param name="series">At least one.</param>
    /// <exception cref="ArgumentException">There is no series, or one has not a height for each place.</exception>
    public static GenericChart PlotBars(this Axes axes, params IReadOnlyList<Series> series) => ChartMaker.Bars(Checked(axes, series), series);

    private static Axes Checked(Axes axes, IReadOnlyList<Series> series)
    {
        ArgumentNullException.ThrowIfNull(axes);
        ArgumentNullException.ThrowIfNull(series);
        if (series.Count == 0)
        {
            throw new ArgumentException($"The chart \"{axes.Title}\" has no series; expected at least one.", nameof(series));
        }

        return series.FirstOrDefault(s => s.X.Count != s.Y.Count) is { } odd
            ? throw new ArgumentException(
                $"Series \"{odd.Name}\" has {odd.X.Count} places and {odd.Y.Count} heights; expected as many. Series.Of(name, points) pairs them.", nameof(series))
            : axes;
    }
}
