using Microsoft.Data.Analysis;
using Plotly.NET;
using static Hawq.Kit.Columns;

namespace Hawq.Kit;

/// <summary>The share of ΔW along the top eigenvector as a table and a chart.</summary>
public static class SharpDirectionViews
{
    /// <summary>A row a block: the share, that of a random direction, and the change of loss along v beside its bound.</summary>
    /// <param name="shares">One entry a block.</param>
    public static DataFrame ToDataFrame(this IEnumerable<SharpDirection> shares)
    {
        var all = shares.ToList();
        return new DataFrame(
            Texts("block", all.Select(s => s.Block.Name)),
            Numbers("bits", all.Select(s => (double)s.Bits.Value)),
            Numbers("cos² of ΔW and v", all.Select(s => s.Share)),
            Numbers("by chance, 1/n", all.Select(s => s.ByChance)),
            Numbers("½|λ|(ΔWᵀv)² [nat]", all.Select(s => s.Along)),
            Numbers("½|λ|‖ΔW‖² [nat]", all.Select(s => s.Bound)))
            .WithCaption("How far the change ΔW of each block lies along its top eigenvector v");
    }

    /// <summary>The share of each block beside that of a random direction, on a logarithmic axis.</summary>
    /// <param name="shares">One entry a block.</param>
    public static GenericChart PlotSharpDirections(this IEnumerable<SharpDirection> shares)
    {
        var all = shares.ToList();
        IReadOnlyList<object> names = [.. all.Select(s => (object)s.Block.Name)];
        return ChartMaker.Bars(
            new Axes("How far ΔW lies along the sharpest direction", "block", "cos² of ΔW and v", LogY: true),
            [new Series("cos² of ΔW and v", names, [.. all.Select(s => s.Share)]), new Series("by chance, 1/n", names, [.. all.Select(s => s.ByChance)])]);
    }
}
