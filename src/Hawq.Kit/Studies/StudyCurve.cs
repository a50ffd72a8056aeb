namespace Hawq.Kit;

/// <summary>The learning curve of a cell of a study.</summary>
/// <param name="Result">What the cell came to.</param>
/// <param name="Epochs">Its epochs over all stages; none if the training diverged.</param>
public sealed record StudyCurve(StudyResult Result, IReadOnlyList<EpochResult> Epochs);

/// <summary>From a study to the learning curves that its folder keeps.</summary>
public static class StudyCurves
{
    /// <summary>The learning curve of each cell, read from the run cards in the study's folder.</summary>
    /// <param name="report">The study.</param>
    /// <param name="folder">The folder that the study ran in.</param>
    /// <exception cref="ArgumentException">The folder lacks a cell of the study.</exception>
    public static IReadOnlyList<StudyCurve> Curves(this StudyReport report, string folder)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return [.. report.Results.Select(result => new StudyCurve(result, double.IsNaN(result.Accuracy) ? [] : Epochs(folder, result)))];
    }

    private static List<EpochResult> Epochs(string folder, StudyResult result)
    {
        var card = Path.Combine(folder, StudyFolder.Cells, result.Run, StudyTraining.Card);
        return File.Exists(card)
            ? RunCard.ReadEpochs(card)
            : throw new ArgumentException(
                $"Received \"{folder}\", which has no run card \"{card}\" of cell ({result.Cell}); expected the folder of this study, as given to In(…). Run the study there first.",
                nameof(folder));
    }
}
