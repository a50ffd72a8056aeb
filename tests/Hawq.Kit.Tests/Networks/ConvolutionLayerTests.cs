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

    [Fact]
    public void Negative_padding_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new ConvolutionLayer(ConvolutionShape.Square(3, 4, 3) with { PaddingWidth = -1 }, new Generator(1)))
            .Message.ShouldContain("padding at least 0");

    /// <summary>(C, H, W): libtorch takes it, the kit's own path of a training step does not.</summary>
    [Fact]
    public void A_picture_without_a_batch_passes_in_training_as_one_in_a_batch_does_in_evaluation()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var layer = new ConvolutionLayer(ConvolutionShape.Square(16, 16, 3), new Generator(1));
        var picture = randn([16, 32, 32], generator: new Generator(2));
        layer.eval();
        var expected = layer.call(picture.unsqueeze(0)).squeeze(0);
        layer.train();
        var actual = layer.call(picture);
        actual.shape.ShouldBe([16, 32, 32]);
        actual.allclose(expected, 1e-5, 1e-5).ShouldBeTrue();
    }

    /// <summary>The shapes of SqueezeNext's split kernels, at the widths 1 and 1.5, in both memory layouts.</summary>
    [Theory]
    [InlineData(24, 24, 3, 1, 55)]
    [InlineData(24, 24, 1, 3, 16)]
    [InlineData(24, 48, 1, 3, 13)]
    [InlineData(12, 24, 1, 3, 13)]
    [InlineData(16, 16, 3, 1, 32)]
    [InlineData(8, 16, 1, 3, 32)]
    [InlineData(64, 32, 1, 1, 9)]
    public void Single_precision_agrees_with_double_precision(long from, long to, long height, long width, long side)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var shape = new ConvolutionShape(from, to, height, width) { PaddingHeight = height / 2, PaddingWidth = width / 2 };
        using var layer = new ConvolutionLayer(shape, generator);
        var first = randn([2, from, side, side], generator: generator);
        var last = first.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        var weight = layer.Weight.detach().to(ScalarType.Float64).requires_grad_();
        var exact = first.to(ScalarType.Float64).requires_grad_();
        var (expected, expectedGradients) = Through(exact, x => nn.functional.conv2d(x, weight, padding: [height / 2, width / 2]), weight);
        foreach (var input in new[] { first, last })
        {
            var (actual, gradients) = Through(input.detach().requires_grad_(), layer.call, layer.Weight);
            Relative(actual, expected).ShouldBeLessThan(1e-5);
            Relative(gradients[0], expectedGradients[0]).ShouldBeLessThan(1e-5);
            Relative(gradients[1], expectedGradients[1]).ShouldBeLessThan(1e-5);
        }
    }

    private static (Tensor Output, Tensor[] Gradients) Through(Tensor input, Func<Tensor, Tensor> layer, Tensor weight)
    {
        var output = layer(input);
        return (output.detach(), [.. autograd.grad([output.pow(2).sum()], [input, weight])]);
    }

    private static double Relative(Tensor actual, Tensor expected) =>
        ((actual.to(ScalarType.Float64) - expected).abs().max() / expected.abs().max()).item<double>();

    /// <summary>ResNet50's shortcut, whose derivative ends the process if left to oneDNN on a CPU with AVX-512.</summary>
    [Theory]
    [InlineData(512, 7, false)]
    [InlineData(512, 7, true)]
    [InlineData(1024, 4, true)]
    public void Derivative_of_a_strided_one_by_one_kernel_is_that_of_a_matrix_product(int from, int side, bool isChannelsLast)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        using var layer = new ConvolutionLayer(ConvolutionShape.Square(from, 2 * from, 1, 2), generator);
        var random = randn([8, from, side, side], generator: generator);
        var x = (isChannelsLast ? ChannelsLast.Of(random) : random).requires_grad_(true);
        var y = layer.call(x);                                                              // (8, 2 · from, ⌈side / 2⌉, ⌈side / 2⌉)
        var g = randn(y.shape, generator: generator);
        var derivative = autograd.grad([y], [x], [g]).Single();
        using var _ = no_grad();
        var expected = zeros_like(x);
        for (var (row, column) = (0, 0); row < side; (row, column) = column + 2 >= side ? (row + 2, 0) : (row, column + 2))
        {
            expected[.., .., row, column] = g[.., .., row / 2, column / 2].matmul(layer.Weight.view(2 * from, from));
        }

        ((derivative - expected).norm() / expected.norm()).ToNumber().ShouldBeLessThan(1e-5);
    }
}
