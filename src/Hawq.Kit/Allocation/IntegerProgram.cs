using Google.OrTools.Sat;

namespace Hawq.Kit;

/// <summary>Solves an <see cref="AllocationProgram"/> exactly with CP-SAT (Google OR-Tools), on one thread with a fixed seed.</summary>
/// <remarks>
/// CP-SAT computes with whole numbers, so no solver tolerance can let a budget slip. Whole loads (bits, bit operations) are
/// taken as they are, others in steps of 2⁻⁵⁰ of their greatest sum. Costs are taken in steps of 2⁻⁴⁴ of their greatest sum;
/// of choices that are equal to that step, those with fewer bits win.
/// </remarks>
internal static class IntegerProgram
{
    // Networks repeat layers; without symmetry level 4, 111 layers of three kinds take minutes instead of a second. The presolve of
    // OR-Tools 9.15 gives a worse choice as the optimum for about one random problem in ten thousand, so there is none.
    private const string Settings = "num_workers:1,random_seed:1,symmetry_level:4,cp_model_presolve:false";

    /// <summary>The choice of each group with the least Σ value, or <see langword="null"/> if none meets the bounds.</summary>
    /// <param name="program">What is allowed.</param>
    /// <param name="values">What is minimised: value of each group (row) at each choice (column).</param>
    public static int[]? Minimum(AllocationProgram program, double[][] values)
    {
        var model = new CpModel();
        var chosen = program.Allowed.Select((row, group) => row.Select((_, k) => model.NewBoolVar($"{group}:{k}")).ToArray()).ToArray();
        for (var group = 0; group < chosen.Length; group++)
        {
            model.AddExactlyOne(chosen[group]);
            foreach (var (_, variable) in program.Allowed[group].Zip(chosen[group]).Where(pair => !pair.First))
            {
                model.Add(variable == 0);
            }
        }

        foreach (var (loads, bound) in program.Bounds.Select(Whole))
        {
            model.Add(LinearExpr.WeightedSum(chosen.SelectMany(row => row), loads) <= bound);
        }

        foreach (var (first, second) in program.Order)
        {
            for (var k = 1; k < chosen[first].Length; k++)
            {
                model.Add(LinearExpr.Sum(chosen[second][k..]) <= LinearExpr.Sum(chosen[first][k..]));
            }
        }

        model.Minimize(LinearExpr.WeightedSum(chosen.SelectMany(row => row), Objective(values)));
        return Solve(model, chosen);
    }

    private static int[]? Solve(CpModel model, BoolVar[][] chosen)
    {
        using var solver = new CpSolver { StringParameters = Settings };
        return solver.Solve(model) switch
        {
            CpSolverStatus.Optimal => [.. chosen.Select(row => Array.FindIndex(row, variable => solver.BooleanValue(variable)))],
            CpSolverStatus.Infeasible => null,
            var status => throw new InvalidOperationException(
                $"The integer program ended as {status}; expected Optimal or Infeasible. Report it with the table and the budget."),
        };
    }

    /// <summary>Values as whole numbers, with the index of the choice as the last digits.</summary>
    private static IEnumerable<long> Objective(double[][] values)
    {
        var total = values.Sum(row => row.Max() - row.Min());
        var scale = total > 0 ? Math.ScaleB(1, 44) / total : 0;
        var digits = values.Length * values[0].Length;
        return values.SelectMany(row => row.Select((value, k) => ((long)Math.Round((value - row.Min()) * scale) * digits) + k));
    }

    private static (IEnumerable<long> Loads, long Bound) Whole(LinearBound bound)
    {
        var loads = bound.Loads.SelectMany(row => row).ToList();
        var total = bound.Loads.Sum(row => row.Max());
        var scale = loads.TrueForAll(double.IsInteger) ? 1 : Math.ScaleB(1, 50) / total;
        return (loads.Select(load => (long)Math.Round(load * scale)), (long)Math.Floor(Math.Min(bound.Bound, 2 * total) * scale));
    }
}
