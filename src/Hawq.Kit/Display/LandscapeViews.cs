using Microsoft.Data.Analysis;
using Plotly.NET;
using static Hawq.Kit.Columns;

namespace Hawq.Kit;

/// <summary>Loss landscapes as tables and charts.</summary>
public static class LandscapeViews
{
    /// <summary>A row a point: t along each direction, the loss, and on a line the second-order Taylor polynomial.</summary>
    /// <param name="report">The landscape.</param>
    public static DataFrame ToDataFrame(this LandscapeReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.Directions.Count == 1)
        {
            return new DataFrame(
                Numbers("t", report.Steps),
                Numbers("loss [nat]", report.Losses.Select(row => row[0])),
                Numbers("quadratic [nat]", report.Steps.Select(report.Quadratic)))
                .WithCaption(FormattableString.Invariant($"Loss along {report.Directions[0].Name}, beside its second-order Taylor polynomial: mean over {report.Samples:N0} samples"));
        }

        return new DataFrame(
            Numbers("t₁", report.Steps.SelectMany(s => report.Steps.Select(_ => s))),
            Numbers("t₂", report.Steps.SelectMany(_ => report.Steps)),
            Numbers("loss [nat]", report.Losses.SelectMany(row => row)))
            .WithCaption(FormattableString.Invariant($"Loss along {report.Directions[0].Name} and {report.Directions[1].Name}: mean over {report.Samples:N0} samples"));
    }

    /// <summary>The loss as a line beside its second-order Taylor polynomial, or as a surface over two directions.</summary>
    /// <param name="report">The landscape.</param>
    public static GenericChart PlotLandscape(this LandscapeReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        IReadOnlyList<object> steps = [.. report.Steps.Select(t => (object)t)];
        if (report.Directions.Count == 2)
        {
            var byRow = report.Steps.Select((_, k) => report.Losses.Select(row => row[k]).ToList()); // Plotly: rows along y, the second direction
            return ChartMaker.Surface(
                new Axes("Loss on a plane through the trained weights", Along(1), Along(2)), new Sheet("loss [nat]", steps, steps, [.. byRow], Colours(report)));
        }

        return ChartMaker.Lines(
            new Axes("Loss on a line through the trained weights", Along(1), "loss [nat]"),
            [
                new Series("loss", steps, [.. report.Losses.Select(row => row[0])]),
                new Series("quadratic", steps, [.. report.Steps.Select(report.Quadratic)]),
            ]);

        string Along(int k) => $"t along {report.Directions[k - 1].Name}";
    }

    /// <summary>Colours end at the 80 % quantile: a steep corner would leave one colour for all the rest.</summary>
    private static (double Low, double High) Colours(LandscapeReport report)
    {
        var sorted = report.Losses.SelectMany(row => row).Where(double.IsFinite).Order().ToList();
        return sorted.Count > 0 ? (sorted[0], sorted[(int)(0.8 * (sorted.Count - 1))]) : (0, 1); // any, where no loss is finite and nothing has a colour
    }
}
