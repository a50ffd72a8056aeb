using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Networks;

public class SqueezeNextTests
{
    [Theory]
    [InlineData(SqueezeNextVersion.V23, 1, 724_056)]
    [InlineData(SqueezeNextVersion.V23, 1.5, 1_511_824)]
    [InlineData(SqueezeNextVersion.V23, 2, 2_583_752)]
    [InlineData(SqueezeNextVersion.V23v5, 1, 921_816)]
    [InlineData(SqueezeNextVersion.V23v5, 1.5, 1_953_616)]
    [InlineData(SqueezeNextVersion.V23v5, 2, 3_366_344)]
    public void Every_variant_has_the_published_number_of_parameters(SqueezeNextVersion version, double width, long parameters)
    {
        using var network = new SqueezeNext(version, width);
        network.parameters().Sum(p => p.numel()).ShouldBe(parameters);
        BlockPartition.ByUnit.Of(network).Count.ShouldBe(24);
    }

    [Fact]
    public void SqNxt_23_of_width_2_has_the_published_blocks()
    {
        using var network = new SqueezeNext();
        var blocks = BlockPartition.ByUnit.Of(network);
        blocks.Select(block => block.WeightCount).ShouldBe(
        [
            18_816, 19_456, .. Enumerable.Repeat(9_216L, 5), 40_960, .. Enumerable.Repeat(36_864L, 5),
            163_840, .. Enumerable.Repeat(147_456L, 7), 655_360, 131_072, 256_000,
        ]);
        blocks.Sum(block => block.WeightCount).ShouldBe(2_548_096);
        network.Architecture.ShouldBe("2.0-SqNxt-23");
    }

    [Theory]
    [InlineData(SqueezeNextVersion.V23, 2, "sqnxt23-w2")]
    [InlineData(SqueezeNextVersion.V23v5, 1.5, "sqnxt23v5-w1.5")]
    public void SqueezeNext_computes_what_the_transcription_of_its_definition_computes(SqueezeNextVersion version, double width, string reference)
    {
        using var network = new SqueezeNext(version, width);

        // float64, since float32 convolutions of libtorch 2.10 are wrong with 24 channels (12 without AVX-512) where channels lie
        // first in memory: largest error 17 for 24 -> 24 channels, 3x1, 55 pixels, against float64.
        Parity.Check(network, new ReferenceNetwork(reference), ScalarType.Float64);
    }

    [Theory]
    [InlineData(SqueezeNextVersion.V23, 1, SqueezeNextLayout.CaffeGrouped, 543_072, 224.2)]
    [InlineData(SqueezeNextVersion.V23, 1, SqueezeNextLayout.Caffe, 717_280, 278.0)]
    [InlineData(SqueezeNextVersion.V23v5, 1, SqueezeNextLayout.Caffe, 930_016, 224.9)]
    [InlineData(SqueezeNextVersion.V23, 2, SqueezeNextLayout.Caffe, 2_361_728, 742.1)]
    [InlineData(SqueezeNextVersion.V23v5, 2, SqueezeNextLayout.Caffe, 3_222_912, 702.6)]
    public void Caffe_layout_has_the_parameters_and_MACs_of_the_prototxt(SqueezeNextVersion version, double width, SqueezeNextLayout layout, long parameters, double millions)
    {
        using var network = new SqueezeNext(version, width, layout: layout);
        network.parameters().Sum(p => p.numel()).ShouldBe(parameters);
        network.WeightLayers().Count.ShouldBe(112);
        BlockPartition.ByUnit.Of(network).Count.ShouldBe(24);
        (network.MultiplyAccumulates(3, 227, 227).Values.Sum() / 1e6).ShouldBe(millions, 0.05);
    }

    [Theory]
    [InlineData(SqueezeNextVersion.V23, 1, SqueezeNextLayout.CaffeGrouped, "1.0-G-SqNxt-23")]
    [InlineData(SqueezeNextVersion.V23v5, 2, SqueezeNextLayout.Caffe, "2.0-SqNxt-23v5")]
    public void Caffe_layout_computes_what_the_prototxt_computes(SqueezeNextVersion version, double width, SqueezeNextLayout layout, string prototxt)
    {
        using var network = new SqueezeNext(version, width, layout: layout);
        network.Architecture.ShouldBe($"{prototxt} (Caffe)");
        Parity.Check(network, new ReferenceNetwork($"caffe-{prototxt}"), ScalarType.Float64);
    }

    [Fact]
    public void Small_pictures_pass_the_small_stem_and_leave_no_live_tensor()
    {
        using var network = new SqueezeNext(width: 1, classes: 10, smallPictures: true, seed: 1);
        using var copy = network.Clone();
        CifarResNetTests.Same(network, copy).ShouldBeTrue();
        BlockPartition.ByUnit.Of(network)[0].WeightCount.ShouldBe(64 * 3 * 3 * 3);
        Parity.LeavesNoTensor(network, 32);
    }

    [Fact]
    public void Clone_keeps_the_layout()
    {
        using var network = new SqueezeNext(SqueezeNextVersion.V23v5, 1, 10, layout: SqueezeNextLayout.Caffe, seed: 1);
        using var copy = network.Clone();
        CifarResNetTests.Same(network, copy).ShouldBeTrue();
        copy.Architecture.ShouldBe("1.0-SqNxt-23v5 (Caffe)");
    }

    [Fact]
    public void Width_without_a_definition_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new SqueezeNext(width: 0.5)).Message.ShouldStartWith("SqueezeNext is defined for width 1, 1.5 and 2.");
}
