using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Networks;

/// <summary>The fast path of residual units in training against libtorch's operators in float64, where units take those.</summary>
public class BranchFunctionTests
{
    [Theory]
    [InlineData(16, 16, 1, ScalarType.Float32, 1e-5)]
    [InlineData(16, 32, 2, ScalarType.Float32, 1e-5)]
    [InlineData(16, 16, 1, ScalarType.BFloat16, 0.15)]
    [InlineData(16, 32, 2, ScalarType.BFloat16, 0.15)]
    [InlineData(12, 20, 2, ScalarType.Float32, 1e-5)]
    public void A_units_output_and_gradients_are_those_of_plain_operators(long input, long output, long stride, ScalarType type, double most)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(5);
        var (x, g) = (Rows(generator, 6, 10, input), Rows(generator, 6, 10 / stride, output));
        (x, g) = (x.to(type), g.to(type));
        var fast = Run(Unit(ScalarType.Float32), x, g);
        var exact = Run(Unit(ScalarType.Float64), x.to(ScalarType.Float64), g.to(ScalarType.Float64));
        fast.Zip(exact, Difference).ShouldAllBe(difference => difference < most);

        nn.Module<Tensor, Tensor> Unit(ScalarType weights) => Training(new ResidualUnit(input, output, stride, new Generator(3)), weights);
    }

    [Theory]
    [InlineData(64, 16, 1)]
    [InlineData(32, 16, 2)]
    public void A_bottlenecks_output_and_gradients_are_those_of_plain_operators(long input, long width, long stride)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(5);
        var (x, g) = (Rows(generator, 6, 10, input), Rows(generator, 6, 10 / stride, Bottleneck.Expansion * width));
        var fast = Run(Unit(ScalarType.Float32), x, g);
        var exact = Run(Unit(ScalarType.Float64), x.to(ScalarType.Float64), g.to(ScalarType.Float64));
        fast.Zip(exact, Difference).ShouldAllBe(difference => difference < 1e-5);

        nn.Module<Tensor, Tensor> Unit(ScalarType weights) => Training(new Bottleneck(input, width, stride, ResNetStride.OnThreeByThree, new Generator(3)), weights);
    }

    [Fact]
    public void It_is_the_path_of_training_alone_and_leaves_no_tensor_behind()
    {
        using var x = Rows(new Generator(5), 4, 8, 16);
        BranchFunction.Of(x, training: true).ShouldBe((x, x));                              // no gradient is asked for
        using var leaf = x.requires_grad_(true);
        BranchFunction.Of(leaf, training: false).ShouldBe((leaf, leaf));
        Given.ShouldLeaveNoTensor(() =>
        {
            using var scope = NewDisposeScope();
            var (main, shortcut) = BranchFunction.Of(leaf, training: true);
            main.ShouldNotBeSameAs(leaf);
            autograd.grad([(main * 2) + (shortcut * 3)], [leaf], [ones_like(leaf)])[0].mean().item<float>().ShouldBe(5);
        });
    }

    private static Tensor Rows(Generator generator, long pictures, long side, long channels) =>
        randn([pictures, side, side, channels], generator: generator).permute(0, 3, 1, 2);

    private static nn.Module<Tensor, Tensor> Training(nn.Module<Tensor, Tensor> unit, ScalarType weights)
    {
        unit.to(weights);
        unit.train();
        return unit;
    }

    private static List<Tensor> Run(nn.Module<Tensor, Tensor> unit, Tensor input, Tensor g)
    {
        var leaf = input.detach().requires_grad_(true);
        var x = leaf.mul(1);                                                                // an inner tensor, as in a network
        var y = unit.call(x);
        var parameters = unit.parameters().ToList();
        return [y, .. autograd.grad([y], [leaf, .. parameters], [g])];
    }

    /// <summary>Norm of the difference ÷ norm: in bfloat16 some numbers near 0 change sign, and with it their whole gradient.</summary>
    private static double Difference(Tensor actual, Tensor expected)
    {
        using var _ = no_grad();
        var (a, e) = (actual.to(ScalarType.Float64), expected.to(ScalarType.Float64));
        return (a - e).norm().item<double>() / e.norm().item<double>();
    }
}
