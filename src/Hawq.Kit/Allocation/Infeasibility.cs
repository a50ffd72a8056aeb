namespace Hawq.Kit;

/// <summary>Says why no choice meets a budget.</summary>
internal static class Infeasibility
{
    /// <summary>The first limit that cannot be met, alone or else together with those before it, the least possible, and the remedy.</summary>
    public static ArgumentException Explain(SensitivityTable table, Budget budget, AllocationProgram program)
    {
        var pins = string.Join(", ", budget.Pins);
        for (var limit = 0; limit < budget.Limits.Count; limit++)
        {
            var least = Least(program, limit, []);
            if (least > program.Bounds[limit].Bound)
            {
                return Because(budget.Limits[limit], least, "");
            }
        }

        for (var limit = 1; limit < budget.Limits.Count; limit++)
        {
            var least = Least(program, limit, program.Bounds.Take(limit));
            if (least > program.Bounds[limit].Bound)
            {
                var others = string.Join(" and ", budget.Limits.Take(limit).Select(other => $"\"{other.Name}\""));
                return Because(budget.Limits[limit], least, $" together with {others}");
            }
        }

        return new ArgumentException($"No choice meets \"{budget.Name}\".", nameof(budget));

        ArgumentException Because(BudgetLimit limit, double least, string others) => new(
            $"No choice meets \"{limit.Name}\"{others}: the least possible is {limit.Describe(table, least)}{(pins.Length > 0 ? $" with {pins}" : "")}. " +
            $"Allow that much{(others.Length > 0 ? " or more of the others" : "")}{(pins.Length > 0 ? ", take a pin or tie away" : "")}, or offer fewer bits in SensitivityTo(…).",
            nameof(budget));
    }

    private static double Least(AllocationProgram program, int limit, IEnumerable<LinearBound> others)
    {
        var bound = program.Bounds[limit];
        return IntegerProgram.Minimum(program with { Bounds = [.. others] }, bound.Loads) is { } choice ? bound.Load(choice) : double.NegativeInfinity;
    }
}
