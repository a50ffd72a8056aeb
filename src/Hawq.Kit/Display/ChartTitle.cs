using Plotly.NET;

namespace Hawq.Kit;

/// <summary>Says in a chart's title what its numbers are of.</summary>
public static class ChartTitle
{
    /// <summary>The same chart under another title.</summary>
    /// <param name="chart">The chart.</param>
    /// <param name="title">The new title, e.g. with the data set that a proxy was measured on.</param>
    public static GenericChart Titled(this GenericChart chart, string title)
    {
        ArgumentNullException.ThrowIfNull(chart);
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        var layout = new Layout();
        layout.SetProperty("title", new Dictionary<string, object> { ["text"] = title });
        return GenericChart.addLayout(layout, chart);
    }
}
