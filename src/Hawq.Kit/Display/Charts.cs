using Plotly.NET;

namespace Hawq.Kit;

/// <summary>The reports as charts; typing "Plot" lists them.</summary>
public static class Charts
{
    /// <summary>|λ| of each block, on a logarithmic axis: the paper's Figure 1.</summary>
    /// <param name="report">The measured curvature.</param>
    public static GenericChart PlotTopEigenvalues(this CurvatureReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return ChartMaker.Bars(
            new Axes("Top Hessian eigenvalue of each block", "block", "|λ|", LogY: true),
            [new Series("|λ|", Names(report.Blocks.Select(b => b.Block)), [.. report.Blocks.Select(b => Math.Abs(b.TopEigenvalue))])]);
    }

    /// <summary>S of each block in the precision order: more bits to the left.</summary>
    /// <param name="table">Ω of the blocks.</param>
    public static GenericChart PlotPrecisionOrder(this SensitivityTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var ordered = table.PrecisionOrder.Select(k => table.Blocks[k]).ToList();
        var symbol = table.Measure switch
        {
            CurvatureMeasure.TopEigenvalue => "S = |λ|/n",
            CurvatureMeasure.AverageTrace => "average trace",
            CurvatureMeasure.EmpiricalFisher => "average Fisher",
            _ => "priority",
        };
        return ChartMaker.Bars(
            new Axes("Precision order: from most to fewest bits", "block", symbol, LogY: true),
            [new Series(symbol, Names(ordered.Select(b => b.Block)), [.. ordered.Select(b => b.Priority)])]);
    }

    /// <summary>Ω of each block at each bit width, on a logarithmic axis.</summary>
    /// <param name="table">Ω of the blocks.</param>
    public static GenericChart PlotPerturbation(this SensitivityTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var names = Names(table.Blocks.Select(b => b.Block));
        return ChartMaker.Bars(
            new Axes("Perturbation Ω of each block by bit width", "block", "Ω", LogY: true),
            [.. table.Bits.Select((bits, k) => new Series($"{bits} bits", names, [.. table.Blocks.Select(b => b.Perturbation(k))]))]);
    }

    /// <summary>Bits of each block, for one or more allocations side by side.</summary>
    /// <param name="allocations">Allocations of one network.</param>
    public static GenericChart PlotBits(this IEnumerable<BitAllocation> allocations) => ChartMaker.Bars(
        new Axes("Bits of each block", "block", "weight bits"),
        [.. allocations.Select(a => new Series(a.Name, Names(a.Blocks.Select(b => b.Block)), [.. a.Blocks.Select(b => (double)b.Bits.Value)]))]);

    /// <summary>The Pareto frontier of size and ΣΩ, with chosen allocations marked.</summary>
    /// <param name="frontier">The frontier.</param>
    /// <param name="highlight">Allocations to mark.</param>
    public static GenericChart PlotFrontier(this IReadOnlyList<BitAllocation> frontier, params IReadOnlyList<BitAllocation> highlight) => ChartMaker.Lines(
        new Axes("Pareto frontier", "weights [kB]", "ΣΩ", LogY: true),
        [Points("frontier", frontier), .. highlight.Select(a => Points(a.Name, [a]))]);

    /// <summary>Validation accuracy after each epoch; hovering names the stage.</summary>
    /// <param name="report">The fine-tuning.</param>
    public static GenericChart PlotAccuracy(this FineTuningReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new[] { ("validation", report) }.PlotAccuracy();
    }

    /// <summary>Validation accuracy after each epoch of several fine-tunings.</summary>
    /// <param name="reports">Name and fine-tuning.</param>
    public static GenericChart PlotAccuracy(this IEnumerable<(string Name, FineTuningReport Report)> reports) => ChartMaker.Lines(
        new Axes("Accuracy during block-wise fine-tuning", "epoch", "validation accuracy [%]"),
        [.. reports.Select(r => new Series(
            r.Name,
            [.. r.Report.Epochs.Select(e => (object)e.Epoch)],
            [.. r.Report.Epochs.Select(e => e.ValidationAccuracy)],
            [.. r.Report.Epochs.Select(e => $"stage {e.Stage}: {e.StageName}")]))]);

    /// <summary>Training accuracy, while the weights moved, and validation accuracy after each epoch.</summary>
    /// <param name="report">The training.</param>
    public static GenericChart PlotAccuracy(this TrainingReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        IReadOnlyList<object> epochs = [.. report.Epochs.Select(e => (object)e.Epoch)];
        var training = new Series("training", epochs, [.. report.Epochs.Select(e => e.TrainingAccuracy)]);
        var validation = new Series("validation", epochs, [.. report.Epochs.Select(e => e.ValidationAccuracy)]);
        var measured = report.Epochs.All(e => double.IsFinite(e.ValidationAccuracy));
        return ChartMaker.Lines(new Axes("Accuracy during training", "epoch", "accuracy [%]"), measured ? [training, validation] : [training]);
    }

    private static Series Points(string name, IReadOnlyList<BitAllocation> allocations) => new(
        name, [.. allocations.Select(a => (object)(a.WeightBits / 8e3))], [.. allocations.Select(a => a.Perturbation)]);

    private static IReadOnlyList<object> Names(IEnumerable<Block> blocks) => [.. blocks.Select(block => (object)block.Name)];
}
