using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Networks;

public class ConvolutionLayerTests
{
    [Fact]
    public void A_move_to_another_type_moves_the_weight()
    {
        using var layer = new ConvolutionLayer(ConvolutionShape.Square(3, 4, 3) with { Bias = true }, new Generator(1));
        using var before = layer.Weight.to(float64);
        layer.to(ScalarType.Float64);
        layer.Weight.dtype.ShouldBe(ScalarType.Float64);
        layer.Bias!.dtype.ShouldBe(ScalarType.Float64);
        layer.Weight.equal(before).all().item<bool>().ShouldBeTrue();
    }
}
