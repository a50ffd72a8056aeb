using Newtonsoft.Json.Linq;
using Plotly.NET;

namespace Hawq.Kit.Tests.Display;

public class ChartsTests
{
    [Fact]
    public void The_precision_order_begins_with_the_most_sensitive_block()
    {
        var table = SensitivityTable.Of(
            CurvatureMeasure.TopEigenvalue, QuantizationScheme.SymmetricPerChannel, [2, 4],
            new SensitivityRow("flat", 1000, 10, [1, 0.5]), new SensitivityRow("sharp", 100, 5, [2, 0.25]), new SensitivityRow("middle", 100, 2, [1, 0.25]));
        var chart = table.PlotPrecisionOrder();
        ChartHtml.Summary(chart).ShouldContain("S = |λ|/n: 3 points, 0.01 to 0.05");
        var bars = Figure(chart)["data"]!.Single();
        bars["x"]!.Select(x => (string)x!).ShouldBe(["sharp", "middle", "flat"]);
        bars["y"]!.Select(y => (double)y).ShouldBe([0.05, 0.02, 0.01], 1e-12);
    }

    [Fact]
    public void The_frontier_is_a_line_over_kilobytes_with_the_chosen_points_beside_it()
    {
        BitAllocation[] frontier = [Allocation("small", 2, 4), Allocation("large", 8, 0.1)];
        var traces = Figure(frontier.PlotFrontier(frontier[1]))["data"]!.ToList();
        traces.Select(trace => (string)trace["name"]!).ShouldBe(["frontier", "large"]);
        traces[0]["x"]!.Select(x => (double)x).ShouldBe([0.25, 1]);                        // 1,000 weights of 2 and 8 bits
        traces[0]["y"]!.Select(y => (double)y).ShouldBe([4, 0.1]);
        traces[1]["x"]!.Select(x => (double)x).ShouldBe([1]);
    }

    [Fact]
    public void Another_title_leaves_the_axes_and_points()
    {
        var chart = new Axes("Loss", "t", "loss [nat]").PlotLines(Series.Of("a", (0, 1), (1, 2)));
        var before = ChartHtml.Summary(chart);
        before.ShouldStartWith("Chart: Loss (x: t, y: loss [nat])");
        ChartHtml.Summary(chart.Titled("Proxy")).ShouldBe(before.Replace("Chart: Loss", "Chart: Proxy", StringComparison.Ordinal));
        Should.Throw<ArgumentException>(() => chart.Titled(" "));
    }

    /// <summary>As of a network whose weights are not numbers.</summary>
    [Fact]
    public void A_plane_without_a_finite_loss_is_drawn_empty()
    {
        var direction = new LandscapeDirection("random direction 1", 0, 0);
        double[] row = [double.NaN, double.PositiveInfinity, double.NaN];
        var chart = new LandscapeReport([direction, direction], [-1, 0, 1], [row, row, row], double.NaN, 100, "hash", "given numbers", 0, 0).PlotLandscape();
        ChartHtml.Summary(chart).ShouldContain("loss [nat]: 0 points");
        ChartHtml.Of(chart).ShouldContain("<svg role=\"img\"");
    }

    private static BitAllocation Allocation(string name, int bits, double perturbation) => new(
        name, [new BlockAllocation(new Block("a", ["a"], []) { WeightCount = 1000 }, bits, 1, 1, perturbation)], QuantizationScheme.SymmetricPerTensor, 0);

    private static JObject Figure(GenericChart chart) => JObject.Parse(GenericChart.toFigureJson(chart));
}
