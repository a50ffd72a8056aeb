namespace Hawq.Kit.Tests.Studies;

public class RuleAllocationTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(5.5)]
    public void Random_bits_have_exactly_the_size_of_the_asked_and_vary_with_the_seed(double average)
    {
        using var network = new CifarResNet(20, seed: 1);
        var table = Table(network);
        var budget = Budget.AverageBits(average);
        var asked = table.Allocate(budget);
        var random = Enumerable.Range(1, 5).Select(seed => RuleAllocation.Of(table, budget, AllocationRule.RandomBits, seed)).ToList();
        random.ShouldAllBe(allocation => allocation.WeightBits == asked.WeightBits);
        random.Select(Bits).Distinct().Count().ShouldBeGreaterThan(2);
        Bits(RuleAllocation.Of(table, budget, AllocationRule.RandomBits, 3)).ShouldBe(Bits(random[2]));
    }

    [Fact]
    public void Random_bits_equal_in_bit_operations_and_keep_pins()
    {
        using var network = new CifarResNet(20, seed: 1);
        var table = Table(network).WithMultiplyAccumulates(network.MultiplyAccumulates(3, 32, 32));
        var budget = Budget.BitOperations(0.7).And(Budget.AverageBits(6)).WithFixed("conv1", 8);
        var asked = table.Allocate(budget);
        for (var seed = 1; seed < 5; seed++)
        {
            var random = RuleAllocation.Of(table, budget, AllocationRule.RandomBits, seed);
            random.BitOperations.ShouldBe(asked.BitOperations);
            random.Blocks[0].Bits.Value.ShouldBe(8);
            random.AverageBits.ShouldBeLessThanOrEqualTo(6);
        }
    }

    [Fact]
    public void Uniform_bits_are_the_most_that_fit()
    {
        using var network = new CifarResNet(8, seed: 1);
        var table = Table(network);
        Bits(Uniform(Budget.AverageBits(4))).ShouldBe("4,4,4,4,4");
        Uniform(Budget.AverageBits(4)).AverageBits.ShouldBe(4);
        Bits(Uniform(Budget.AverageBits(5.9))).ShouldBe("4,4,4,4,4");
        Bits(Uniform(Budget.AverageBits(4.5).WithFixed("conv1", 8))).ShouldBe("8,4,4,4,4");
        Should.Throw<ArgumentException>(() => Uniform(Budget.AverageBits(1.9))).Message.ShouldStartWith("No uniform bit width of 2, 3, 4, 6, 8 meets");

        BitAllocation Uniform(Budget budget) => RuleAllocation.Of(table, budget, AllocationRule.UniformBits, 1);
    }

    [Theory]
    [InlineData(AllocationRule.Hawq)]
    [InlineData(AllocationRule.HawqV3)]
    [InlineData(AllocationRule.ReversedPrecision)]
    [InlineData(AllocationRule.FirstAndLastAt8)]
    public void Other_rules_are_the_best_within_the_budget_by_brute_force(AllocationRule rule)
    {
        using var network = new CifarResNet(8, seed: 1);
        var table = Table(network);
        var found = RuleAllocation.Of(table, Budget.AverageBits(4), rule, 1);
        var best = Choices(5, table.Bits.Count).Select(choice => table.AllocateByHand("all", [.. choice.Select(k => table.Bits[k])]))
            .Where(a => a.AverageBits <= 4 && Allowed(a)).MinBy(a => a.Perturbation)!;
        Bits(found).ShouldBe(Bits(best));

        bool Allowed(BitAllocation allocation)
        {
            var ordered = table.PrecisionOrder.Select(k => allocation.Blocks[k].Bits.Value).ToList();
            var steps = ordered.Zip(ordered.Skip(1), (first, second) => second - first).ToList();
            return rule switch
            {
                AllocationRule.Hawq => steps.TrueForAll(step => step <= 0),
                AllocationRule.ReversedPrecision => steps.TrueForAll(step => step >= 0),
                AllocationRule.FirstAndLastAt8 => allocation.Blocks[0].Bits == 8 && allocation.Blocks[^1].Bits == 8 && Falls(allocation),
                _ => true,
            };
        }

        bool Falls(BitAllocation allocation)
        {
            var inner = table.PrecisionOrder.Where(k => k is > 0 and < 4).Select(k => allocation.Blocks[k].Bits.Value).ToList();
            return inner.SequenceEqual(inner.OrderDescending());
        }
    }

    [Fact]
    public void Random_order_is_a_permutation_of_its_seed()
    {
        using var network = new CifarResNet(20, seed: 1);
        var tuning = BlockwiseFineTuning.Of(network, Table(network).Uniform(4), 32).OrderedBy(BlockOrder.Random);
        var orders = Enumerable.Range(1, 6).Select(seed => string.Join(" ", tuning.Stages(seed).Select(stage => stage.Name))).ToList();
        orders.Distinct().Count().ShouldBe(6);
        string.Join(" ", tuning.Stages(4).Select(stage => stage.Name)).ShouldBe(orders[3]);
        orders.ShouldAllBe(order => order.Split(' ').Order().SequenceEqual(BlockPartition.ByUnit.Of(network).Select(block => block.Name).Order()));
    }

    private static SensitivityTable Table(Network network) => TinyStudy.Curvature(network)
        .SensitivityTo(network, QuantizationScheme.AsymmetricPerTensor, CurvatureMeasure.TopEigenvalue, 2, 3, 4, 6, 8);

    private static IEnumerable<int[]> Choices(int blocks, int bits) =>
        Enumerable.Range(0, (int)Math.Pow(bits, blocks)).Select(code => Enumerable.Range(0, blocks).Select(block => code / (int)Math.Pow(bits, block) % bits).ToArray());

    private static string Bits(BitAllocation allocation) => string.Join(",", allocation.Blocks.Select(block => block.Bits));
}
