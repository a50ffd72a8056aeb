using System.Diagnostics;

namespace Hawq.Kit.Benchmarks;

/// <summary>What an analysis says beforehand that its run will take, and what it cost to say so.</summary>
internal sealed record EstimatedRun(CurvatureEstimate Estimate, double Seconds)
{
    public static EstimatedRun Of(HessianAnalysis analysis)
    {
        var clock = Stopwatch.StartNew();
        return new(analysis.Estimate(1), clock.Elapsed.TotalSeconds);
    }

    /// <summary>How far it was off the run.</summary>
    public IEnumerable<Ratio> Ratios(CurvatureReport report, Timing run) =>
    [
        Ratio.AtMost("estimated products, share off", Math.Abs(((double)Estimate.Products / report.Products) - 1), 0.25),
        Ratio.AtMost("estimated seconds, share off", Math.Abs((Estimate.Seconds / run.Median) - 1), 0.25),
    ];

    public Dictionary<string, object> Facts(Timing run) => new() { ["estimate"] = Estimate, ["estimateCostOverRun"] = Seconds / run.Median };
}
