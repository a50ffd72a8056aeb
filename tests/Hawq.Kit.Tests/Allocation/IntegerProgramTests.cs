using System.Globalization;
using System.Text.RegularExpressions;
using CsCheck;
using Hawq.Kit.Tests.Support;

namespace Hawq.Kit.Tests.Allocation;

public partial class IntegerProgramTests
{
    private static readonly string[] Units = ["MiB", "GBOPs", "ms"];

    /// <summary>C(L + m − 1, m − 1): 23,426 for HAWQ-V2's 50 layers of 4 bit widths, where 4^50 are free.</summary>
    [Theory]
    [InlineData(4, 3, 15)]
    [InlineData(50, 4, 23_426)]
    public void The_monotone_rule_leaves_as_many_choices_as_HAWQ_V2_counts(int items, int choices, int expected)
    {
        var random = new Random(1);
        var sizes = Enumerable.Range(0, items).Select(_ => Enumerable.Range(0, choices).Select(choice => (choice * 1_000_000_000L) + random.Next(1_000_000_000)).ToArray()).ToArray();
        var costs = sizes.Select(row => row.Select(size => -(double)size).ToArray()).ToArray(); // the larger, the cheaper: no choice beats another
        MonotoneKnapsack.Frontier(sizes, costs, monotone: true).Count.ShouldBe(expected);
    }

    [Fact]
    public void Allocation_equals_brute_force_with_one_to_three_budgets_pins_and_ties() => AllocationCase.Gen(6).Sample(EqualsBruteForce, iter: 250);

    /// <summary>Problems for which the solver's presolve gives a worse choice as the optimum.</summary>
    [Theory]
    [InlineData("9ZrpVNjPWPq1")]
    [InlineData("9PayzfBZ5-D1")]
    [InlineData("1rRL0KoKD1K1")]
    public void Allocation_equals_brute_force_where_the_presolve_is_wrong(string seed) =>
        AllocationCase.Gen(6).Sample(EqualsBruteForce, seed: seed, iter: 1);

    [Fact]
    public void Allocation_of_eight_blocks_equals_brute_force() =>
        AllocationCase.Gen(8).Where(c => c.Count == 8).Sample(EqualsBruteForce, iter: 4);

    [Fact]
    public void A_larger_budget_never_raises_the_perturbation() => Gen.Select(AllocationCase.Gen(12), Gen.Double[1, 1.5]).Sample(
        (c, factor) =>
        {
            var larger = c.Limits.Select((limit, kind) => limit * (kind == 0 ? factor : 1 + ((factor - 1) / 2))).ToArray();
            return Try(c, c.Limits) is not { } tight || Try(c, larger)!.Perturbation <= tight.Perturbation * (1 + 1e-9);
        },
        iter: 100);

    [Fact]
    public void Order_of_blocks_does_not_matter() => Gen.Select(AllocationCase.Gen(12).Where(HasOnePrecisionOrder), Gen.Int).Sample(
        (c, seed) =>
        {
            var order = Enumerable.Range(0, c.Count).ToArray();
            new Random(seed).Shuffle(order);
            return Bits(Try(c, c.Limits)) == Bits(Try(c, c.Limits, order));
        },
        iter: 100);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_frontier_is_all_choices_that_no_other_beats(bool monotone) => AllocationCase.Gen(5).Sample(
        random =>
        {
            var c = random with { Monotone = monotone, Pins = [.. random.Pins.Select(_ => -1)], Ties = [] };
            var best = double.PositiveInfinity;
            var witness = c.Choices().Select(choice => (Size: c.Loads(choice)[0], Cost: c.Cost(choice))).OrderBy(p => p.Size).ThenBy(p => p.Cost)
                .Where(p => p.Cost < best && (best = p.Cost) == p.Cost).ToList();
            var frontier = c.Table().ParetoFrontier(monotone);
            frontier.Count.ShouldBe(witness.Count);
            foreach (var (point, expected) in frontier.Zip(witness))
            {
                (point.WeightBits / (double)(8 << 20)).ShouldBe(expected.Size, 1e-9 * expected.Size);
                point.Perturbation.ShouldBe(expected.Cost, 1e-9 * expected.Cost);
            }

            var some = frontier[frontier.Count / 2];
            var program = c.Table().Allocate(Budget.ModelSize(some.WeightBits / (double)(8 << 20)), monotone);
            program.Perturbation.ShouldBe(some.Perturbation, 1e-9 * some.Perturbation);
            program.WeightBits.ShouldBe(some.WeightBits);
        },
        iter: 60);

    [Fact]
    public void The_same_input_gives_the_same_bits_five_times() => AllocationCase.Gen(40).Sample(
        c => Enumerable.Range(0, 5).Select(_ => Bits(Try(c, c.Limits))).Distinct().Count() == 1, iter: 20);

    /// <summary>Weak duality: Σ min(Ω + price · load) − price · limit is below the optimum for any prices, and greatest for the dual ones.</summary>
    [Fact]
    public void Prices_are_the_maximum_of_the_Lagrangian_dual() => Gen.Select(AllocationCase.Gen(10), Gen.Double[0, 2].Array[3].Array[20]).Sample(
        (random, factors) =>
        {
            var c = random with { Monotone = false, Pins = [.. random.Pins.Select(_ => -1)], Ties = [], Shares = [.. random.Shares.Select(Math.Abs)] };
            if (Try(c, c.Limits) is not { } found)
            {
                return;
            }

            double[] prices = [.. found.Budgets.Select(use => use.Price)];
            var bound = Dual(prices);
            bound.ShouldBeLessThanOrEqualTo(found.Perturbation * (1 + 1e-7));
            foreach (var factor in factors)
            {
                Dual([.. prices.Zip(factor, (price, f) => price * f)]).ShouldBeLessThanOrEqualTo(bound + (1e-7 * found.Perturbation));
                Dual([.. prices.Zip(factor, (price, f) => price + (0.1 * f))]).ShouldBeLessThanOrEqualTo(bound + (1e-7 * found.Perturbation));
            }

            double Dual(double[] at) => Enumerable.Range(0, c.Count)
                .Sum(i => AllocationCase.Bits.Select((_, k) => (c.Curvatures[i] * c.Errors[i][k]) + at.Select((price, kind) => price * c.Load(kind, i, k)).Sum()).Min())
                - at.Zip(c.Limits, (price, limit) => price * limit).Sum();
        },
        iter: 80);

    /// <summary>The second block saves more a bit, but may have 8 bits only as far as the first does: the relaxation raises both.</summary>
    [Fact]
    public void Price_under_the_monotone_rule_is_that_of_both_blocks_together()
    {
        var table = SensitivityTable.Of(
            CurvatureMeasure.AverageTrace, QuantizationScheme.SymmetricPerChannel, [4, 8], new("first", 1 << 20, 2, [1, 0.5]), new("second", 1 << 20, 1, [5, 1]));
        table.Allocate(Budget.ModelSize(1.7)).Budgets[0].Price.ShouldBe(5, 1e-6);                     // (1 + 4) of ΣΩ for 0.5 + 0.5 MiB
        table.Allocate(Budget.ModelSize(1.7), monotone: false).Budgets[0].Price.ShouldBe(2, 1e-6);   // "second" is full, 1 for 0.5 MiB
        table.Allocate(Budget.ModelSize(2)).Budgets[0].Used.ShouldBe(2);
        table.Allocate(Budget.ModelSize(3)).Budgets[0].Price.ShouldBe(0);
    }

    [Fact]
    public void Of_equal_choices_the_one_with_fewer_bits_wins()
    {
        var table = SensitivityTable.Of(
            CurvatureMeasure.AverageTrace, QuantizationScheme.SymmetricPerChannel, [2, 4, 8], new("flat", 1000, 0, [3, 2, 1]), new("steep", 1000, 1, [3, 2, 1]));
        Bits(table.Allocate(Budget.AverageBits(8), monotone: false)).ShouldBe("flat=2 steep=8");
    }

    /// <summary>Blocks of equal S are ranked as they stand in the network, so there the order matters under the monotone rule.</summary>
    private static bool HasOnePrecisionOrder(AllocationCase c) => c.Curvatures.Distinct().Count() == c.Count;

    private static void EqualsBruteForce(AllocationCase c)
    {
        var limits = c.Limits;
        var allowed = c.Choices().Select(choice => (Loads: c.Loads(choice), Cost: c.Cost(choice))).ToList();
        var costs = allowed.Where(choice => AllocationCase.Meets(choice.Loads, limits)).Select(choice => choice.Cost).ToList();
        if (costs.Count == 0)
        {
            Explains(Should.Throw<ArgumentException>(() => c.Table().Allocate(c.Budget(limits), c.Monotone)).Message, limits, allowed);
            return;
        }

        var found = c.Table().Allocate(c.Budget(limits), c.Monotone);
        found.Perturbation.ShouldBe(costs.Min(), 1e-9 * costs.Min());
        found.Budgets.Select(use => use.Used).ShouldBe(
            c.Loads([.. found.Blocks.Select(block => Array.IndexOf(AllocationCase.Bits, block.Bits))]).Where((_, kind) => double.IsFinite(limits[kind])), 1e-9);
        found.Budgets.ShouldAllBe(use => use.Used <= use.Limit * (1 + 2e-12) && use.Price >= 0);
    }

    private static void Explains(string message, double[] limits, List<(double[] Loads, double Cost)> allowed)
    {
        if (allowed.Count == 0)
        {
            message.ShouldContain("Take one pin or the tie away");
            return;
        }

        var said = Said().Match(message);
        said.Success.ShouldBeTrue(message);
        var kind = Array.IndexOf(Units, said.Groups["unit"].Value);
        var others = limits.Select((limit, k) => k < kind && said.Groups["others"].Success ? limit : double.PositiveInfinity).ToArray();
        var least = allowed.Where(choice => AllocationCase.Meets(choice.Loads, others)).Min(choice => choice.Loads[kind]);
        least.ShouldBeGreaterThan(limits[kind]);
        double.Parse(said.Groups["least"].Value, CultureInfo.InvariantCulture).ShouldBeInRange(least * (1 - 1e-9), least * (1 + 2e-4));
    }

    private static BitAllocation? Try(AllocationCase c, double[] limits, int[]? order = null)
    {
        try
        {
            return c.Table(order).Allocate(c.Budget(limits), c.Monotone);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>So many equal layers make equal choices in astronomical numbers; the budget is 2 of 4 to 8 bits for 50 of the 100.</summary>
    [Fact]
    public void A_hundred_equal_layers_are_solved()
    {
        var rows = Enumerable.Range(0, 100).Select(i => new SensitivityRow(AllocationCase.Name(i), 1000, 1, [4, 1, 0.5])).ToList();
        var table = SensitivityTable.Of(CurvatureMeasure.AverageTrace, QuantizationScheme.SymmetricPerChannel, [4, 6, 8], rows);
        table.Allocate(Budget.AverageBits(5), monotone: false).Perturbation.ShouldBe((50 * 4) + (50 * 1));
        table.Allocate(Budget.AverageBits(5)).Blocks.Count(block => block.Bits == new BitWidth(6)).ShouldBe(50);
    }

    private static string Bits(BitAllocation? allocation) => allocation is null
        ? ""
        : string.Join(" ", allocation.Blocks.Select(block => $"{block.Block.Name}={block.Bits}").Order(StringComparer.Ordinal));

    [GeneratedRegex("^No choice meets \"≤ .*?\"(?<others> together with .*)?: the least possible is (?<least>[0-9.E+-]+) (?<unit>MiB|GBOPs|ms)")]
    private static partial Regex Said();
}
