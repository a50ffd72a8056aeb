namespace Hawq.Kit;

/// <summary>Chooses bits by a rule.</summary>
internal static class RuleAllocation
{
    private const long BitStream = -2; // apart from those of data and of block order
    private const double Hair = 1e-12; // granted for rounding, as a budget does

    /// <summary>The bits of each block.</summary>
    /// <exception cref="ArgumentException">No choice of this rule meets the budget.</exception>
    public static BitAllocation Of(SensitivityTable table, Budget budget, AllocationRule rule, long seed) => rule switch
    {
        AllocationRule.Hawq => table.Allocate(budget),
        AllocationRule.HawqV3 => table.Allocate(budget, monotone: false),
        AllocationRule.ReversedPrecision => table.AllocateReversed(budget),
        AllocationRule.RandomBits => Random(table, budget, seed),
        AllocationRule.UniformBits => Uniform(table, budget),
        AllocationRule.FirstAndLastAt8 => table.Allocate(
            budget.WithFixed(table.Blocks[0].Block.Name, 8).WithFixed(table.Blocks[^1].Block.Name, 8)),
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "There is no such rule."),
    };

    /// <summary>
    /// The least Σ of random costs among the choices that take exactly as much of the budget's first limit as HAWQ does, so that
    /// a difference in accuracy is not one of size. HAWQ's own bits are one of them: there is always a solution.
    /// </summary>
    private static BitAllocation Random(SensitivityTable table, Budget budget, long seed)
    {
        var program = AllocationProgram.Of(table, budget, monotone: false);
        var asked = ChoiceOf(table, program, table.Allocate(budget));
        var random = new SplitMix64(seed, BitStream);
        var costs = program.Costs.Select(row => row.Select(_ => random.Next() / (double)ulong.MaxValue).ToArray()).ToArray();
        var choice = IntegerProgram.Minimum(program with { Bounds = [.. Equal(program.Bounds[0], asked), .. program.Bounds.Skip(1)] }, costs);
        return ByHand(table, FormattableString.Invariant($"random bits {seed}, {budget.Name}"), program, choice ?? asked);
    }

    /// <summary>Load at most that of a choice, and what is left over at most what that choice leaves.</summary>
    private static LinearBound[] Equal(LinearBound bound, int[] choice)
    {
        var left = new LinearBound([.. bound.Loads.Select(row => row.Select(load => row.Max() - load).ToArray())], 0);
        return [Within(bound), Within(left)];

        LinearBound Within(LinearBound of) => of with { Bound = of.Load(choice) * (1 + Hair) };
    }

    private static BitAllocation Uniform(SensitivityTable table, Budget budget)
    {
        var program = AllocationProgram.Of(table, budget, monotone: false);
        for (var k = table.Bits.Count - 1; k >= 0; k--)
        {
            var choice = program.Allowed.Select(allowed => allowed[k] ? k : Array.IndexOf(allowed, true)).ToArray();
            if (program.Bounds.All(bound => bound.Load(choice) <= bound.Bound))
            {
                return ByHand(table, $"uniform {table.Bits[k]} bit", program, choice);
            }
        }

        throw new ArgumentException(
            $"No uniform bit width of {string.Join(", ", table.Bits)} meets \"{budget.Name}\". Offer fewer bits, or allow more.", nameof(budget));
    }

    private static int[] ChoiceOf(SensitivityTable table, AllocationProgram program, BitAllocation allocation)
    {
        var choice = new int[program.Costs.Length];
        for (var block = 0; block < table.Blocks.Count; block++)
        {
            choice[program.GroupOf[block]] = table.IndexOf(allocation.Blocks[block].Bits);
        }

        return choice;
    }

    private static BitAllocation ByHand(SensitivityTable table, string name, AllocationProgram program, int[] choice) =>
        table.AllocateByHand(name, [.. program.OfBlocks(choice).Select(k => table.Bits[k])]);
}
