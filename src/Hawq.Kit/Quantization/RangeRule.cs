using System.Globalization;

namespace Hawq.Kit;

/// <summary>How the range of values that a grid spans is chosen.</summary>
public sealed record RangeRule
{
    private RangeRule(string name, double percent) => (Name, Percent) = (name, percent);

    /// <summary>The smallest and the largest value: HAWQ's plain reading.</summary>
    public static RangeRule MinMax { get; } = new("min-max", 100);

    /// <summary>
    /// The range of least ‖Q(W) − W‖²: min-max shrunk by 24 factors, each scale refitted by least squares, the best kept.
    /// Never worse than <see cref="MinMax"/>.
    /// </summary>
    public static RangeRule LeastSquares { get; } = new("least squares", 100);

    /// <summary>What it is called in tables and run cards.</summary>
    public string Name { get; }

    /// <summary>Percent of the values that the range keeps; 100 for all but percentile rules.</summary>
    public double Percent { get; }

    internal bool IsPercentile => Percent < 100;

    /// <summary>The range that leaves out (100 − p)/2 percent of the values at each end; of inputs that are never negative, 100 − p percent at the top alone.</summary>
    /// <param name="percent">p, above 50 and below 100, e.g. 99.9.</param>
    /// <exception cref="ArgumentOutOfRangeException">Any other number.</exception>
    public static RangeRule Percentile(double percent) =>
        percent is > 50 and < 100
            ? new(string.Create(CultureInfo.InvariantCulture, $"percentile {percent}"), percent)
            : throw new ArgumentOutOfRangeException(
                nameof(percent), percent, "A percentile rule keeps more than 50 and less than 100 percent; for all values use MinMax.");

    /// <inheritdoc/>
    public override string ToString() => Name;
}
