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
        table["rule"][2].ShouldBe("UniformBits");
        table["accuracy [%]"][1].ShouldBe(92.0);
    }

    [Fact]
    public void Pivot_is_the_mean_over_the_rest()
    {
        var pivot = Report.Pivot("rule", "metric", "accuracy");
        pivot.Columns.Select(column => column.Name).ShouldBe(["rule", "TopEigenvaluePerturbation"]);
        pivot["TopEigenvaluePerturbation"][0].ShouldBe(91.0);
        pivot["TopEigenvaluePerturbation"][1].ShouldBe(double.NaN);
        Report.Pivot("seed", "rule", "accuracy [%]")["UniformBits"][0].ShouldBe(80.0);
        new StudyReport([.. Report.Results.Take(3)], "").Pivot("seed", "rule", "accuracy")["UniformBits"][1].ShouldBe(double.NaN); // there is no such cell
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

    private static StudyResult Row(AllocationRule rule, long seed, double accuracy) => new(
        new StudyCell(SensitivityMetric.TopEigenvaluePerturbation, rule, "≤ 4 bits on average", BlockOrder.AllAtOnce, "symmetric", seed),
        "4,4", 4, 8, 0.5, 10, accuracy, 1, double.NaN, "0123");
}
