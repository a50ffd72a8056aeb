namespace Hawq.Kit;

/// <summary>
/// Exact minimum of Σ cost under a bound on Σ size, one choice for each item, by dynamic programming over the Pareto-optimal
/// partial choices. With the monotone rule, choices must not increase from item to item.
/// </summary>
/// <remarks>
/// It stays beside <see cref="IntegerProgram"/> because it yields the whole frontier in one pass, where the program would be solved
/// once a point; for one budget the program is used, since this knows neither several budgets nor ties.
/// A partial choice that another beats in both size and cost, at a last choice that allows at least as much, can be dropped
/// without losing the optimum. With m choices and L items the monotone rule leaves C(L + m − 1, m − 1) choices at most.
/// </remarks>
internal static class MonotoneKnapsack
{
    /// <summary>All choices that no other beats in both size and cost, by ascending size.</summary>
    /// <param name="sizes">Size of each item (row) at each choice (column).</param>
    /// <param name="costs">Cost of each item at each choice.</param>
    /// <param name="monotone">Whether the index of the choice must not increase from item to item.</param>
    public static IReadOnlyList<(int[] Choice, long Size, double Cost)> Frontier(long[][] sizes, double[][] costs, bool monotone)
    {
        var choices = sizes[0].Length;
        var states = new List<Partial>[choices];
        for (var c = 0; c < choices; c++)
        {
            states[c] = [new Partial(sizes[0][c], costs[0][c], c, null)];
        }

        for (var item = 1; item < sizes.Length; item++)
        {
            var next = new List<Partial>[choices];
            for (var c = 0; c < choices; c++)
            {
                var (size, cost, choice) = (sizes[item][c], costs[item][c], c);
                var from = Enumerable.Range(monotone ? c : 0, monotone ? choices - c : choices).SelectMany(earlier => states[earlier]);
                next[c] = Prune(from.Select(state => new Partial(state.Size + size, state.Cost + cost, choice, state)));
            }

            states = next;
        }

        return [.. Prune(states.SelectMany(state => state)).Select(state => (state.Choices(sizes.Length), state.Size, state.Cost))];
    }

    private static List<Partial> Prune(IEnumerable<Partial> states)
    {
        var kept = new List<Partial>();
        foreach (var state in states.OrderBy(s => s.Size).ThenBy(s => s.Cost))
        {
            if (kept.Count == 0 || state.Cost < kept[^1].Cost)
            {
                kept.Add(state);
            }
        }

        return kept;
    }

    private sealed record Partial(long Size, double Cost, int Choice, Partial? Earlier)
    {
        public int[] Choices(int count)
        {
            var choices = new int[count];
            var state = this;
            for (var item = count - 1; item >= 0; item--, state = state.Earlier!)
            {
                choices[item] = state.Choice;
            }

            return choices;
        }
    }
}
