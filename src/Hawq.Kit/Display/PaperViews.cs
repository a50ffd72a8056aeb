using Microsoft.Data.Analysis;
using static Hawq.Kit.Columns;

namespace Hawq.Kit;

/// <summary>The paper's tables and the sizes of networks, as tables.</summary>
public static class PaperViews
{
    /// <summary>A row a method: the paper's figures, and beside compression and size what the bits come to.</summary>
    /// <param name="table">The paper's table.</param>
    public static DataFrame ToDataFrame(this PaperTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var rows = table.Rows;
        List<DataFrameColumn> columns =
        [
            Texts("method", rows.Select(r => r.Method)),
            Texts("weight bits", rows.Select(r => r.WeightBits)),
            Texts("activation bits", rows.Select(r => r.ActivationBits)),
            Numbers("paper, top-1 [%]", rows.Select(r => r.Top1)),
            Numbers("paper, W-Comp [×]", rows.Select(r => r.WeightCompression)),
            Numbers("computed, W-Comp [×]", rows.Select(r => r.ComputedCompression ?? double.NaN)),
            Texts("source", rows.Select(r => r.IsConfirmed ? "confirmed" : "recalled")),
        ];
        var caption = $"The paper's table of {table.Network} on {table.Data}; computed: 32 ÷ average bits";
        if (table.BaselineMebibytes is { } baseline)
        {
            columns.Insert(columns.Count - 1, Numbers("paper, size [MiB]", rows.Select(r => r.Mebibytes ?? double.NaN)));
            columns.Insert(columns.Count - 1, Numbers("computed, size [MiB]", rows.Select(table.ComputedMebibytes)));
            caption += FormattableString.Invariant($", {baseline} MiB ÷ W-Comp");
        }

        return new DataFrame(columns).WithCaption(caption);
    }

    /// <summary>A row for each kind of tensor of a float checkpoint, in bytes and in MiB.</summary>
    /// <param name="size">The size.</param>
    public static DataFrame ToDataFrame(this NetworkSize size)
    {
        ArgumentNullException.ThrowIfNull(size);
        (string Part, long Bytes)[] parts =
        [
            ("conv and linear weights", size.Weights),
            ("biases, batch norm's scale and shift", size.OtherParameters),
            ("batch norm's running statistics", size.Statistics),
            ("batch norm's counters", size.Counters),
            ("all tensors", size.Bytes),
        ];
        return new DataFrame(
            Texts("part of the float checkpoint", parts.Select(p => p.Part)),
            Numbers("bytes", parts.Select(p => (double)p.Bytes)),
            Numbers("MiB", parts.Select(p => NetworkSize.InMebibytes(p.Bytes)))).WithCaption("Where the bytes of the float network are");
    }
}
