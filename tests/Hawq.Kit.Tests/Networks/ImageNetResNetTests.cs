namespace Hawq.Kit.Tests.Networks;

public class ImageNetResNetTests
{
    [Fact]
    public void ResNet50_has_the_published_sizes_and_blocks()
    {
        using var network = new ImageNetResNet();
        network.parameters().Sum(p => p.numel()).ShouldBe(25_557_032);
        var blocks = BlockPartition.ByUnit.Of(network);
        blocks.Count.ShouldBe(18);
        blocks.Select(block => block.WeightCount).ShouldBe(
        [
            9_408, 73_728, 69_632, 69_632, 376_832, 278_528, 278_528, 278_528,
            1_507_328, 1_114_112, 1_114_112, 1_114_112, 1_114_112, 1_114_112, 6_029_312, 4_456_448, 4_456_448, 2_048_000,
        ]);
        blocks.Sum(block => block.WeightCount).ShouldBe(25_502_912);
        BlockPartition.ByLayer.Of(network).Count.ShouldBe(54);
    }

    [Theory]
    [InlineData(ResNetStride.OnThreeByThree, "resnet50-v1.5")]
    [InlineData(ResNetStride.OnFirstOneByOne, "resnet50-v1")]
    public void ResNet50_computes_what_torchvision_computes(ResNetStride strides, string reference)
    {
        using var network = new ImageNetResNet(strides);
        Parity.Check(network, new ReferenceNetwork(reference));
    }

    [Fact]
    public void Names_of_pytorchcv_are_understood()
    {
        using var network = new ImageNetResNet(classes: 2);
        List<string> names = [.. Of("features.init_block.conv")];
        int[] units = [3, 4, 6, 3];
        for (var stage = 1; stage <= 4; stage++)
        {
            for (var unit = 1; unit <= units[stage - 1]; unit++)
            {
                var prefix = $"features.stage{stage}.unit{unit}.";
                names.AddRange(Enumerable.Range(1, 3).SelectMany(k => Of($"{prefix}body.conv{k}")));
                names.AddRange(unit == 1 ? Of(prefix + "identity_conv") : []);
            }
        }

        names.AddRange(["output.weight", "output.bias"]);
        names.Select(network.NameInNetwork).Order().ShouldBe(network.state_dict().Keys.Order());
        network.NameInNetwork("features.stage3.unit6.body.conv2.bn.running_var").ShouldBe("layer3.5.bn2.running_var");
        network.NameInNetwork("features.stage2.unit1.identity_conv.conv.weight").ShouldBe("layer2.0.downsample.0.weight");
        network.NameInNetwork("layer4.2.conv3.weight").ShouldBe("layer4.2.conv3.weight");

        static IEnumerable<string> Of(string block) =>
            new[] { "conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var", "bn.num_batches_tracked" }.Select(part => $"{block}.{part}");
    }

    [Fact]
    public void Checkpoint_of_another_network_lists_missing_and_unexpected_names()
    {
        using var folder = new TemporaryFolder();
        new CifarResNet(8).SaveWeights(folder["x.safetensors"]);
        using var network = new ImageNetResNet(classes: 2);
        var message = Should.Throw<InvalidDataException>(() => network.LoadWeights(folder["x.safetensors"])).Message;
        message.ShouldContain("does not fit ResNet50 (v1.5)");
        message.ShouldContain("missing: fc.bias, fc.weight");
        message.ShouldContain("unexpected: ");
        message.ShouldContain("linear.bias");
    }

    [Fact]
    public void Clone_computes_the_same_and_leaves_no_live_tensor()
    {
        using var network = new ImageNetResNet(ResNetStride.OnFirstOneByOne, classes: 2, seed: 3);
        using var copy = network.Clone();
        CifarResNetTests.Same(network, copy).ShouldBeTrue();
        copy.Architecture.ShouldBe("ResNet50 (v1)");
        Parity.LeavesNoTensor(network, 32);
    }

    [Fact]
    public void Too_few_classes_are_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new ImageNetResNet(classes: 1));

    [Fact]
    public void Layers_are_listed_in_the_order_of_their_weights()
    {
        using Network large = new ImageNetResNet(), small = new CifarResNet(8), branched = new InceptionV3(), split = new SqueezeNext();
        foreach (var network in new[] { large, small, branched, split })
        {
            var blocks = BlockPartition.ByLayer.Of(network).Select(block => block.Name);
            network.WeightLayers().Select(layer => layer.Name).ShouldBe(blocks);
        }

        large.WeightLayers()[^1].Name.ShouldBe("fc");
    }
}
