using Microsoft.Data.Analysis;
using static Hawq.Kit.Columns;

namespace Hawq.Kit;

/// <summary>The reports as tables; units stand in the column names.</summary>
public static class Tables
{
    /// <summary>A row a block: weights, λ with its residual, S = |λ| ÷ n, trace with its standard error.</summary>
    /// <param name="report">The measured curvature.</param>
    public static DataFrame ToDataFrame(this CurvatureReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var blocks = report.Blocks;
        var columns = new List<DataFrameColumn>
        {
            Texts("block", blocks.Select(b => b.Block.Name)),
            Numbers("weights n", blocks.Select(b => (double)b.Block.WeightCount)),
        };
        if (blocks[0].Eigenvalues.Count > 0)
        {
            columns.Add(Numbers("λ", blocks.Select(b => b.TopEigenvalue)));
            columns.Add(Numbers("residual [%]", blocks.Select(b => 100 * b.Eigenvalues[0].Residual)));
            columns.Add(Numbers("products", blocks.Select(b => (double)b.Eigenvalues[0].Products)));
            columns.Add(Numbers("S = |λ|/n", blocks.Select(b => Math.Abs(b.TopEigenvalue) / b.Block.WeightCount)));
        }

        if (blocks[0].Trace is not null)
        {
            columns.Add(Numbers("trace", blocks.Select(b => b.Trace!.Value)));
            columns.Add(Numbers("± standard error", blocks.Select(b => b.Trace!.StandardError)));
        }

        var negative = string.Join(", ", blocks.Where(b => b.HasNegativeCurvature).Select(b => b.Block.Name));
        return new DataFrame(columns).WithCaption(FormattableString.Invariant($"Curvature of each block: mean loss over {report.Samples:N0} samples")
            + (negative.Length == 0 ? "" : $"; negative in {negative}, which is at no minimum: HAWQ ranks by magnitude"));
    }

    /// <summary>A row a block, a column a bit width: Ω.</summary>
    /// <param name="table">Ω of the blocks.</param>
    public static DataFrame ToDataFrame(this SensitivityTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return new DataFrame(
        [
            Texts("block", table.Blocks.Select(b => b.Block.Name)),
            .. table.Bits.Select((bits, k) => Numbers($"Ω at {bits} bits", table.Blocks.Select(b => b.Perturbation(k)))),
        ]).WithCaption($"Perturbation Ω of each block, {table.Scheme}");
    }

    /// <summary>A row a block: its bits, S and Ω.</summary>
    /// <param name="allocation">The bit widths.</param>
    public static DataFrame ToDataFrame(this BitAllocation allocation)
    {
        ArgumentNullException.ThrowIfNull(allocation);
        return new DataFrame(
            Texts("block", allocation.Blocks.Select(b => b.Block.Name)),
            Numbers("weights n", allocation.Blocks.Select(b => (double)b.Block.WeightCount)),
            Numbers("bits", allocation.Blocks.Select(b => (double)b.Bits.Value)),
            Numbers("S", allocation.Blocks.Select(b => b.Priority)),
            Numbers("Ω", allocation.Blocks.Select(b => b.Perturbation)))
            .WithCaption(FormattableString.Invariant($"Bits of each block: {allocation.Name}, {allocation.WeightCompression:F2}×"));
    }

    /// <summary>A row an allocation: compression, sizes, ΣΩ.</summary>
    /// <param name="allocations">Allocations of one network.</param>
    public static DataFrame ToDataFrame(this IEnumerable<BitAllocation> allocations)
    {
        var all = allocations.ToList();
        return new DataFrame(
            Texts("allocation", all.Select(a => a.Name)),
            Texts("bits", all.Select(a => string.Join(",", a.Blocks.Select(b => b.Bits)))),
            Numbers("W-Comp [×]", all.Select(a => a.WeightCompression)),
            Numbers("weights [kB]", all.Select(a => a.WeightBits / 8e3)),
            Numbers("all [kB]", all.Select(a => a.TotalBytes / 1e3)),
            Numbers("ΣΩ", all.Select(a => a.Perturbation)))
            .WithCaption("Allocations; W-Comp counts conv and linear weights alone, \"all\" every byte");
    }

    /// <summary>A row an epoch.</summary>
    /// <param name="report">The fine-tuning.</param>
    public static DataFrame ToDataFrame(this FineTuningReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Epochs(report.Epochs, "Block-wise fine-tuning");
    }

    /// <summary>A row an epoch.</summary>
    /// <param name="report">The training.</param>
    public static DataFrame ToDataFrame(this TrainingReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Epochs(report.Epochs, "Training");
    }

    private static DataFrame Epochs(IReadOnlyList<EpochResult> epochs, string caption) => new DataFrame(
        Numbers("epoch", epochs.Select(e => (double)e.Epoch)),
        Texts("stage", epochs.Select(e => e.StageName)),
        Numbers("learning rate", epochs.Select(e => e.LearningRate)),
        Numbers("training loss [nat]", epochs.Select(e => e.TrainingLoss)),
        Numbers("training accuracy [%]", epochs.Select(e => e.TrainingAccuracy)),
        Numbers("validation accuracy [%]", epochs.Select(e => e.ValidationAccuracy))).WithCaption(caption);
}
