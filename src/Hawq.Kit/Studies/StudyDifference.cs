namespace Hawq.Kit;

/// <summary>The same cell in two studies.</summary>
/// <param name="First">Its result in the study that was asked.</param>
/// <param name="Second">Its result in the other.</param>
public sealed record StudyPair(StudyResult First, StudyResult Second)
{
    /// <summary>Accuracy of the second minus that of the first, in percentage points.</summary>
    public double Change => Second.Accuracy - First.Accuracy;

    /// <summary>Whether both came to the same bits.</summary>
    public bool SameBits => First.Bits == Second.Bits;
}

/// <summary>Two studies side by side.</summary>
/// <param name="Pairs">Cells that both have.</param>
/// <param name="OnlyFirst">Cells that the first alone has.</param>
/// <param name="OnlySecond">Cells that the second alone has.</param>
/// <param name="FirstSettings">What all cells of the first have in common.</param>
/// <param name="SecondSettings">The same of the second.</param>
public sealed record StudyDifference(
    IReadOnlyList<StudyPair> Pairs,
    IReadOnlyList<StudyCell> OnlyFirst,
    IReadOnlyList<StudyCell> OnlySecond,
    string FirstSettings,
    string SecondSettings)
{
    /// <summary>Mean change of accuracy over the paired cells that did not diverge, in percentage points; <see langword="null"/> without any.</summary>
    /// <remarks>The standard error is that of paired differences, as if cells were independent; cells of one seed are not quite.</remarks>
    public Estimate? MeanChange
    {
        get
        {
            double[] changes = [.. Pairs.Select(pair => pair.Change).Where(double.IsFinite)];
            return changes.Length > 0 ? Estimate.Of(changes) : null;
        }
    }
}
