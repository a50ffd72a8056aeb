using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Curvature;

public class CheapDerivativesTests
{
    /// <summary>Grouped, biased, 3×1, 1×7, and strides that leave rows over.</summary>
    [Theory]
    [InlineData(4, 6, 3, 1, 1, 2, true, 9, 8)]
    [InlineData(6, 4, 1, 7, 2, 1, false, 5, 9)]
    [InlineData(4, 4, 3, 3, 4, 2, true, 8, 11)]
    [InlineData(4, 8, 5, 5, 1, 3, false, 13, 12)]
    [InlineData(4, 8, 1, 1, 1, 2, true, 7, 6)]
    public void Product_of_any_convolution_is_libtorchs(
        long input, long output, long kernelHeight, long kernelWidth, long groups, long stride, bool bias, long height, long width)
    {
        using var generator = new Generator(5);
        var shape = new ConvolutionShape(input, output, kernelHeight, kernelWidth)
        {
            Stride = stride,
            Groups = groups,
            Bias = bias,
            PaddingHeight = (kernelHeight - 1) / 2,
            PaddingWidth = (kernelWidth - 1) / 2,
        };
        using var first = new ConvolutionLayer(ConvolutionShape.Square(3, input, 3), generator);
        using var layer = new ConvolutionLayer(shape, generator);
        using var model = nn.Sequential(("first", first), ("tanh", nn.Tanh()), ("layer", layer));
        model.to(ScalarType.Float64);
        if (bias)
        {
            using var _ = no_grad();
            layer.Bias!.copy_(randn(output, ScalarType.Float64, generator: generator));
        }

        var x = randn([2, 3, height, width], ScalarType.Float64, generator: generator);
        Tensor[] weights = [first.Weight, layer.Weight];
        var expected = Product();
        using (new CheapDerivatives(model))
        {
            Product().Zip(expected).ShouldAllBe(pair => ((pair.First - pair.Second).norm() / pair.Second.norm()).ToNumber() < 1e-9);
        }

        Tensor[] Product()
        {
            var g = autograd.grad([model.call(x).square().sin().mean()], weights, null, retain_graph: true, create_graph: true);
            return [.. autograd.grad(g, weights, [.. weights.Select(weight => weight.detach().cos())], retain_graph: true)];
        }
    }

    [Fact]
    public void Gradient_and_product_of_the_whole_network_are_those_of_libtorch()
    {
        using var network = new CifarResNet(8, seed: 3);
        network.to(ScalarType.Float64);
        network.eval();
        var batch = Given.Pictures.Take(3).Batches(3).Single();
        var inputs = batch.Inputs.to(ScalarType.Float64);
        var weights = BlockPartition.ByUnit.Of(network).SelectMany(block => block.Weights).Cast<Tensor>().ToList();
        var directions = weights.Select(weight => ones_like(weight)).ToList();
        var (gradients, products) = Derivatives();
        using (new CheapDerivatives(network))
        {
            var (cheapGradients, cheapProducts) = Derivatives();
            for (var k = 0; k < weights.Count; k++)
            {
                Relative(cheapGradients[k], gradients[k]).ShouldBeLessThan(1e-9);
                Relative(cheapProducts[k], products[k]).ShouldBeLessThan(1e-9);
            }
        }

        Relative(Derivatives().Products[0], products[0]).ShouldBeLessThan(1e-12);

        (Tensor[] Gradients, Tensor[] Products) Derivatives()
        {
            var loss = nn.functional.cross_entropy(network.call(inputs), batch.Targets);
            Tensor[] first = [.. autograd.grad([loss], weights, null, retain_graph: true, create_graph: true)];
            return (first, [.. autograd.grad(first, weights, directions, retain_graph: true)]);
        }

        static double Relative(Tensor left, Tensor right) => ((left - right).norm() / right.norm()).ToNumber();
    }

    /// <summary>In float32 a 3 × 3 convolution and its derivatives take Winograd's way, once and twice differentiated.</summary>
    [Theory]
    [InlineData(16, 32, 8, 8)]
    [InlineData(32, 16, 7, 5)]
    public void Products_in_float32_are_those_of_float64(long input, long output, long height, long width)
    {
        using var generator = new Generator(5);
        using var first = new ConvolutionLayer(ConvolutionShape.Square(3, input, 3), generator);
        using var layer = new ConvolutionLayer(ConvolutionShape.Square(input, output, 3), generator);
        using var model = nn.Sequential(("first", first), ("tanh", nn.Tanh()), ("layer", layer));
        var x = randn([12, 3, height, width], generator: generator);
        var plain = Product(x);
        Tensor[] fast;
        using (new CheapDerivatives(model))
        {
            fast = Product(x);
        }

        model.to(ScalarType.Float64);
        var exact = Product(x.to(ScalarType.Float64));
        fast.Zip(exact).ShouldAllBe(pair => ((pair.First - pair.Second).norm() / pair.Second.norm()).ToNumber() < 1e-4);
        fast.Zip(plain).All(pair => pair.First.equal(pair.Second).all().item<bool>()).ShouldBeFalse("equal numbers would be those of the same path");

        Tensor[] Product(Tensor inputs)
        {
            Tensor[] weights = [first.Weight, layer.Weight];
            var g = autograd.grad([model.call(inputs).square().sin().mean()], weights, null, retain_graph: true, create_graph: true);
            return [.. autograd.grad(g, weights, [.. weights.Select(weight => weight.detach().cos())], retain_graph: true)];
        }
    }
}
