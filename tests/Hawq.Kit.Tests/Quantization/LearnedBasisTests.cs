using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Quantization;

/// <summary>LQ-Nets' quantizer against exhaustive search, and against the optimum that Max (1960) tabulates for normal values.</summary>
public class LearnedBasisTests
{
    [Theory]
    [InlineData(1, 0.3634, 0.3634)]
    [InlineData(2, 0.1175, 0.1175)]
    [InlineData(3, 0.03454, 0.0372)] // three numbers cannot place eight levels freely
    public void A_fitted_basis_of_normal_weights_reaches_the_error_of_Max(int bits, double optimum, double most)
    {
        using var scope = NewDisposeScope();
        var weight = randn([4, 250_000], generator: new Generator(3));
        using var quantizer = new WeightFakeQuantizer(weight, bits, QuantizationScheme.LqNets);
        quantizer.eval();
        var error = (quantizer.call(weight) - weight).pow(2).mean().item<float>();
        error.ShouldBeInRange((float)(optimum * 0.985), (float)(most * 1.015));
    }

    [Fact]
    public void A_training_step_moves_the_basis_a_tenth_of_the_way_to_the_exhaustive_fit()
    {
        using var scope = NewDisposeScope();
        var weight = randn([3, 4, 3, 3], generator: new Generator(8));
        using var quantizer = new WeightFakeQuantizer(weight, 2, QuantizationScheme.LqNets);
        var basis = quantizer.get_buffer("basis")!;
        basis.copy_(tensor(new float[,] { { 0.3f, 0.9f }, { 0.5f, 0.6f }, { 1f, 0.2f } }));
        var before = basis.clone();
        quantizer.eval();
        quantizer.call(weight).Dispose();
        basis.allclose(before, 0, 0).ShouldBeTrue();
        quantizer.train();
        var output = quantizer.call(weight);
        for (var row = 0; row < 3; row++)
        {
            var (levels, fit) = Exhaustive(weight[row], before[row], [-1, 1]);
            output[row].flatten().data<float>().ToArray().Zip(levels).ShouldAllBe(pair => Math.Abs(pair.First - pair.Second) < 1e-6);
            (basis[row] - (before[row] * 0.9 + fit * 0.1)).abs().max().item<float>().ShouldBeLessThan(2e-6f);
        }
    }

    [Fact]
    public void An_activation_takes_levels_of_zeros_and_ones_and_no_gradient_above_the_highest()
    {
        using var scope = NewDisposeScope();
        float[] values = [0, 0.2f, 0.4f, 0.9f, 1.1f, 1.45f, 1.6f, 3];
        using var quantizer = new ActivationFakeQuantizer(new("x", 0, 3, 1, values), 2, QuantizationScheme.LqNets);
        quantizer.get_buffer("basis")!.copy_(tensor(new[,] { { 1f, 0.5f } }));
        quantizer.eval();
        var x = tensor(values, requires_grad: true);
        var output = quantizer.call(x);
        output.data<float>().ToArray().ShouldBe([0, 0, 0.5f, 1, 1, 1.5f, 1.5f, 1.5f]);
        output.sum().backward();
        x.grad!.data<float>().ToArray().ShouldBe([1, 1, 1, 1, 1, 1, 0, 0]);
    }

    [Theory]
    [InlineData(ScalarType.Float32, false)]
    [InlineData(ScalarType.Float32, true)]
    [InlineData(ScalarType.BFloat16, false)]
    public void The_kernel_gives_what_the_operators_give(ScalarType type, bool isSigned)
    {
        using var scope = NewDisposeScope();
        var x = randn([6, 5, 7, 11], generator: new Generator(5)).to(type);
        x = isSigned ? x : x.relu();
        var basis = isSigned ? rand([6, 3], generator: new Generator(6)) : rand([1, 3], generator: new Generator(6));
        var (fast, plain) = (Run(x), Run(x.to(ScalarType.Float64)));
        ((fast.Value.to(ScalarType.Float64) - plain.Value).abs().max() / plain.Value.abs().max()).item<double>().ShouldBeLessThan(type == ScalarType.Float32 ? 1e-6 : 5e-3);
        (fast.Gradient.to(ScalarType.Float64) - plain.Gradient).abs().max().item<double>().ShouldBe(0);
        (fast.Basis - plain.Basis).abs().max().item<float>().ShouldBeLessThan(2e-6f);

        (Tensor Value, Tensor Gradient, Tensor Basis) Run(Tensor values)
        {
            var (input, learned) = (values.detach().requires_grad_(true), basis.clone());
            var y = LearnedBasis.Snap(input, learned, isSigned, learns: true);
            return (y.detach(), autograd.grad([y], [input], [ones_like(y)])[0], learned);
        }
    }

    [Fact]
    public void Values_that_lie_on_the_levels_of_a_basis_are_found_and_kept()
    {
        using var scope = NewDisposeScope();
        float[] levels = [-1.3f, -0.5f, 0.5f, 1.3f];
        var weight = tensor(Enumerable.Range(0, 64).Select(k => levels[k * 7 % 4]).ToArray()).reshape(1, 64);
        using var quantizer = new WeightFakeQuantizer(weight, 2, QuantizationScheme.LqNets);
        (quantizer.call(weight) - weight).abs().max().item<float>().ShouldBeLessThan(1e-5f);
    }

    [Fact]
    public void A_channel_of_zeros_has_a_finite_basis()
    {
        using var scope = NewDisposeScope();
        var weight = zeros(2, 9);
        using var quantizer = new WeightFakeQuantizer(weight, 3, QuantizationScheme.LqNets);
        quantizer.call(weight).isfinite().all().item<bool>().ShouldBeTrue();
        quantizer.get_buffer("basis")!.isfinite().all().item<bool>().ShouldBeTrue();
    }

    /// <summary>The nearest of all 2^K codes for each value, and v = (BBᵀ)⁻¹Bx in float64.</summary>
    private static (double[] Levels, Tensor Fit) Exhaustive(Tensor values, Tensor basis, double[] digits)
    {
        var (x, v) = (values.flatten().to(ScalarType.Float64).data<double>().ToArray(), basis.data<float>().ToArray());
        var codes = digits.SelectMany(a => digits.Select(b => new[] { a, b })).ToList();
        var nearest = x.Select(value => codes.MinBy(code => Math.Abs(value - (code[0] * v[0]) - (code[1] * v[1])))!).ToList();
        var design = tensor(nearest.SelectMany(code => code).ToArray()).reshape(-1, 2);
        var fit = linalg.lstsq(design, tensor(x).reshape(-1, 1)).Solution.flatten().to(ScalarType.Float32);
        return ([.. nearest.Select(code => (code[0] * v[0]) + (code[1] * v[1]))], fit);
    }
}
