namespace Hawq.Kit;

/// <summary>Factor on the learning rate as a function of progress t in 0 … 1 through the epochs.</summary>
public sealed record LearningRateSchedule
{
    private readonly Func<double, double> _factor;

    private LearningRateSchedule(string name, Func<double, double> factor) => (Name, _factor) = (name, factor);

    /// <summary>What it is called in run cards.</summary>
    public string Name { get; }

    /// <summary>(1 + cos πt) / 2: from the full rate to zero (Loshchilov and Hutter 2017, without restarts).</summary>
    public static LearningRateSchedule Cosine { get; } = new("cosine", t => (1 + Math.Cos(Math.PI * t)) / 2);

    /// <summary>The full rate throughout.</summary>
    public static LearningRateSchedule Constant { get; } = new("constant", _ => 1);

    /// <summary>Linear rise over the first part, then linear fall to zero (Smith and Topin 2018).</summary>
    /// <param name="rise">Share of the training that the rise takes, between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not a share.</exception>
    public static LearningRateSchedule OneCycle(double rise = 0.2)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rise);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rise, 1);
        return new(FormattableString.Invariant($"one cycle, rise {rise}"), t => t < rise ? Math.Max(t / rise, 0.01) : (1 - t) / (1 - rise));
    }

    /// <summary>× 0.1 at each of the given points (He et al. 2016).</summary>
    /// <param name="points">Shares of the training, between 0 and 1: 0.5 and 0.75 for epochs 80 and 120 of 160.</param>
    /// <exception cref="ArgumentOutOfRangeException">A point is not a share.</exception>
    public static LearningRateSchedule Steps(params double[] points)
    {
        ArgumentNullException.ThrowIfNull(points);
        foreach (var point in points.Where(point => !(point is > 0 and < 1)))
        {
            throw new ArgumentOutOfRangeException(nameof(points), point, "Expected shares of the training, above 0 and below 1: an epoch ÷ all epochs.");
        }

        double[] kept = [.. points];
        var shares = kept.Select(point => point.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return new($"× 0.1 at {string.Join(", ", shares)}", t => Math.Pow(0.1, kept.Count(point => t >= point)));
    }

    /// <summary>The factor at progress <paramref name="t"/>.</summary>
    public double At(double t) => _factor(t);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
