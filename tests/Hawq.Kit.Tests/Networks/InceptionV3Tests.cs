using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Networks;

public class InceptionV3Tests
{
    [Fact]
    public void InceptionV3_has_the_published_blocks()
    {
        using var network = new InceptionV3();
        var blocks = BlockPartition.ByUnit.Of(network);
        blocks.Count.ShouldBe(17);
        blocks.Select(block => block.WeightCount).ShouldBe(
        [
            864, 9_216, 18_432, 5_120, 138_240, 254_976, 276_480, 284_160, 1_152_000, 1_294_336, 1_687_552, 1_687_552, 2_138_112,
            1_695_744, 5_038_080, 6_070_272, 2_048_000,
        ]);
        blocks.Sum(block => block.WeightCount).ShouldBe(23_799_136);
        network.parameters().Sum(p => p.numel()).ShouldBe(23_834_568);
    }

    [Fact]
    public void InceptionV3_computes_what_torchvision_computes()
    {
        using var network = new InceptionV3(dropout: 0);
        Parity.Check(network, new ReferenceNetwork("inception-v3"));
    }

    [Fact]
    public void Auxiliary_head_computes_what_torchvision_computes()
    {
        using var network = new InceptionV3(auxiliary: true, dropout: 0);
        var reference = new ReferenceNetwork("inception-v3-auxiliary");
        network.parameters().Sum(p => p.numel()).ShouldBe(27_161_264);
        ReferenceNetwork.Fill(network);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        network.eval();
        reference.Difference(network, "evaluation").ShouldBeLessThan(1e-4);
        network.to(ScalarType.Float64);
        network.train();
        var (logits, auxiliary) = network.CallWithAuxiliary(reference.Pictures("training").to(float64));
        reference.Difference("training", logits).ShouldBeLessThan(1e-4);
        reference.AuxiliaryDifference(auxiliary).ShouldBeLessThan(1e-4);
        reference.StatisticsDifference(network).ShouldBeLessThan(1e-4);
    }

    [Fact]
    public void Auxiliary_head_of_a_checkpoint_is_left_out_where_the_network_has_none()
    {
        using var without = new InceptionV3(classes: 2);
        using var with = new InceptionV3(classes: 2, auxiliary: true);
        without.NameInNetwork("AuxLogits.conv0.conv.weight").ShouldBeNull();
        with.NameInNetwork("AuxLogits.conv0.conv.weight").ShouldBe("AuxLogits.conv0.conv.weight");
        with.state_dict().Keys.Where(name => without.NameInNetwork(name) is not null).ShouldBe(without.state_dict().Keys);
        Should.Throw<InvalidOperationException>(() => without.CallWithAuxiliary(zeros(1))).Message.ShouldContain("auxiliary: true");
    }

    [Fact]
    public void Dropout_depends_on_its_seed_alone_and_keeps_the_mean()
    {
        using var input = ones(4, 10_000);
        using var first = new SeededDropout(0.5, 7).call(input);
        using var again = new SeededDropout(0.5, 7).call(input);
        using var other = new SeededDropout(0.5, 8).call(input);
        first.equal(again).all().item<bool>().ShouldBeTrue();
        first.equal(other).all().item<bool>().ShouldBeFalse();
        first.mean().item<float>().ShouldBe(1, 4 * 1 / Math.Sqrt(40_000)); // four standard errors of the mean of 0 or 2
        var quiet = new SeededDropout(0.5, 7);
        quiet.eval();
        quiet.call(input).equal(input).all().item<bool>().ShouldBeTrue();
    }

    [Fact]
    public void A_call_leaves_no_live_tensor()
    {
        using var network = new InceptionV3(classes: 2);
        Parity.LeavesNoTensor(network, 75);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Dropout_outside_of_its_range_is_refused(double dropout) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new InceptionV3(dropout: dropout));
}
