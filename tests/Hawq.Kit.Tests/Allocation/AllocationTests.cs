namespace Hawq.Kit.Tests.Allocation;

public class AllocationTests
{
    private static readonly BitWidth[] Widths = [2, 3, 4, 6, 8];

    [Fact]
    public void The_papers_bits_give_13_1075()
    {
        using var network = new CifarResNet(20);
        Table(network).AllocateByHand("paper", 8, 6, 6, 8, 3, 3, 3, 2, 2, 2, 3).WeightCompression.ShouldBe(13.1075, 5e-5);
    }

    [Fact]
    public void Other_bits_have_other_sums()
    {
        using var network = new CifarResNet(20);
        var (two, four) = (Table(network).Uniform(2), Table(network).Uniform(4));
        var changed = two with { Blocks = four.Blocks };
        (changed.WeightBits, changed.Perturbation, changed.TotalBytes).ShouldBe((four.WeightBits, four.Perturbation, four.TotalBytes));
        changed.TotalMebibytes.ShouldBe(four.TotalBytes / 1024.0 / 1024);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(33)]
    public void Average_bits_and_ratios_beyond_1_to_32_are_refused(double value)
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Budget.AverageBits(value));
        Should.Throw<ArgumentOutOfRangeException>(() => Budget.WeightCompression(value));
    }

    [Fact]
    public void No_point_of_the_frontier_is_dominated()
    {
        using var network = new CifarResNet(20);
        var frontier = Table(network).ParetoFrontier();
        for (var k = 1; k < frontier.Count; k++)
        {
            frontier[k].WeightBits.ShouldBeGreaterThan(frontier[k - 1].WeightBits);
            frontier[k].Perturbation.ShouldBeLessThan(frontier[k - 1].Perturbation);
        }
    }

    [Fact]
    public void Allocation_meets_its_budget_and_bits_follow_the_precision_order()
    {
        using var network = new CifarResNet(20);
        var table = Table(network);
        var bits = table.Allocate(Budget.WeightCompression(13.1));
        bits.WeightCompression.ShouldBeGreaterThanOrEqualTo(13.1);
        var along = table.PrecisionOrder.Select(k => bits.Blocks[k].Bits.Value).ToList();
        along.ShouldBe(along.OrderDescending());
        var against = table.AllocateReversed(Budget.WeightCompression(13.1));
        against.WeightCompression.ShouldBeGreaterThanOrEqualTo(13.1);
        against.Blocks.Select(block => block.Priority).ShouldBe(bits.Blocks.Select(block => block.Priority));
        table.PrecisionOrder.Select(k => against.Blocks[k].Bits.Value).ToList().ShouldBe(
            table.PrecisionOrder.Select(k => against.Blocks[k].Bits.Value).Order());
    }

    /// <summary>The file holds a header and batch norm's counters beside.</summary>
    [Fact]
    public void Total_bytes_are_those_of_the_file_that_is_saved()
    {
        using var folder = new TemporaryFolder();
        using var network = new CifarResNet(8, seed: 1);
        var curvature = new CurvatureReport(
            [.. BlockPartition.ByUnit.Of(network).Select(block => new BlockCurvature(block, [new Eigenpair(1, 0, 1, true)], null))], 0, 1, "", "", 0, 0, 0);
        var bits = curvature.SensitivityTo(network, QuantizationScheme.MidRisePerChannel, CurvatureMeasure.TopEigenvalue, 2, 3, 8).AllocateByHand("mixed", 8, 3, 2, 2, 3);
        using var copy = network.Clone();
        ModelQuantizer.Quantize(copy, bits.Blocks.Select(block => new BlockPrecision(block.Block, block.Bits, 32)), bits.Scheme, null);
        var length = copy.SaveQuantized(folder["a.safetensors"]);
        var header = BitConverter.ToInt64(File.ReadAllBytes(folder["a.safetensors"]), 0) + sizeof(long);
        bits.TotalBytes.ShouldBe(length - header - NetworkSize.Of(network).Counters);
    }

    [Fact]
    public void An_impossible_budget_says_the_best_that_is_possible()
    {
        using var network = new CifarResNet(20);
        Should.Throw<ArgumentException>(() => Table(network).Allocate(Budget.WeightCompression(20))).Message.ShouldContain("16.00×");
    }

    [Fact]
    public void A_wrong_number_of_bits_lists_the_blocks()
    {
        using var network = new CifarResNet(20);
        Should.Throw<ArgumentException>(() => Table(network).AllocateByHand("short", 8, 6)).Message.ShouldContain("layer1.0");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void Bit_widths_other_than_1_to_8_and_32_are_refused(int bits) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new BitWidth(bits)).Message.ShouldContain("1 to 8");

    /// <summary>ResNet20's blocks with made-up eigenvalues: λ falls from block to block.</summary>
    private static SensitivityTable Table(Network network)
    {
        var blocks = BlockPartition.ByUnit.Of(network);
        var curvature = new CurvatureReport(
            [.. blocks.Select((block, k) => new BlockCurvature(block, [new Eigenpair(20.0 - k, 0, 1, true)], null))], 0, 1, "", "", 0, 0, 0);
        return curvature.SensitivityTo(network, QuantizationScheme.SymmetricPerChannel, CurvatureMeasure.TopEigenvalue, Widths);
    }
}
