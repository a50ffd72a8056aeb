namespace Hawq.Kit.Tests.Quantization;

public sealed class ModelQuantizerTests : IDisposable
{
    private readonly CifarResNet _network = new(8, seed: 1);
    private readonly IReadOnlyList<Block> _blocks; // conv1, layer1.0, layer2.0, layer3.0, linear
    private readonly ActivationCalibration _calibration;

    public ModelQuantizerTests()
    {
        using var batch = Given.Pictures.Take(8).Batches(8).First();
        (_blocks, _calibration) = (BlockPartition.ByUnit.Of(_network), ActivationCalibration.Of(_network, [batch]));
    }

    public void Dispose() => _network.Dispose();

    [Fact]
    public void The_report_tells_of_each_layer_in_network_order()
    {
        const string scheme = "DoReFa, inputs with learned clip";
        var first = ModelQuantizer.Quantize(_network, [new(_blocks[4], 2, 32), new(_blocks[0], 8, 4), new(_blocks[1], 32, 32)], QuantizationScheme.Pact, _calibration);
        first.Scheme.ShouldBe(QuantizationScheme.Pact);
        LayerQuantization[] expected =
        [
            new("conv1", 8, 4, $"{scheme}; signed input calibrated"),
            new("layer1.0.conv1", 32, 32, "stays float: 32 bits"),
            new("layer1.0.conv2", 32, 32, "stays float: 32 bits"),
            new("layer2.0.conv1", 32, 32, "not chosen"),
            new("layer2.0.conv2", 32, 32, "not chosen"),
            new("layer3.0.conv1", 32, 32, "not chosen"),
            new("layer3.0.conv2", 32, 32, "not chosen"),
            new("linear", 2, 32, scheme),
        ];
        first.Layers.ShouldBe(expected);
        first.Layers.Count(layer => layer.IsQuantized).ShouldBe(2);
        var second = ModelQuantizer.Quantize(_network, [new(_blocks[2], 3, 2)], QuantizationScheme.Pact, _calibration);
        expected =
        [
            new("conv1", 8, 4, "quantized earlier"),
            new("layer2.0.conv1", 3, 2, scheme),
            new("layer2.0.conv2", 3, 2, scheme),
            new("linear", 2, 32, "quantized earlier"),
        ];
        second.Layers.Where(layer => layer.IsQuantized).ShouldBe(expected);
    }

    [Fact]
    public void What_cannot_be_quantized_is_refused_and_the_network_stays_float()
    {
        var few = new ActivationCalibration([.. _calibration.Ranges.SkipLast(1)], 8);
        Refused("names layer \"nowhere\", which the network lacks; it has conv1, ", [new(new Block("elsewhere", ["nowhere"], []), 4, 32)]);
        Refused("Layer \"layer1.0.conv1\" is chosen twice", [new(_blocks[1], 4, 32), new(_blocks[1], 2, 32)]);
        Refused("but no calibration is given", [.. _blocks.Select(block => new BlockPrecision(block, 4, 4))]);
        Refused("No layer \"linear\" was calibrated", [.. _blocks.Select(block => new BlockPrecision(block, 4, 4))], few);

        void Refused(string told, IReadOnlyList<BlockPrecision> precisions, ActivationCalibration? calibration = null) =>
            StaysFloat(told, precisions, QuantizationScheme.SymmetricPerChannel, calibration);
    }

    /// <summary>LSQ takes 2 bits or more of a weight (the last layer's is asked to have 1), and of a signed input (the first layer's).</summary>
    [Fact]
    public void A_layer_that_takes_no_such_bits_is_named_and_no_other_is_quantized()
    {
        StaysFloat("Layer \"linear\" was to have weights of 1 bits", [.. _blocks.Select(block => new BlockPrecision(block, block.Name == "linear" ? 1 : 4, 32))], QuantizationScheme.LearnedStep, null);
        StaysFloat("Layer \"conv1\" was to have weights of 4 bits and inputs of 1", [.. _blocks.Select(block => new BlockPrecision(block, 4, 1))], QuantizationScheme.LearnedStep, _calibration);
    }

    [Fact]
    public void A_layer_is_quantized_once_and_not_when_a_file_gave_it_its_integers()
    {
        using var folder = new TemporaryFolder();
        BlockPrecision[] all = [.. _blocks.Select(block => new BlockPrecision(block, 4, 32))];
        ModelQuantizer.Quantize(_network, all, QuantizationScheme.SymmetricPerChannel, null);
        Should.Throw<InvalidOperationException>(() => ModelQuantizer.Quantize(_network, all, QuantizationScheme.SymmetricPerChannel, null))
            .Message.ShouldContain("Layer \"conv1\" is quantized already");
        _network.SaveQuantized(folder["a.safetensors"]);
        using var packed = new CifarResNet(8).LoadQuantized(folder["a.safetensors"]);
        Should.Throw<InvalidOperationException>(() => ModelQuantizer.Quantize(packed, all, QuantizationScheme.SymmetricPerChannel, null))
            .Message.ShouldContain("was loaded by LoadQuantized; only float weights are quantized");
        packed.WeightLayers().ShouldAllBe(layer => !layer.Layer.IsQuantized);
    }

    private void StaysFloat(string told, IReadOnlyList<BlockPrecision> precisions, QuantizationScheme scheme, ActivationCalibration? calibration)
    {
        Should.Throw<ArgumentException>(() => ModelQuantizer.Quantize(_network, precisions, scheme, calibration)).Message.ShouldContain(told);
        _network.WeightLayers().ShouldAllBe(layer => !layer.Layer.IsQuantized);
    }
}
