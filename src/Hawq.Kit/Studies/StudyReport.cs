namespace Hawq.Kit;

/// <summary>One place in a sweep: a value of each axis.</summary>
/// <param name="Metric">By which Ω the bits are chosen and the blocks are ordered.</param>
/// <param name="Rule">How the bits are chosen.</param>
/// <param name="Budget">The budget in words.</param>
/// <param name="Order">In which order the blocks are quantized.</param>
/// <param name="Scheme">How weights and inputs are quantized, in words.</param>
/// <param name="Seed">Seed of data order, augmentation, random bits and random order, and of the analysis if the study makes one.</param>
public sealed record StudyCell(SensitivityMetric Metric, AllocationRule Rule, string Budget, BlockOrder Order, string Scheme, long Seed)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Metric}, {Rule}, {Budget}, {Order}, {Scheme}, seed {Seed}");
}

/// <summary>What a cell came to. Nothing in it depends on the machine's speed or on how often the sweep was interrupted.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Bits">Bits of each block in network order, separated by commas.</param>
/// <param name="AverageBits">Average bits of a weight.</param>
/// <param name="WeightCompression">32 · weights ÷ Σ bits · weights.</param>
/// <param name="Perturbation">ΣΩ by the cell's metric.</param>
/// <param name="AccuracyBefore">Per cent right on the validation pictures, quantized, before fine-tuning; NaN if that diverged.</param>
/// <param name="Accuracy">The same after fine-tuning; NaN if it diverged.</param>
/// <param name="Loss">Mean cross-entropy on the validation pictures after fine-tuning, in nats; NaN if it diverged.</param>
/// <param name="TestAccuracy">Per cent right on the test pictures after fine-tuning; NaN if it diverged or none were given.</param>
/// <param name="Run">Folder of weights and run card, below "cells" in the study's folder. Cells with the same training share one.</param>
public sealed record StudyResult(
    StudyCell Cell,
    string Bits,
    double AverageBits,
    double WeightCompression,
    double Perturbation,
    double AccuracyBefore,
    double Accuracy,
    double Loss,
    double TestAccuracy,
    string Run);

/// <summary>Result of a study: a row a cell.</summary>
/// <param name="Results">The rows, in the order of the axes: metric, rule, budget, order, scheme, seed.</param>
/// <param name="Settings">What all cells have in common, in words.</param>
public sealed record StudyReport(IReadOnlyList<StudyResult> Results, string Settings)
{
    /// <summary>Sets the cells of two studies side by side, for example of two lengths of fine-tuning.</summary>
    /// <param name="other">The other study; cells are matched by their axes.</param>
    public StudyDifference Diff(StudyReport other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var theirs = other.Results.ToDictionary(result => result.Cell);
        var mine = Results.Select(result => result.Cell).ToHashSet();
        return new StudyDifference(
            [.. Results.Where(result => theirs.ContainsKey(result.Cell)).Select(result => new StudyPair(result, theirs[result.Cell]))],
            [.. Results.Where(result => !theirs.ContainsKey(result.Cell)).Select(result => result.Cell)],
            [.. other.Results.Select(result => result.Cell).Where(cell => !mine.Contains(cell))],
            Settings,
            other.Settings);
    }
}
