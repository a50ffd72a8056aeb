namespace Hawq.Kit.Benchmarks;

/// <summary>Whether kit and power iteration find the same eigenvalues.</summary>
/// <remarks>
/// A small residual says that power iteration is at an eigenvalue, not that it is the largest: from a start that lies almost across the
/// first eigenvector it rests at the second. So its value has to be one of the kit's first three, and none above the kit's first.
/// </remarks>
internal static class EigenvalueAgreement
{
    private const int Pairs = 3;
    private const double Close = 0.02;

    public static (IReadOnlyList<Ratio> Ratios, IReadOnlyDictionary<string, object> Facts) Of(CurvatureWork work, KeptCounts counts)
    {
        var report = work.Analysis.WithTopEigenvalues(count: Pairs, tolerance: 0.01).Run(1);
        var blocks = report.Blocks.Zip(counts.Blocks, (kit, power) => (
            kit.Block.Name, Kit: kit.Eigenvalues.Select(pair => pair.Value).ToList(), Power: power.Value)).ToList();
        var rests = blocks.Where(block => block.Power < (1 - Close) * block.Kit[0]);
        return (
            [
                Ratio.AtMost("λ of power iteration and the nearest of the kit's first three, largest relative difference", blocks.Max(block => block.Kit.Min(λ => Math.Abs((block.Power / λ) - 1))), Close),
                Ratio.AtMost("λ of power iteration ÷ the kit's, largest", blocks.Max(block => block.Power / block.Kit[0]), 1 + Close),
            ],
            new Dictionary<string, object>
            {
                ["powerIterationRestsAtALowerEigenvalue"] = rests.ToDictionary(block => block.Name, block => new { block.Power, block.Kit }),
            });
    }
}
