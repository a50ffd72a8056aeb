using Microsoft.Data.Analysis;
using Plotly.NET;
using static Hawq.Kit.Columns;

namespace Hawq.Kit;

/// <summary>Curvature and bit widths of activations as tables and charts.</summary>
public static class ActivationViews
{
    /// <summary>A row a block: volume, trace with its standard error, average trace.</summary>
    /// <param name="report">The measured activations.</param>
    public static DataFrame ToDataFrame(this ActivationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new DataFrame(
            Texts("block", report.Blocks.Select(b => b.Block.Name)),
            Numbers("activations V", report.Blocks.Select(b => (double)b.Volume)),
            Numbers("trace", report.Blocks.Select(b => b.Trace.Value)),
            Numbers("± standard error", report.Blocks.Select(b => b.Trace.StandardError)),
            Numbers("trace / V", report.Blocks.Select(b => b.AverageTrace)))
            .WithCaption(FormattableString.Invariant($"Curvature along the activations of each block: mean over {report.Samples:N0} samples, {report.Probes} probes"));
    }

    /// <summary>The average trace of each block's activations, on a logarithmic axis.</summary>
    /// <param name="report">The measured activations.</param>
    public static GenericChart PlotAverageTraces(this ActivationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return ChartMaker.Bars(
            new Axes("Average Hessian trace of each block's activations", "block", "|trace| / V", LogY: true),
            Series.Of("|trace| / V", report.Blocks.Select(b => (b.Block.Name, Math.Abs(b.AverageTrace)))));
    }

    /// <summary>A row an allocation of activation bits: the bits, A-Comp, ΣΩ.</summary>
    /// <param name="allocations">Allocations from a table of activations, see <see cref="ActivationVerbs"/>.</param>
    public static DataFrame ActivationsToDataFrame(this IEnumerable<BitAllocation> allocations)
    {
        var all = allocations.ToList();
        return new DataFrame(
            Texts("allocation", all.Select(a => a.Name)),
            Texts("activation bits", all.Select(a => string.Join(",", a.Blocks.Select(b => b.Bits)))),
            Numbers("A-Comp [×]", all.Select(a => a.WeightCompression)),
            Numbers("ΣΩ", all.Select(a => a.Perturbation))).WithCaption("Bits of activations; A-Comp = 32 · ΣV ÷ Σ bits · V");
    }
}
