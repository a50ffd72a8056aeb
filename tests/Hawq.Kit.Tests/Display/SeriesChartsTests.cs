using Plotly.NET;

namespace Hawq.Kit.Tests.Display;

public class SeriesChartsTests
{
    [Fact]
    public void Lines_keep_points_names_titles_and_equal_units()
    {
        var axes = new Axes("Level lines", "x [mm]", "y [mm]") { EqualUnits = true };
        var chart = axes.PlotLines(Series.Of("a", (0, 1), (2, 0.5)), Series.Of("b", (0, 3)));
        var json = GenericChart.toFigureJson(chart);
        json.ShouldContain("scaleanchor");
        json.ShouldContain("x [mm]");
        ChartHtml.Summary(chart).ShouldContain("a: 2 points, 0.5 to 1");
        GenericChart.toFigureJson((axes with { EqualUnits = false }).PlotLines(Series.Of("a", (0, 1)))).ShouldNotContain("scaleanchor");
    }

    [Fact]
    public void Equal_units_hold_in_the_static_picture_too()
    {
        var circle = Series.Of("circle", Enumerable.Range(0, 201).Select(k => (Math.Cos(k * Math.PI / 100), Math.Sin(k * Math.PI / 100))));
        var (wide, tall) = Extent(ChartHtml.Of((new Axes("t", "x", "y") { EqualUnits = true }).PlotLines(circle)));
        wide.ShouldBe(tall, 1);
        (wide, tall) = Extent(ChartHtml.Of(new Axes("t", "x", "y").PlotLines(circle)));
        wide.ShouldBeGreaterThan(1.5 * tall);
    }

    [Fact]
    public void Legend_leaves_room_for_signs_that_OxyPlot_takes_for_narrow_ones()
    {
        var (plain, subscripts) = (End("aaaaaaaaaa"), End("‖‖‖‖‖‖‖‖‖‖"));
        subscripts.ShouldBeGreaterThan(plain - 1);

        static double End(string name)
        {
            var html = ChartHtml.Of(new Axes("t", "x", "y").PlotLines(Series.Of(name, (0, 1), (1, 2)), Series.Of("next", (0, 2), (1, 1))));
            var next = System.Text.RegularExpressions.Regex.Match(html, "<text[^>]*translate\\((?<x>[0-9.]+),[^>]*>next");
            var own = System.Text.RegularExpressions.Regex.Match(html, "<text[^>]*translate\\((?<x>[0-9.]+),[^>]*>" + name);
            return Number(next) - Number(own);
        }

        static double Number(System.Text.RegularExpressions.Match match) =>
            double.Parse(match.Groups["x"].Value, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(38)]
    public void Title_of_an_axis_stands_below_its_slanted_names(int length)
    {
        var names = Enumerable.Range(0, 10).Select(k => $"{k}".PadRight(length, 'n')).ToList();
        var html = ChartHtml.Of(new Axes("t", "method", "y").PlotBars(Series.Of("a", names.Select(name => (name, 1.0)))));
        var depth = length * 6.2 * Math.Sin(35 * Math.PI / 180); // a browser's sans-serif at 12 pixels: 6.2 a sign
        Height("method").ShouldBeGreaterThan(Height("0n") + depth);

        double Height(string text) => double.Parse(
            System.Text.RegularExpressions.Regex.Match(html, "<text[^>]*translate\\([0-9.]+,(?<y>[0-9.]+)[^>]*>" + text).Groups["y"].Value,
            System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Bars_stand_over_names() =>
        ChartHtml.Summary(new Axes("t", "block", "|λ|").PlotBars(Series.Of("λ", ("conv1", 2.0), ("linear", 3.0)))).ShouldContain("λ: 2 points, 2 to 3");

    [Fact]
    public void A_chart_without_series_or_with_unpaired_points_is_refused()
    {
        var axes = new Axes("Residuals", "x", "y");
        Should.Throw<ArgumentException>(() => axes.PlotLines()).Message.ShouldContain("Residuals");
        Should.Throw<ArgumentException>(() => axes.PlotBars(new Series("odd", ["a"], [1, 2]))).Message.ShouldContain("\"odd\" has 1 places and 2 heights");
    }

    /// <summary>Width and height of the longest line in the picture.</summary>
    private static (double Wide, double Tall) Extent(string html)
    {
        var points = System.Text.RegularExpressions.Regex.Matches(html, "points=\"(?<p>[^\"]+)\"").Select(match => match.Groups["p"].Value).MaxBy(p => p.Length)!
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Split(',').Select(n => double.Parse(n, System.Globalization.CultureInfo.InvariantCulture)).ToArray()).ToList();
        return (points.Max(p => p[0]) - points.Min(p => p[0]), points.Max(p => p[1]) - points.Min(p => p[1]));
    }
}
