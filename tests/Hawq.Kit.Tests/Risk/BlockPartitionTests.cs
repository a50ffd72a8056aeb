using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Risk;

public class BlockPartitionTests
{
    [Fact]
    public void A_partition_of_ones_own_groups_layers_in_network_order_and_leaves_out_those_without_a_name()
    {
        using var network = new CifarResNet(8);
        var blocks = BlockPartition.By(layer => layer == "linear" ? null : layer.EndsWith("conv2", StringComparison.Ordinal) ? "second" : "first").Of(network);
        blocks.Select(block => block.Name).ShouldBe(["first", "second"]);
        var names = network.WeightLayers().Select(layer => layer.Name).Where(name => name != "linear").ToList();
        blocks[0].LayerNames.ShouldBe(names.Where(name => !name.EndsWith("conv2", StringComparison.Ordinal)));
        blocks[1].LayerNames.ShouldBe(names.Where(name => name.EndsWith("conv2", StringComparison.Ordinal)));
        blocks.SelectMany(block => block.LayerNames.Zip(block.Weights))
            .ShouldAllBe(layer => ReferenceEquals(layer.Second, network.get_parameter(layer.First + ".weight")));
    }

    [Fact]
    public void A_partition_without_blocks_is_refused()
    {
        using var network = new CifarResNet(8);
        Should.Throw<ArgumentException>(() => BlockPartition.By(_ => null).Of(network)).Message.ShouldContain("the partition custom leaves out all of them");
        Should.Throw<ArgumentException>(() => BlockPartition.ByLayer.Of(nn.Sequential(("t", nn.Tanh())))).Message.ShouldContain("has no conv or linear weight");
    }

    /// <summary>The loss does not depend on it, so no curvature could be taken; its numbers count as floats.</summary>
    [Fact]
    public void A_head_for_training_alone_is_in_no_block_and_its_size_is_counted()
    {
        using var without = new InceptionV3(classes: 2);
        using var with = new InceptionV3(classes: 2, auxiliary: true);
        foreach (var partition in new[] { BlockPartition.ByUnit, BlockPartition.ByLayer })
        {
            var (expected, blocks) = (partition.Of(without), partition.Of(with));
            blocks.Select(block => block.ToString()).ShouldBe(expected.Select(block => block.ToString()));
            var head = with.state_dict().Where(entry => entry.Key.StartsWith("AuxLogits.", StringComparison.Ordinal) && entry.Value.dtype == ScalarType.Float32);
            (AllocationVerbs.OtherBytes(with, blocks) - AllocationVerbs.OtherBytes(without, expected)).ShouldBe(4 * head.Sum(entry => entry.Value.numel()));
        }
    }
}
