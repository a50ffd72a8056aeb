namespace Hawq.Kit;

/// <summary>A number from a random method, with its uncertainty.</summary>
/// <param name="Value">The mean over the samples.</param>
/// <param name="StandardError">Sample standard deviation ÷ √samples.</param>
/// <param name="Samples">How many samples the mean is of.</param>
public sealed record Estimate(double Value, double StandardError, int Samples)
{
    /// <summary>Standard error ÷ |value|.</summary>
    public double RelativeError => StandardError / Math.Max(Math.Abs(Value), double.Epsilon);

    /// <summary>Mean and standard error of samples.</summary>
    /// <param name="samples">At least one; with a single one the standard error is infinite.</param>
    public static Estimate Of(IReadOnlyCollection<double> samples)
    {
        ArgumentOutOfRangeException.ThrowIfZero(samples.Count);
        var mean = samples.Average();
        var variance = samples.Sum(x => (x - mean) * (x - mean)) / (samples.Count - 1.0);
        return new Estimate(mean, samples.Count > 1 ? Math.Sqrt(variance / samples.Count) : double.PositiveInfinity, samples.Count);
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Value:G4} ± {StandardError:G2} (n = {Samples})");
}
