using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Allocation;

public class CostTests
{
    /// <summary>9 · C_in · C_out · H' · W' a convolution: conv1, six of stage 1, then one that widens and five in stages 2 and 3.</summary>
    [Fact]
    public void Resnet20_has_40_55_million_MACs()
    {
        using var network = new CifarResNet(20);
        const long Wide = 9 * 16 * 16 * 32 * 32;
        var macs = network.MultiplyAccumulates(3, 32, 32);
        macs["conv1"].ShouldBe(9 * 3 * 16 * 32 * 32);
        macs["layer2.0.conv1"].ShouldBe(Wide / 2);
        macs["linear"].ShouldBe(640);
        macs.Values.Sum().ShouldBe((9 * 3 * 16 * 32 * 32) + (6 * Wide) + (2 * ((Wide / 2) + (5 * Wide))) + 640);
        macs.Values.Sum().ShouldBe(40_551_040);
        macs.Keys.ShouldBe(network.WeightLayers().Select(layer => layer.Name));
    }

    /// <summary>SqueezeNext's published counts in pytorchcv's layout; those of Caffe's stand beside its parameters.</summary>
    [Theory]
    [InlineData(1, 275.9)]
    [InlineData(2, 875.8)]
    public void SqueezeNext_has_the_published_MACs(double width, double millions)
    {
        using var network = new SqueezeNext(width: width);
        (network.MultiplyAccumulates(3, 224, 224).Values.Sum() / 1e6).ShouldBe(millions, 0.05);
    }

    [Fact]
    public void Groups_strides_rectangles_and_layers_used_twice_are_counted()
    {
        using var network = new Odd();
        var macs = network.MultiplyAccumulates(4, 9, 12);
        macs["grouped"].ShouldBe(8 * 5 * 6 * (4 / 2) * 3 * 1);   // C_out · H' · W' · C_in / groups · K_h · K_w, stride 2
        macs["twice"].ShouldBe(2 * 8 * 8 * 5 * 6);
        macs["unused"].ShouldBe(0);
    }

    [Fact]
    public void Counting_leaves_the_network_as_it_was()
    {
        using var network = new CifarResNet(8);
        network.train();
        var before = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        var live = Given.LiveTensors;
        var first = network.MultiplyAccumulates(3, 32, 32).ToDictionary();
        Given.LiveTensors.ShouldBe(live);
        var second = network.MultiplyAccumulates(3, 32, 32);
        using (no_grad())
        {
            network.call(zeros(2, 3, 8, 8)).Dispose();
        }

        second.ShouldBe(first);
        network.training.ShouldBeTrue();
        network.named_parameters().ShouldAllBe(parameter => parameter.parameter.requires_grad && parameter.parameter.allclose(before[parameter.name], 0, 0, false));
    }

    [Fact]
    public void A_float64_network_has_the_same_MACs()
    {
        using var network = new CifarResNet(8);
        var expected = network.MultiplyAccumulates(3, 32, 32).ToDictionary();
        network.to(ScalarType.Float64);
        network.MultiplyAccumulates(3, 32, 32).ShouldBe(expected);
    }

    [Fact]
    public void An_input_size_that_is_not_positive_is_refused()
    {
        using var network = new CifarResNet(8);
        Should.Throw<ArgumentException>(() => network.MultiplyAccumulates(3, 0, 32)).Message.ShouldContain("(3, 0, 32)");
    }

    [Fact]
    public void Bit_operations_are_MACs_times_both_bit_widths()
    {
        using var network = new CifarResNet(20);
        var macs = network.MultiplyAccumulates(3, 32, 32);
        var table = Table(network);
        table.Uniform(4).BitOperations.ShouldBeNull();
        table.WithMultiplyAccumulates(macs, 8).Uniform(4).BitOperations.ShouldBe(40_551_040L * 4 * 8);
        table.WithMultiplyAccumulates(macs).Uniform(4).BitOperations.ShouldBe(40_551_040L * 16);
        var half = table.WithMultiplyAccumulates(macs, 4).Allocate(Budget.BitOperations(0.8).And(Budget.WeightCompression(7)).WithFixed("conv1", 8).Tied("layer1.0", "layer1.2"));
        half.BitOperations!.Value.ShouldBeLessThanOrEqualTo(800_000_000);
        half.Budgets.Select(use => use.Unit).ShouldBe(["GBOPs", "bits a weight"]);
        half.Budgets[0].Used.ShouldBe(half.BitOperations.Value / 1e9, 1e-12);
        half.Budgets[1].Used.ShouldBe(half.AverageBits, 1e-12);
        half.Blocks[0].Bits.ShouldBe(8);
        half.Blocks[1].Bits.ShouldBe(half.Blocks[3].Bits);
    }

    [Fact]
    public void Latency_of_a_block_is_that_of_its_layers()
    {
        using var network = new CifarResNet(8);
        var table = Table(network);
        table.Uniform(4).Milliseconds.ShouldBeNull();
        var layers = network.WeightLayers().Select(layer => layer.Name).ToList();
        var timed = table.WithLatency(layers.SelectMany(name => table.Bits.Select(bits => new LayerLatency(name, bits, bits.Value))));
        timed.Uniform(4).Milliseconds.ShouldBe(4 * layers.Count);
        timed.Allocate(Budget.Latency(2 * layers.Count)).Blocks.ShouldAllBe(block => block.Bits == new BitWidth(2));
        Should.Throw<ArgumentException>(() => timed.Allocate(Budget.Latency((2 * layers.Count) - 1))).Message.ShouldContain("least possible is 16 ms");
        Should.Throw<ArgumentException>(() => timed.Allocate(Budget.Latency(17).WithFixed("conv1", 8))).Message.ShouldContain("least possible is 22 ms with conv1 at 8 bit. Allow that much, take a pin");
        Should.Throw<ArgumentException>(() => table.WithLatency([new("conv1", 2, 1), new("conv1", 2, 1)])).Message.ShouldContain("Average");
        Should.Throw<ArgumentException>(() => table.WithLatency([new("conv1", 2, 1)])).Message.ShouldContain("layer \"conv1\" at 4 bits");
    }

    [Fact]
    public void What_the_table_lacks_is_named()
    {
        using var network = new CifarResNet(8);
        var table = Table(network);
        Says(Budget.BitOperations(1), "WithMultiplyAccumulates");
        Says(Budget.Latency(1), "WithLatency");
        Says(Budget.AverageBits(4).WithFixed("conv9", 8), "\"conv9\"");
        Says(Budget.AverageBits(4).Tied("conv1", "conv9"), "layer1.0");
        Says(Budget.AverageBits(4).WithFixed("conv1", 5), "no column for 5 bits");
        Says(Budget.AverageBits(4).WithFixed("conv1", 8).WithFixed("linear", 4).Tied("conv1", "linear"), "Take one pin or the tie away");
        Should.Throw<ArgumentException>(() => table.WithMultiplyAccumulates(new Dictionary<string, long>())).Message.ShouldContain("\"conv1\"");

        void Says(Budget budget, string text) => Should.Throw<ArgumentException>(() => table.Allocate(budget)).Message.ShouldContain(text);
    }

    [Fact]
    public void A_pinned_block_is_exempt_from_the_monotone_rule()
    {
        using var network = new CifarResNet(8);
        var bits = Table(network).Allocate(Budget.AverageBits(3).WithFixed("linear", 8)).Blocks.Select(block => block.Bits.Value).ToList();
        bits[^1].ShouldBe(8);
        bits[^2].ShouldBeLessThan(8);
        bits[..^1].ShouldBe(bits[..^1].OrderDescending());
    }

    /// <summary>ResNet50's bits in the README of HAQ (Wang et al. 2019), published as 10×: conv1, then c1 c2 c3 and the projection of each bottleneck, fc.</summary>
    [Fact]
    public void Haqs_bits_give_10_04()
    {
        BitWidth[] bits = [
            6, 6, 5, 5, 5, 5, 4, 5, 5, 4, 5, 5, 5, 5, 5, 5, 3, 5, 4, 3, 5, 4, 3, 4, 4, 4, 2, 5, 4, 3, 3, 5, 3, 2, 5, 3, 2, 4, 3, 2, 5, 3, 2, 5, 3, 4, 2, 5, 2, 3, 4, 2, 3, 4];
        List<long> weights = [9_408];
        var input = 64L;
        foreach (var (width, units) in ((long, int)[])[(64, 3), (128, 4), (256, 6), (512, 3)])
        {
            for (var unit = 0; unit < units; unit++)
            {
                weights.AddRange([input * width, 9 * width * width, width * 4 * width]);
                weights.AddRange(unit == 0 ? [input * 4 * width] : []);
                input = 4 * width;
            }
        }

        weights.Add(2_048_000);
        weights.Sum().ShouldBe(25_502_912);
        var allocation = SensitivityTable
            .Of(CurvatureMeasure.AverageTrace, QuantizationScheme.SymmetricPerTensor, [2, 3, 4, 5, 6], [.. weights.Select((n, k) => new SensitivityRow($"{k}", n, 1, [4, 3, 2, 1, 0]))])
            .AllocateByHand("HAQ", bits);
        allocation.AverageBits.ShouldBe(3.1866, 5e-5);
        allocation.WeightCompression.ShouldBe(10.04, 5e-3);
    }

    [Fact]
    public void Rows_of_given_numbers_are_checked()
    {
        Should.Throw<ArgumentException>(() => Of([4, 4], new SensitivityRow("a", 1, 1, [1, 1]))).Message.ShouldContain("ascending");
        Should.Throw<ArgumentException>(() => Of([4, 8], new SensitivityRow("a", 1, 1, [1]))).Message.ShouldContain("2 errors");
        Should.Throw<ArgumentException>(() => Of([4], new SensitivityRow("a", 1, 1, [1]), new SensitivityRow("a", 1, 1, [1]))).Message.ShouldContain("name of its own");
        foreach (var row in (SensitivityRow[])[new("b", 1, -2, [1]), new("b", 1, double.NaN, [1]), new("b", 1, 2, [-1]), new("b", 1, 2, [double.PositiveInfinity])])
        {
            var message = Should.Throw<ArgumentException>(() => Of([4], new SensitivityRow("a", 1, 0, [0]), row)).Message;
            message.ShouldStartWith(FormattableString.Invariant($"Received curvature {row.Curvature} and errors {row.Errors[0]} of \"b\"; expected finite numbers of at least 0."));
            message.ShouldContain("Give magnitudes: |λ|");
        }

        static SensitivityTable Of(BitWidth[] bits, params SensitivityRow[] rows) =>
            SensitivityTable.Of(CurvatureMeasure.TopEigenvalue, QuantizationScheme.AsymmetricPerTensor, bits, rows);
    }

    /// <summary>Made-up curvature that falls from block to block.</summary>
    private static SensitivityTable Table(Network network)
    {
        var blocks = BlockPartition.ByUnit.Of(network);
        var curvature = new CurvatureReport(
            [.. blocks.Select((block, k) => new BlockCurvature(block, [new Eigenpair(block.WeightCount * (20.0 - k), 0, 1, true)], null))], 0, 1, "", "", 0, 0, 0);
        return curvature.SensitivityTo(network, QuantizationScheme.SymmetricPerChannel, CurvatureMeasure.TopEigenvalue, 2, 4, 8);
    }

    private sealed class Odd : Network
    {
        private readonly ConvolutionLayer _grouped = new(new ConvolutionShape(4, 8, 3, 1) { Stride = 2, PaddingHeight = 1, Groups = 2 }, new Generator(1));
        private readonly ConvolutionLayer _twice = new(new ConvolutionShape(8, 8, 1, 1), new Generator(1));
        private readonly LinearLayer _unused = new(2, 2, new Generator(1));

        public Odd()
            : base("odd")
        {
            register_module("grouped", _grouped);
            register_module("twice", _twice);
            register_module("unused", _unused);
        }

        public override Network NewInstance() => new Odd();

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return _twice.call(_twice.call(_grouped.call(input))).MoveToOuterDisposeScope();
        }
    }
}
