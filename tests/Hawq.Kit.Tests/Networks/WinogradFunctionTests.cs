using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Networks;

/// <summary>The fast path of 3 × 3 convolutions against libtorch's convolution in float64.</summary>
public class WinogradFunctionTests
{
    [Theory]
    [InlineData(16, 16, 32, 32, 3)]
    [InlineData(32, 64, 16, 16, 2)]
    [InlineData(64, 64, 8, 8, 5)]
    [InlineData(48, 16, 7, 5, 3)] // tiles that reach over the picture's edge
    [InlineData(16, 32, 1, 2, 1)]
    public void Output_and_gradients_are_those_of_the_direct_sum(int inputs, int outputs, int height, int width, int pictures)
    {
        using var scope = NewDisposeScope();
        var (x, w, g) = Sample(inputs, outputs, height, width, pictures);
        var fast = Run(x, w, g, WinogradFunction.Of);
        var exact = Run(x.to(ScalarType.Float64), w.to(ScalarType.Float64), g.to(ScalarType.Float64), (a, b) => nn.functional.conv2d(a, b, padding: [1, 1]));
        fast.Zip(exact, Difference).ShouldAllBe(difference => difference < 2e-5);
    }

    [Theory]
    [InlineData(16, 16, 32, 32, 3)]
    [InlineData(32, 48, 7, 5, 3)]
    public void Both_widths_of_registers_give_the_same_numbers(int inputs, int outputs, int height, int width, int pictures)
    {
        using var scope = NewDisposeScope();
        var (x, w, g) = Sample(inputs, outputs, height, width, pictures);
        (WinogradPasses wide, WinogradPasses narrow) = (WinogradPasses.Wide, WinogradPasses.Narrow);
        LargestDifference(WinogradMaps.Forward(x, w, wide), WinogradMaps.Forward(x, w, narrow)).ShouldBe(0);
        LargestDifference(WinogradMaps.Data(g, w, wide), WinogradMaps.Data(g, w, narrow)).ShouldBe(0);
        LargestDifference(WinogradMaps.Weight(g, x, wide), WinogradMaps.Weight(g, x, narrow)).ShouldBe(0);
    }

    /// <summary>It would read past the input's end, in a training step as in a Hessian product.</summary>
    [Fact]
    public void An_input_of_other_channels_is_refused()
    {
        using var scope = NewDisposeScope();
        using var layer = new ConvolutionLayer(ConvolutionShape.Square(32, 16, 3), new Generator(1));
        layer.train();
        Should.Throw<ArgumentException>(() => layer.call(ChannelsLast.Of(ones(2, 16, 32, 32)))).Message.ShouldContain("(2, 16, 32, 32); expected 32 channels");
        Should.Throw<ArgumentException>(() => WinogradMaps.Forward(ones(2, 16, 32, 32), layer.Weight)).Message.ShouldContain("expected 32 channels");
    }

    [Fact]
    public void Results_do_not_depend_on_the_number_of_threads()
    {
        using var scope = NewDisposeScope();
        var (x, w, g) = Sample(16, 16, 32, 32, 40);
        var threads = get_num_threads();
        set_num_threads(1);
        var one = Run(x, w, g, WinogradFunction.Of);
        set_num_threads(3);
        var three = Run(x, w, g, WinogradFunction.Of);
        set_num_threads(threads);
        one.Zip(three, LargestDifference).ShouldAllBe(difference => difference == 0);
    }

    /// <summary>Its loops write float32: memory for another type would hold other numbers, or end before them.</summary>
    [Fact]
    public void Results_do_not_depend_on_the_type_that_torch_makes_by_default()
    {
        using var scope = NewDisposeScope();
        using var layer = new ConvolutionLayer(ConvolutionShape.Square(16, 32, 3), new Generator(3));
        layer.train();
        var (x, w, g) = Sample(16, 32, 8, 8, 16);
        var expected = Step();
        using var other = new Float64ByDefault();
        var actual = Step();
        actual.ShouldAllBe(result => result.dtype == ScalarType.Float32);
        expected.Zip(actual, LargestDifference).ShouldAllBe(difference => difference == 0);

        List<Tensor> Step() => [.. Run(x, w, g, WinogradFunction.Of), layer.call(x)];
    }

    [Fact]
    public void A_layer_takes_it_in_training_and_for_a_teacher_and_leaves_no_tensor_behind()
    {
        using var layer = new ConvolutionLayer(ConvolutionShape.Square(16, 16, 3), new Generator(3));
        using var x = ChannelsLast.Of(randn([8, 16, 8, 8], generator: new Generator(4)));
        layer.eval();
        using var exact = layer.call(x);
        layer.train();
        using var fast = layer.call(x);
        fast.allclose(exact, 1e-4, 1e-4).ShouldBeTrue();
        using var difference = (fast - exact).abs().max();
        (difference.item<float>() > 0).ShouldBe(Vector256.IsHardwareAccelerated); // equal numbers would be those of the same path
        Given.ShouldLeaveNoTensor(() =>
        {
            using var scope = NewDisposeScope();
            layer.zero_grad();
            layer.call(x).pow(2).sum().backward();
        });
        layer.eval();
        using var _ = no_grad();
        using (new FastInference())
        {
            using var taught = layer.call(x);
            LargestDifference(taught, fast).ShouldBe(0);
            Given.ShouldLeaveNoTensor(() => layer.call(x).Dispose());
        }

        using var after = layer.call(x);
        LargestDifference(after, exact).ShouldBe(0);
    }

    private static (Tensor X, Tensor W, Tensor G) Sample(int inputs, int outputs, int height, int width, int pictures)
    {
        var generator = new Generator(7);
        return (ChannelsLast.Of(randn([pictures, inputs, height, width], generator: generator)), randn([outputs, inputs, 3, 3], generator: generator) * 0.1,
            ChannelsLast.Of(randn([pictures, outputs, height, width], generator: generator)));
    }

    private static List<Tensor> Run(Tensor x, Tensor w, Tensor g, Func<Tensor, Tensor, Tensor> convolve)
    {
        var (input, weight) = (x.detach().requires_grad_(true), w.detach().requires_grad_(true));
        var y = convolve(input, weight);
        return [y.detach(), .. autograd.grad([y], [input, weight], [g])];
    }

    private static float LargestDifference(Tensor a, Tensor b) => (a - b).abs().max().item<float>();

    /// <summary>The largest difference, relative to the largest value.</summary>
    private static double Difference(Tensor fast, Tensor exact) => ((fast.to(ScalarType.Float64) - exact).abs().max() / exact.abs().max()).item<double>();
}
