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

    /// <summary>ResNet50's shortcut, whose derivative ends the process if left to oneDNN on a CPU with AVX-512.</summary>
    [Fact]
    public void Derivative_of_a_strided_one_by_one_kernel_is_that_of_a_matrix_product()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        using var layer = new ConvolutionLayer(ConvolutionShape.Square(512, 1024, 1, 2), generator);
        var x = randn([2, 512, 7, 7], generator: generator).requires_grad_(true);
        var y = layer.call(x);                                                              // (2, 1024, 4, 4)
        var g = randn(y.shape, generator: generator);
        var derivative = autograd.grad([y], [x], [g]).Single();
        using var _ = no_grad();
        var expected = zeros_like(x);
        for (var (row, column) = (0, 0); row < 7; (row, column) = column == 6 ? (row + 2, 0) : (row, column + 2))
        {
            expected[.., .., row, column] = g[.., .., row / 2, column / 2].matmul(layer.Weight.view(1024, 512));
        }

        ((derivative - expected).norm() / expected.norm()).ToNumber().ShouldBeLessThan(1e-5);
    }
}
