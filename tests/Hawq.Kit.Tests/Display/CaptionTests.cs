using Microsoft.Data.Analysis;

namespace Hawq.Kit.Tests.Display;

/// <summary>A table in a notebook says what it is of.</summary>
public class CaptionTests
{
    private static readonly Block One = new("a", ["a"], []) { WeightCount = 10 };
    private static readonly Block Other = new("b", ["b"], []) { WeightCount = 20 };

    [Fact]
    public void Landscapes_name_their_directions_and_samples()
    {
        var (first, second) = (new LandscapeDirection("eigenvector 1 of a", 0, 2), new LandscapeDirection("random direction 1", 0, 0));
        var line = new LandscapeReport([first], [-1, 0, 1], [[1.5], [0.5], [1.5]], 0.5, 1024, "hash", "given numbers", 0, 0);
        Captioned(line.ToDataFrame()).ShouldBe("Loss along eigenvector 1 of a, beside its second-order Taylor polynomial: mean over 1,024 samples");
        var plane = line with { Directions = [first, second], Steps = [0], Losses = [[0.5]] };
        Captioned(plane.ToDataFrame()).ShouldBe("Loss along eigenvector 1 of a and random direction 1: mean over 1,024 samples");
    }

    [Fact]
    public void Metrics_name_the_bits()
    {
        IReadOnlyList<Estimate> values = [new Estimate(1, 0.5, 4), new Estimate(2, 0.5, 4)];
        var metric = new MetricValues(SensitivityMetric.QuantizationError, [values]);
        var report = new MetricReport([One, Other], [3], QuantizationScheme.SymmetricPerTensor, [metric], [], 0.5, "hash", "given numbers", 0);
        Captioned(report.ToDataFrame(3)).ShouldStartWith("Sensitivity of each block at 3 bits, ");
        Captioned(report.SwapsToDataFrame(3)).ShouldBe("Chance that neighbours in a metric's ranking truly stand the other way, at 3 bits");
        Captioned(report.Correlations.ToDataFrame()).ShouldStartWith("How well metrics agree on the order of the blocks");
    }

    [Fact]
    public void Sharp_directions_name_the_vector() =>
        Captioned(new[] { new SharpDirection(One, 3, 0.5, 1) }.ToDataFrame()).ShouldBe("How far the change ΔW of each block lies along its top eigenvector v");

    private static string Captioned(DataFrame table) => Notebook.TextOf(table).Split('\n')[0];
}
