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

    [Fact]
    public void An_Ω_that_is_no_number_is_refused_with_the_name_of_its_block()
    {
        using var network = new CifarResNet(20);
        var table = Table(network);
        var bad = table with { Blocks = [.. table.Blocks.Select((block, k) => k == 3 ? block with { Curvature = double.NaN } : block)] };
        foreach (var act in (Action[])[() => bad.Allocate(Budget.AverageBits(4)), () => bad.AllocateReversed(Budget.AverageBits(4)), () => bad.ParetoFrontier()])
        {
            Should.Throw<ArgumentException>(act).Message.ShouldStartWith("Ω of block \"layer1.2\" is not finite");
        }
    }

    [Fact]
    public void A_measure_that_was_not_taken_and_a_missing_scheme_are_named()
    {
        using var network = new CifarResNet(8);
        var curvature = new CurvatureReport(
            [.. BlockPartition.ByUnit.Of(network).Select(block => new BlockCurvature(block, [new Eigenpair(1, 0, 1, true)], null))], 0, 1, "", "", 0, 0, 0);
        Should.Throw<InvalidOperationException>(() => curvature.SensitivityTo(network, QuantizationScheme.SymmetricPerChannel, CurvatureMeasure.AverageTrace, 4))
            .Message.ShouldBe("Block \"conv1\" has no trace; add WithTrace() to the analysis.");
        Should.Throw<ArgumentNullException>(() => curvature.SensitivityTo(network, null!, CurvatureMeasure.TopEigenvalue, 4)).ParamName.ShouldBe("scheme");
    }

    /// <summary>HAWQ-V1 ranks by S = |λ| ÷ n, a trace by itself; the two blocks stand the other way by each.</summary>
    [Theory]
    [InlineData(CurvatureMeasure.TopEigenvalue, 1)]
    [InlineData(CurvatureMeasure.AverageTrace, 0)]
    public void Given_numbers_and_measured_ones_have_the_same_precision_order(CurvatureMeasure measure, int first)
    {
        using var network = new CifarResNet(8);
        var blocks = BlockPartition.ByUnit.Of(network).Where(block => block.Name is "layer3.0" or "conv1").OrderByDescending(block => block.WeightCount).ToList();
        double[] magnitudes = [20, 10];
        var curvature = new CurvatureReport(
            [.. blocks.Zip(magnitudes, (block, x) => new BlockCurvature(block, [new Eigenpair(-x, 0, 1, true)], new Estimate(-x * block.WeightCount, 0, 1)))], 0, 1, "", "", 0, 0, 0);
        var measured = curvature.SensitivityTo(network, QuantizationScheme.SymmetricPerChannel, measure, 2, 4);
        var given = SensitivityTable.Of(
            measure, QuantizationScheme.SymmetricPerChannel, [2, 4], [.. blocks.Zip(magnitudes, (block, x) => new SensitivityRow(block.Name, block.WeightCount, x, [1, 0]))]);
        measured.PrecisionOrder[0].ShouldBe(first);
        given.Blocks.Select(block => block.Priority).ShouldBe(measured.Blocks.Select(block => block.Priority), 1e-15);
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
