using System.Globalization;
using Microsoft.Data.Analysis;
using Plotly.NET;
using static Hawq.Kit.Columns;

namespace Hawq.Kit;

/// <summary>Studies as tables and charts.</summary>
public static class StudyViews
{
    private static readonly (string Name, Func<StudyResult, string> Of)[] TextColumns =
    [
        ("metric", r => r.Cell.Metric.Symbol()),
        ("rule", r => r.Cell.Rule.Words()),
        ("budget", r => r.Cell.Budget),
        ("order", r => r.Cell.Order.Words()),
        ("scheme", r => r.Cell.Scheme),
        ("seed", r => r.Cell.Seed.ToString(CultureInfo.InvariantCulture)),
        ("bits", r => r.Bits),
        ("run", r => r.Run),
    ];

    private static readonly (string Name, Func<StudyResult, double> Of)[] NumberColumns =
    [
        ("average bits", r => r.AverageBits),
        ("W-Comp [×]", r => r.WeightCompression),
        ("ΣΩ", r => r.Perturbation),
        ("accuracy before [%]", r => r.AccuracyBefore),
        ("accuracy [%]", r => r.Accuracy),
        ("loss [nat]", r => r.Loss),
        ("test accuracy [%]", r => r.TestAccuracy),
    ];

    /// <summary>A row a cell; NaN where a training diverged.</summary>
    /// <param name="report">The study.</param>
    public static DataFrame ToDataFrame(this StudyReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new DataFrame(
        [
            .. TextColumns[..7].Select(column => Texts(column.Name, report.Results.Select(column.Of))),
            .. NumberColumns.Select(column => Numbers(column.Name, report.Results.Select(column.Of))),
            Texts("run", report.Results.Select(r => r.Run)),
        ]).WithCaption($"Study of {report.Results.Count} cells; accuracy on the validation pictures after fine-tuning");
    }

    /// <summary>Means of a value over all cells that agree in two columns.</summary>
    /// <param name="report">The study.</param>
    /// <param name="rows">A column of the table whose values become rows, e.g. "metric".</param>
    /// <param name="columns">Another whose values become columns, e.g. "rule".</param>
    /// <param name="value">A column of numbers, with or without its unit, e.g. "accuracy". NaN is where there is no such cell, or one diverged.</param>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public static DataFrame Pivot(this StudyReport report, string rows, string columns, string value)
    {
        var pivot = PivotOf(report, rows, columns, value);
        return new DataFrame(
        [
            Texts(rows, pivot.Rows),
            .. pivot.Columns.Select((name, k) => Numbers(name, pivot.Means.Select(row => row[k]))),
        ]).WithCaption($"Mean {pivot.Value} by {rows} and {columns}");
    }

    /// <summary>The means of <see cref="Pivot"/> as bars: a group a row, a colour a column.</summary>
    /// <param name="report">The study.</param>
    /// <param name="rows">A column of the table whose values stand along x.</param>
    /// <param name="columns">Another whose values are told by colour.</param>
    /// <param name="value">A column of numbers; accuracy unless said.</param>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public static GenericChart PlotPivot(this StudyReport report, string rows, string columns, string value = "accuracy")
    {
        var pivot = PivotOf(report, rows, columns, value);
        IReadOnlyList<object> places = [.. pivot.Rows.Select(row => (object)row)];
        return ChartMaker.Bars(
            new Axes($"Mean {pivot.Value} by {rows} and {columns}", rows, pivot.Value),
            [.. pivot.Columns.Select((name, k) => new Series(name, places, [.. pivot.Means.Select(row => row[k])]))]);
    }

    /// <summary>A row a cell that both studies have: accuracies, their change, and whether the bits are the same.</summary>
    /// <param name="difference">The studies side by side.</param>
    public static DataFrame ToDataFrame(this StudyDifference difference)
    {
        ArgumentNullException.ThrowIfNull(difference);
        var pairs = difference.Pairs;
        return new DataFrame(
        [
            .. TextColumns[..6].Select(column => Texts(column.Name, pairs.Select(pair => column.Of(pair.First)))),
            Texts("same bits", pairs.Select(pair => pair.SameBits ? "yes" : "no")),
            Numbers("accuracy, first [%]", pairs.Select(pair => pair.First.Accuracy)),
            Numbers("accuracy, second [%]", pairs.Select(pair => pair.Second.Accuracy)),
            Numbers("change [points]", pairs.Select(pair => pair.Change)),
        ]).WithCaption(
            $"{pairs.Count} cells of both studies; {difference.OnlyFirst.Count} only of the first, {difference.OnlySecond.Count} only of the second; " +
            $"mean change {difference.MeanChange?.ToString() ?? "unknown"} points");
    }

    /// <summary>The change of accuracy of each cell that both studies have, with the mean over all and twice its standard error to either side.</summary>
    /// <param name="difference">The studies side by side.</param>
    /// <exception cref="ArgumentException">No cell is in both studies.</exception>
    public static GenericChart PlotDifference(this StudyDifference difference)
    {
        ArgumentNullException.ThrowIfNull(difference);
        if (difference.Pairs.Count == 0)
        {
            throw new ArgumentException("The two studies have no cell in common; expected at least one. Cells are matched by all their axes.", nameof(difference));
        }

        IReadOnlyList<object> cells = [.. CellNames(difference.Pairs)];
        var mean = difference.MeanChange ?? new Estimate(double.NaN, double.NaN, 0);
        return ChartMaker.BarsAndLines(
            new Axes($"Change of accuracy in {cells.Count} paired cells", "cell", "change of accuracy [points]"),
            [new Series("cell", cells, [.. difference.Pairs.Select(pair => pair.Change)])],
            [Across("mean", 0), Across("mean − 2 s.e.", -2), Across("mean + 2 s.e.", 2)]);

        Series Across(string name, double errors) =>
            new(name, cells, [.. cells.Select(_ => errors == 0 ? mean.Value : mean.Value + (errors * mean.StandardError))]);
    }

    /// <summary>The mean validation accuracy after each epoch over all cells that agree in a column; hovering shows how far they lie apart.</summary>
    /// <param name="curves">The learning curves, see <see cref="StudyCurves.Curves"/>.</param>
    /// <param name="by">A column of the study's table whose values are told by colour, e.g. "order".</param>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public static GenericChart PlotAccuracy(this IEnumerable<StudyCurve> curves, string by)
    {
        ArgumentNullException.ThrowIfNull(curves);
        var column = Find(TextColumns, by, nameof(by));
        return ChartMaker.Lines(
            new Axes($"Accuracy during fine-tuning by {by}, means over cells", "epoch", "validation accuracy [%]"),
            [.. curves.GroupBy(curve => column.Of(curve.Result)).Select(group => MeanOf(group.Key, group.SelectMany(curve => curve.Epochs)))]);
    }

    private static Series MeanOf(string name, IEnumerable<EpochResult> epochs)
    {
        var each = epochs.GroupBy(epoch => epoch.Epoch, epoch => epoch.ValidationAccuracy).OrderBy(group => group.Key).ToList();
        return new Series(
            name,
            [.. each.Select(group => (object)group.Key)],
            [.. each.Select(group => group.Average())],
            [.. each.Select(group => FormattableString.Invariant($"{group.Count()} cells, {group.Min():F2} to {group.Max():F2} %"))]);
    }

    /// <summary>What tells the cells apart: their values on the axes that vary.</summary>
    private static IEnumerable<string> CellNames(IReadOnlyList<StudyPair> pairs)
    {
        var varying = TextColumns[..6].Where(column => pairs.Select(pair => column.Of(pair.First)).Distinct().Skip(1).Any()).ToList();
        return pairs.Select(pair => varying.Count > 0 ? string.Join(", ", varying.Select(column => column.Of(pair.First))) : pair.First.Cell.Rule.Words());
    }

    private static (List<string> Rows, List<string> Columns, string Value, List<List<double>> Means) PivotOf(
        StudyReport report, string rows, string columns, string value)
    {
        ArgumentNullException.ThrowIfNull(report);
        var (down, across) = (Find(TextColumns, rows, nameof(rows)), Find(TextColumns, columns, nameof(columns)));
        var number = Find(NumberColumns, value, nameof(value));
        var cells = report.Results.ToLookup(r => (down.Of(r), across.Of(r)), number.Of);
        List<string> rowNames = [.. report.Results.Select(down.Of).Distinct()];
        List<string> columnNames = [.. report.Results.Select(across.Of).Distinct()];
        return (rowNames, columnNames, number.Name,
            [.. rowNames.Select(row => columnNames.Select(column => cells[(row, column)].DefaultIfEmpty(double.NaN).Average()).ToList())]);
    }

    private static (string Name, Func<StudyResult, T> Of) Find<T>((string Name, Func<StudyResult, T> Of)[] columns, string name, string parameter)
    {
        var at = Array.FindIndex(columns, column => column.Name == name || column.Name.StartsWith(name + " [", StringComparison.Ordinal));
        return at >= 0
            ? columns[at]
            : throw new ArgumentException($"Received \"{name}\"; expected one of {string.Join(", ", columns.Select(column => column.Name))}.", parameter);
    }
}
