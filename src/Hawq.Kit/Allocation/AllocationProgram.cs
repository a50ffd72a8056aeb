namespace Hawq.Kit;

/// <summary>Σ loads ≤ bound.</summary>
/// <param name="Loads">Load of each group (row) at each choice (column).</param>
/// <param name="Bound">The most that is allowed.</param>
internal sealed record LinearBound(double[][] Loads, double Bound)
{
    public double Load(int[] choice) => choice.Select((k, group) => Loads[group][k]).Sum();
}

/// <summary>
/// The allocation as numbers: choose one bit width for each group of tied blocks so that Σ cost is least, all bounds hold, and
/// the choice does not increase from the first to the second of each pair in <paramref name="Order"/>.
/// </summary>
/// <param name="Costs">Ω of each group at each choice.</param>
/// <param name="Allowed">Which choices a group has: one alone if it is pinned.</param>
/// <param name="Order">Pairs of groups, after the precision order, for the monotone rule.</param>
/// <param name="Bounds">One for each limit of the budget.</param>
/// <param name="GroupOf">Group of each block.</param>
internal sealed record AllocationProgram(
    double[][] Costs, bool[][] Allowed, IReadOnlyList<(int First, int Second)> Order, IReadOnlyList<LinearBound> Bounds, int[] GroupOf)
{
    public static AllocationProgram Of(SensitivityTable table, Budget budget, bool monotone)
    {
        table.RequireFinite();
        var groupOf = Groups(table, budget);
        var pins = Pins(table, budget, groupOf);
        var choices = Enumerable.Range(0, table.Bits.Count).ToList();
        var allowed = Enumerable.Range(0, groupOf.Max() + 1)
            .Select(group => choices.Select(k => !pins.TryGetValue(group, out var pin) || pin == k).ToArray());
        var costs = PerGroup(table, groupOf, (block, k) => table.Blocks[block].Perturbation(k));
        var bounds = budget.Limits.Select(limit =>
            new LinearBound(PerGroup(table, groupOf, (block, k) => limit.Load(table, block, k)), limit.Bound(table)));
        return new(costs, [.. allowed], monotone ? Pairs(table, groupOf, pins) : [], [.. bounds], groupOf);
    }

    /// <summary>The choice of each block, from that of each group.</summary>
    public int[] OfBlocks(int[] choice) => [.. GroupOf.Select(group => choice[group])];

    private static int[] Groups(SensitivityTable table, Budget budget)
    {
        var groupOf = Enumerable.Range(0, table.Blocks.Count).ToArray();
        foreach (var (first, second) in budget.Ties)
        {
            var (keep, drop) = (groupOf[IndexOf(table, first)], groupOf[IndexOf(table, second)]);
            groupOf = [.. groupOf.Select(group => group == drop ? keep : group)];
        }

        var numbers = groupOf.Distinct().ToList();
        return [.. groupOf.Select(group => numbers.IndexOf(group))];
    }

    private static Dictionary<int, int> Pins(SensitivityTable table, Budget budget, int[] groupOf)
    {
        var pins = new Dictionary<int, int>();
        foreach (var (block, bits) in budget.Fixed)
        {
            var (group, choice) = (groupOf[IndexOf(table, block)], table.IndexOf(bits));
            if (pins.TryGetValue(group, out var earlier) && earlier != choice)
            {
                throw new ArgumentException(
                    $"Block \"{block}\" is pinned to {bits} bits, but it or a block tied to it is pinned to {table.Bits[earlier]} too; " +
                    "tied blocks have one bit width. Take one pin or the tie away.", nameof(budget));
            }

            pins[group] = choice;
        }

        return pins;
    }

    /// <summary>Neighbours along the precision order; pinned groups are left out, since the user has set the rule aside for them.</summary>
    private static List<(int First, int Second)> Pairs(SensitivityTable table, int[] groupOf, Dictionary<int, int> pins)
    {
        var order = table.PrecisionOrder.Select(block => groupOf[block]).Where(group => !pins.ContainsKey(group)).ToList();
        return [.. order.Zip(order.Skip(1)).Where(pair => pair.First != pair.Second)];
    }

    private static double[][] PerGroup(SensitivityTable table, int[] groupOf, Func<int, int, double> value)
    {
        var sums = Enumerable.Range(0, groupOf.Max() + 1).Select(_ => new double[table.Bits.Count]).ToArray();
        for (var block = 0; block < groupOf.Length; block++)
        {
            for (var k = 0; k < table.Bits.Count; k++)
            {
                sums[groupOf[block]][k] += value(block, k);
            }
        }

        return sums;
    }

    private static int IndexOf(SensitivityTable table, string name)
    {
        var index = table.Blocks.ToList().FindIndex(block => block.Block.Name == name);
        return index >= 0
            ? index
            : throw new ArgumentException(
                $"The budget pins or ties block \"{name}\", which the table lacks; it has {string.Join(", ", table.Blocks.Select(b => b.Block.Name))}.",
                nameof(name));
    }
}
