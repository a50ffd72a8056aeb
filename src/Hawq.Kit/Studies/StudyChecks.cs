namespace Hawq.Kit;

/// <summary>Checks a study's settings before any work.</summary>
internal static class StudyChecks
{
    /// <summary>The values of an axis: at least one, each once.</summary>
    public static IReadOnlyList<T> Axis<T>(IReadOnlyList<T> values, Func<T, string>? nameOf = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        var names = values.Select(value => nameOf?.Invoke(value) ?? FormattableString.Invariant($"{value}")).ToList();
        var twice = names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1);
        return (values.Count, twice) switch
        {
            (0, _) => throw new ArgumentException("Received no value; expected at least one for this axis.", nameof(values)),
            (_, { Key: var name }) => throw new ArgumentException($"Received \"{name}\" twice; expected each value of an axis once.", nameof(values)),
            _ => [.. values],
        };
    }

    /// <summary>Metrics that depend on the bits.</summary>
    public static IReadOnlyList<SensitivityMetric> Pricing(IReadOnlyList<SensitivityMetric> metrics) =>
        metrics.Any(metric => metric is SensitivityMetric.TopEigenvaluePerWeight or SensitivityMetric.AverageTrace)
            ? throw new ArgumentException(
                $"Received {string.Join(", ", metrics)}; TopEigenvaluePerWeight and AverageTrace are the same at any bit width and price no bits. " +
                "Use their …Perturbation, which follows the same precision order.", nameof(metrics))
            : metrics;

    /// <summary>Settings that only together can be wrong.</summary>
    public static void Ready(Study study)
    {
        if (study.Folder is null)
        {
            throw new InvalidOperationException("Received no folder; expected one, since a study keeps its cells. Add .In(\"studies/mine\").");
        }

        if (study.Rules.Contains(AllocationRule.FirstAndLastAt8) && !study.Bits.Contains(8))
        {
            throw new InvalidOperationException(
                $"{AllocationRule.FirstAndLastAt8} needs 8 bits; received {string.Join(", ", study.Bits)}. Add 8 to WithBits(…).");
        }
    }
}
