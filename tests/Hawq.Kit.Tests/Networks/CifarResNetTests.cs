namespace Hawq.Kit.Tests.Networks;

public class CifarResNetTests
{
    [Fact]
    public void ResNet20_has_the_published_sizes_and_blocks()
    {
        using var network = new CifarResNet(20);
        network.parameters().Sum(p => p.numel()).ShouldBe(269_722);
        var blocks = BlockPartition.ByUnit.Of(network);
        blocks.Select(b => b.WeightCount).ShouldBe([432, 4_608, 4_608, 4_608, 13_824, 18_432, 18_432, 55_296, 73_728, 73_728, 640]);
        blocks.Sum(b => b.WeightCount).ShouldBe(268_336);
        blocks[4].Name.ShouldBe("layer2.0");
        network.WeightLayers().Count.ShouldBe(20);
        BlockPartition.ByLayer.Of(network).Count.ShouldBe(20);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(21)]
    [InlineData(-4)]
    public void Depth_other_than_6n_plus_2_is_refused(int depth) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new CifarResNet(depth)).Message.ShouldStartWith("A CIFAR ResNet has depth 6n + 2");

    [Fact]
    public void Same_seed_gives_the_same_weights_and_a_clone_equals_its_source()
    {
        using var network = new CifarResNet(8, seed: 3);
        using var again = new CifarResNet(8, seed: 3);
        using var copy = network.Clone();
        Same(network, again).ShouldBeTrue();
        Same(network, copy).ShouldBeTrue();
        Same(network, new CifarResNet(8, seed: 4)).ShouldBeFalse();
    }

    internal static bool Same(Network left, Network right)
    {
        var other = right.state_dict();
        return left.state_dict().All(pair => pair.Value.equal(other[pair.Key]).all().item<bool>());
    }
}
