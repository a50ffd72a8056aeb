using static TorchSharp.torch;

namespace Hawq.Kit;

/// <summary>The steps from curvature to bit widths.</summary>
public static class AllocationVerbs
{
    /// <summary>Multiplies each block's curvature with its quantization error: Ω = measure · ‖Q_b(W) − W‖².</summary>
    /// <param name="curvature">The measured blocks.</param>
    /// <param name="network">The network that was measured.</param>
    /// <param name="scheme">How weights are quantized, by symmetry, granularity and range; the method that fine-tuning uses (DoReFa, LSQ, LQ-Nets) plays no role.</param>
    /// <param name="measure">Top eigenvalue for HAWQ-V1, average trace for V2, empirical Fisher for FIT, none for ‖Q(W) − W‖² alone.</param>
    /// <param name="bits">The bit widths to choose from.</param>
    /// <exception cref="ArgumentException">No bit width is given.</exception>
    /// <exception cref="InvalidOperationException">The analysis did not take the measure: the message says what to add to it.</exception>
    public static SensitivityTable SensitivityTo(
        this CurvatureReport curvature, Network network, QuantizationScheme scheme, CurvatureMeasure measure, params ReadOnlySpan<BitWidth> bits)
    {
        ArgumentNullException.ThrowIfNull(curvature);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(scheme);
        if (bits.Length == 0)
        {
            throw new ArgumentException("Received no bit width; expected at least one of 1 to 8, for example 2, 3, 4, 6, 8.", nameof(bits));
        }

        using var _ = no_grad();
        var widths = bits.ToArray().Distinct().Order().ToList();
        var blocks = curvature.Blocks.Select(block => BlockSensitivity.Of(
            block.Block, measure, block.Magnitude(measure), [.. widths.Select(width => QuantizationError.Of(block.Block, width, scheme))]));
        return new SensitivityTable([.. blocks], widths, measure, scheme, OtherBytes(network, curvature.Blocks.Select(block => block.Block)));
    }

    /// <summary>Bytes of a float network outside of the blocks' weights, without counters: biases, batch norm with its running statistics.</summary>
    internal static long OtherBytes(Network network, IEnumerable<Block> blocks)
    {
        var size = NetworkSize.Of(network);
        return size.Bytes - size.Counters - (sizeof(float) * blocks.Sum(block => block.WeightCount));
    }

    /// <summary>Bits as you say, in network order: the paper's way.</summary>
    /// <param name="table">Ω of the blocks.</param>
    /// <param name="name">What the choice is called.</param>
    /// <param name="bits">One bit width for each block.</param>
    /// <exception cref="ArgumentException">The number of bit widths is not that of the blocks, or one is not in the table.</exception>
    public static BitAllocation AllocateByHand(this SensitivityTable table, string name, params ReadOnlySpan<BitWidth> bits)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (bits.Length != table.Blocks.Count)
        {
            throw new ArgumentException(
                $"Received {bits.Length} bit widths; expected {table.Blocks.Count}, one for each of {string.Join(", ", table.Blocks.Select(b => b.Block.Name))}.", nameof(bits));
        }

        return Make(table, name, [.. bits.ToArray().Select(table.IndexOf)]);
    }

    /// <summary>The same bit width for every block. The paper's "Direct" spares a few layers of its ImageNet networks; see <see cref="PaperTable"/>.</summary>
    /// <param name="table">Ω of the blocks.</param>
    /// <param name="bits">The bit width.</param>
    public static BitAllocation Uniform(this SensitivityTable table, BitWidth bits)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Make(table, $"uniform {bits} bit", [.. table.Blocks.Select(_ => table.IndexOf(bits))]);
    }

    /// <summary>The exact minimum of ΣΩ within a budget, by an integer program (HAWQ-V3; Yao et al. 2021).</summary>
    /// <param name="table">Ω of the blocks.</param>
    /// <param name="budget">Limits of size, bit operations or latency, pinned and tied blocks.</param>
    /// <param name="monotone">Whether bits must not increase along the precision order, as HAWQ-V1 and V2 demand; V3 does not.</param>
    /// <returns>The bits; <see cref="BitAllocation.Budgets"/> tells what each limit is worth.</returns>
    /// <exception cref="ArgumentException">
    /// No choice meets the budget: the message says which limit fails and the least that is possible. Or the budget names a block or
    /// bit width that the table lacks, or needs costs that the table does not know. Or an Ω is not finite.
    /// </exception>
    public static BitAllocation Allocate(this SensitivityTable table, Budget budget, bool monotone = true)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(budget);
        var program = AllocationProgram.Of(table, budget, monotone);
        var choice = IntegerProgram.Minimum(program, program.Costs) ?? throw Infeasibility.Explain(table, budget, program);
        var uses = budget.Limits.Zip(program.Bounds, RelaxedPrices.Of(program)).Select(limit =>
        {
            var perUnit = limit.First.PerUnit(table);
            return new BudgetUse(limit.First.Name, limit.Second.Load(choice) / perUnit, limit.First.Units, limit.First.Unit, limit.Third * perUnit);
        });
        return Make(table, $"HAWQ, {budget.Name}", program.OfBlocks(choice)) with { Budgets = [.. uses] };
    }

    /// <summary>All allocations that no other beats in both size and ΣΩ, smallest first (HAWQ-V2).</summary>
    /// <param name="table">Ω of the blocks.</param>
    /// <param name="monotone">Whether bits must not increase along the precision order.</param>
    /// <exception cref="ArgumentException">An Ω is not finite.</exception>
    public static IReadOnlyList<BitAllocation> ParetoFrontier(this SensitivityTable table, bool monotone = true)
    {
        ArgumentNullException.ThrowIfNull(table);
        table.RequireFinite();
        var order = table.PrecisionOrder;
        var sizes = order.Select(k => table.Bits.Select(bits => bits.Value * table.Blocks[k].Block.WeightCount).ToArray()).ToArray();
        var costs = order.Select(k => Enumerable.Range(0, table.Bits.Count).Select(table.Blocks[k].Perturbation).ToArray()).ToArray();
        return [.. MonotoneKnapsack.Frontier(sizes, costs, monotone).Select(point => Make(table, "Pareto", Reordered(point.Choice, order)))];
    }

    /// <summary>
    /// The exact minimum of ΣΩ within a budget when bits must not decrease along the precision order: the paper's
    /// "HAWQ-Reverse-Precision" under the same budget.
    /// </summary>
    /// <param name="table">Ω of the blocks.</param>
    /// <param name="budget">The budget to keep.</param>
    public static BitAllocation AllocateReversed(this SensitivityTable table, Budget budget)
    {
        ArgumentNullException.ThrowIfNull(table);
        var reversed = table with { Blocks = [.. table.Blocks.Select(block => block with { Priority = -block.Priority })] };
        var allocation = reversed.Allocate(budget);
        return allocation with
        {
            Name = $"reversed precision, {budget.Name}",
            Blocks = [.. allocation.Blocks.Zip(table.Blocks, (chosen, block) => chosen with { Priority = block.Priority })],
        };
    }

    private static int[] Reordered(int[] choice, IReadOnlyList<int> order)
    {
        var byBlock = new int[choice.Length];
        for (var k = 0; k < choice.Length; k++)
        {
            byBlock[order[k]] = choice[k];
        }

        return byBlock;
    }

    private static BitAllocation Make(SensitivityTable table, string name, int[] choice) => new(
        name,
        [.. table.Blocks.Select((block, k) => new BlockAllocation(
            block.Block, table.Bits[choice[k]], block.Curvature, block.Priority, block.Perturbation(choice[k]))
        {
            BitOperations = table.BitOperations(k, choice[k]),
            Milliseconds = block.Milliseconds?[choice[k]],
        })],
        table.Scheme,
        table.OtherBytes);
}
