using Google.OrTools.LinearSolver;

namespace Hawq.Kit;

/// <summary>Dual prices of the bounds of an <see cref="AllocationProgram"/>, from its linear relaxation (Glop of Google OR-Tools).</summary>
internal static class RelaxedPrices
{
    /// <summary>Σ cost saved for one more load of each bound; 0 where the bound does not bind, NaN where the solver found none.</summary>
    /// <remarks>Costs and bounds are brought to 1 first, so that the solver's tolerances mean the same for bits and for milliseconds.</remarks>
    public static IReadOnlyList<double> Of(AllocationProgram program)
    {
        var unit = program.Costs.Sum(row => row.Max() - row.Min());
        if (unit == 0)
        {
            return [.. program.Bounds.Select(_ => 0.0)];
        }

        using var solver = Solver.CreateSolver("GLOP");
        var shares = Shares(solver, program);
        var bounds = program.Bounds.Select(bound => Bound(solver, shares, bound)).ToList();
        Order(solver, shares, program.Order);
        var objective = solver.Objective();
        Each(shares, (group, k) => objective.SetCoefficient(shares[group][k], program.Costs[group][k] / unit));
        objective.SetMinimization();
        var isSolved = solver.Solve() == Solver.ResultStatus.OPTIMAL; // the bits come from another solver, and hold without prices
        return [.. bounds.Zip(program.Bounds, (row, bound) => isSolved ? Math.Max(0, -row.DualValue() * unit / bound.Bound) : double.NaN)];
    }

    private static Variable[][] Shares(Solver solver, AllocationProgram program)
    {
        var shares = program.Allowed.Select(row => row.Select(allowed => solver.MakeNumVar(0, allowed ? 1 : 0, "")).ToArray()).ToArray();
        foreach (var row in shares)
        {
            var one = solver.MakeConstraint(1, 1);
            Array.ForEach(row, share => one.SetCoefficient(share, 1));
        }

        return shares;
    }

    private static Constraint Bound(Solver solver, Variable[][] shares, LinearBound bound)
    {
        var row = solver.MakeConstraint(double.NegativeInfinity, 1);
        Each(shares, (group, k) => row.SetCoefficient(shares[group][k], bound.Loads[group][k] / bound.Bound));
        return row;
    }

    private static void Order(Solver solver, Variable[][] shares, IEnumerable<(int First, int Second)> order)
    {
        foreach (var (first, second) in order)
        {
            for (var k = 1; k < shares[first].Length; k++)
            {
                var row = solver.MakeConstraint(double.NegativeInfinity, 0);
                Array.ForEach(shares[second][k..], share => row.SetCoefficient(share, 1));
                Array.ForEach(shares[first][k..], share => row.SetCoefficient(share, -1));
            }
        }
    }

    private static void Each(Variable[][] shares, Action<int, int> act)
    {
        for (var group = 0; group < shares.Length; group++)
        {
            for (var k = 0; k < shares[group].Length; k++)
            {
                act(group, k);
            }
        }
    }
}
