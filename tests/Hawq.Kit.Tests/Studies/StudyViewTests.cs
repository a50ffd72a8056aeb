using Plotly.NET;

namespace Hawq.Kit.Tests.Studies;

public class StudyViewTests
{
    private static readonly StudyReport Report = new(
        [Row(AllocationRule.Hawq, 1, 90), Row(AllocationRule.Hawq, 2, 92), Row(AllocationRule.UniformBits, 1, 80), Row(AllocationRule.UniformBits, 2, double.NaN)], "first");

    [Fact]
    public void Table_has_a_row_a_cell_and_a_column_an_axis_and_a_number()
    {
        var table = Report.ToDataFrame();
        table.Rows.Count.ShouldBe(4);
        table.Columns.Select(column => column.Name).ShouldBe(
            ["metric", "rule", "budget", "order", "scheme", "seed", "bits", "average bits", "W-Comp [×]", "ΣΩ", "accuracy before [%]", "accuracy [%]", "loss [nat]", "test accuracy [%]", "run"]);
        table["rule"][2].ShouldBe("uniform");
        table["accuracy [%]"][1].ShouldBe(92.0);
    }

    [Fact]
    public void Pivot_is_the_mean_over_the_rest()
    {
        var pivot = Report.Pivot("rule", "metric", "accuracy");
        pivot.Columns.Select(column => column.Name).ShouldBe(["rule", "|λ|·‖ΔW‖²"]);
        pivot["|λ|·‖ΔW‖²"][0].ShouldBe(91.0);
        pivot["|λ|·‖ΔW‖²"][1].ShouldBe(double.NaN);
        Report.Pivot("seed", "rule", "accuracy [%]")["uniform"][0].ShouldBe(80.0);
        new StudyReport([.. Report.Results.Take(3)], "").Pivot("seed", "rule", "accuracy")["uniform"][1].ShouldBe(double.NaN); // there is no such cell
        ChartHtml.Summary(Report.PlotPivot("rule", "seed")).ShouldContain("2 points");
        Should.Throw<ArgumentException>(() => Report.Pivot("rule", "seed", "speed")).Message.ShouldStartWith("Received \"speed\"; expected one of average bits");
        Should.Throw<ArgumentException>(() => Report.Pivot("accuracy", "seed", "speed")).Message.ShouldStartWith("Received \"accuracy\"; expected one of metric");
    }

    [Fact]
    public void Diff_pairs_cells_by_their_axes()
    {
        var other = new StudyReport(
            [Row(AllocationRule.UniformBits, 1, 83) with { Bits = "8,2" }, Row(AllocationRule.Hawq, 1, 91), Row(AllocationRule.UniformBits, 2, 85), Row(AllocationRule.Hawq, 3, 99)], "second");
        var difference = Report.Diff(other);
        difference.Pairs.Select(pair => pair.Change).ShouldBe([1, 3, double.NaN]);
        difference.Pairs.Select(pair => pair.SameBits).ShouldBe([true, false, true]);
        difference.OnlyFirst.ShouldHaveSingleItem().Seed.ShouldBe(2);
        difference.OnlySecond.ShouldHaveSingleItem().Seed.ShouldBe(3);
        difference.MeanChange.ShouldBe(new Estimate(2, 1, 2));      // standard deviation √2 over √2
        difference.ToDataFrame()["change [points]"][1].ShouldBe(3.0);
        Report.Diff(Report).MeanChange.ShouldBe(new Estimate(0, 0, 3));
        new StudyReport([], "").Diff(other).MeanChange.ShouldBeNull();
    }

    [Fact]
    public void Difference_chart_has_a_bar_a_cell_and_the_mean_with_twice_its_error()
    {
        var other = new StudyReport(
            [Row(AllocationRule.UniformBits, 1, 83), Row(AllocationRule.Hawq, 1, 91), Row(AllocationRule.UniformBits, 2, 85)], "second");
        var chart = Report.Diff(other).PlotDifference();            // changes 1, 3 and one that diverged: mean 2, standard error 1
        var summary = ChartHtml.Summary(chart);
        summary.ShouldContain("Change of accuracy in 3 paired cells (x: cell, y: change of accuracy [points])");
        summary.ShouldContain("cell: 2 points, 1 to 3");
        summary.ShouldContain("mean: 3 points, 2 to 2");
        summary.ShouldContain("mean − 2 s.e.: 3 points, 0 to 0");
        summary.ShouldContain("mean + 2 s.e.: 3 points, 4 to 4");
        var figure = Newtonsoft.Json.Linq.JObject.Parse(GenericChart.toFigureJson(chart));
        figure["data"]!.Select(trace => (string)trace["type"]!).ShouldBe(["bar", "scatter", "scatter", "scatter"]);
        figure["data"]![0]!["x"]!.Select(name => (string)name!).ShouldBe(["HAWQ's precision order, 1", "uniform, 1", "uniform, 2"]); // rule and seed vary
        Should.Throw<ArgumentException>(() => Report.Diff(new StudyReport([], "")).PlotDifference()).Message.ShouldContain("no cell in common");
    }

    [Fact]
    public void Bars_under_lines_are_as_wide_as_alone_in_the_static_picture()
    {
        var pair = Report.Diff(new StudyReport([.. Report.Results.Take(2).Select(result => result with { Accuracy = 95 })], ""));
        var difference = pair.PlotDifference();
        var alone = new Axes("t", "cell", "y").PlotBars(Series.Of("cell", ("HAWQ's precision order, 1", 5.0), ("HAWQ's precision order, 2", 3.0)));
        Widest(ChartHtml.Of(difference)).ShouldBe(Widest(ChartHtml.Of(alone)), 1);

        static double Widest(string html) => System.Text.RegularExpressions.Regex.Matches(html, "<rect[^>]*? width=\"(?<w>[0-9.]+)\"[^>]*fill:rgb\\(0,114,178\\)")
            .Select(match => double.Parse(match.Groups["w"].Value, System.Globalization.CultureInfo.InvariantCulture)).Max();
    }

    [Fact]
    public void Curves_are_means_over_the_cells_that_agree_in_a_column()
    {
        StudyCurve[] curves =
        [
            new(Row(AllocationRule.Hawq, 1, 90), [Epoch(1, 80), Epoch(2, 90)]),
            new(Row(AllocationRule.Hawq, 2, 92), [Epoch(1, 84), Epoch(2, 92)]),
            new(Row(AllocationRule.UniformBits, 1, 70), [Epoch(1, 70)]),
            new(Row(AllocationRule.UniformBits, 2, double.NaN), []),
        ];
        var json = Newtonsoft.Json.Linq.JObject.Parse(GenericChart.toFigureJson(curves.PlotAccuracy("rule")));
        var (hawq, uniform) = (json["data"]![0]!, json["data"]![1]!);
        hawq["y"]!.Select(y => (double)y).ShouldBe([82, 91]);
        hawq["x"]!.Select(x => (int)x).ShouldBe([1, 2]);
        ((string)hawq["hovertext"]![0]!).ShouldBe("2 cells, 80.00 to 84.00 %");
        uniform["y"]!.Select(y => (double)y).ShouldBe([70]);
        Should.Throw<ArgumentException>(() => curves.PlotAccuracy("speed")).Message.ShouldStartWith("Received \"speed\"");
    }

    private static EpochResult Epoch(int number, double accuracy) => new(1, "all", number, 0.01, 1, 50, accuracy, 1);

    private static StudyResult Row(AllocationRule rule, long seed, double accuracy) => new(
        new StudyCell(SensitivityMetric.TopEigenvaluePerturbation, rule, "≤ 4 bits on average", BlockOrder.AllAtOnce, "symmetric", seed),
        "4,4", 4, 8, 0.5, 10, accuracy, 1, double.NaN, "0123");
}
