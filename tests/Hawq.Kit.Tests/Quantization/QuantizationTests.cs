using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Quantization;

public class QuantizationTests
{
    public static TheoryData<QuantizationScheme> Schemes { get; } =
    [
        QuantizationScheme.AsymmetricPerTensor,
        QuantizationScheme.AsymmetricPerChannel,
        QuantizationScheme.SymmetricPerTensor,
        QuantizationScheme.SymmetricPerChannel,
        QuantizationScheme.SymmetricPerChannel with { Symmetry = Symmetry.MidRise },
    ];

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Quantizing_twice_changes_nothing_and_the_error_is_at_most_half_a_step(QuantizationScheme scheme)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var weight = randn([8, 4, 3, 3], generator: generator);
        foreach (var bits in (int[])[2, 3, 4, 6, 8])
        {
            using var grid = RangeEstimator.Grid(weight, bits, scheme);
            var once = grid.Snap(weight);
            grid.Snap(once).sub(once).abs().max().item<float>().ShouldBeLessThan(1e-5f);
            ((weight - once).abs() / grid.Scale.reshape(-1, 1, 1, 1)).max().item<float>().ShouldBeLessThan(0.501f);
        }
    }

    /// <summary>HAWQ-V2, appendix A: Δ = (max − min) / (2^b − 1) and z = round(−min / Δ), here 3 and 0.7 ÷ 0.4 → 2.</summary>
    [Fact]
    public void An_asymmetric_grid_is_the_one_computed_by_hand()
    {
        using var scope = NewDisposeScope();
        var weight = tensor(new[] { -0.7f, -0.5f, 0f, 0.1f, 0.25f, 0.5f }).reshape(2, 3);
        using var grid = RangeEstimator.Grid(weight, 2, QuantizationScheme.AsymmetricPerTensor);
        grid.Scale.item<float>().ShouldBe(0.4f, 1e-6f);
        grid.ZeroPoint.item<float>().ShouldBe(2);
        grid.Quantize(weight).data<long>().ToArray().ShouldBe([0, 1, 2, 2, 3, 3]);
        grid.Snap(weight).allclose(tensor(new[] { -0.8f, -0.4f, 0f, 0f, 0.4f, 0.4f }).reshape(2, 3)).ShouldBeTrue();
    }

    /// <summary>±E|w| (DoReFa's weights at 1 bit; Zhou et al. 2016), of each channel where there is a grid for each.</summary>
    [Fact]
    public void One_bit_is_the_sign_times_the_mean_magnitude()
    {
        using var scope = NewDisposeScope();
        var weight = tensor(new[] { -1f, 2f, 3f, -0.5f, 0.1f, 0.6f }).reshape(2, 3);
        using var perTensor = new WeightFakeQuantizer(weight, 1, QuantizationScheme.DoReFa);
        perTensor.call(weight).allclose(tensor(new[] { -1f, 1f, 1f, -1f, 1f, 1f }).mul(1.2f).reshape(2, 3)).ShouldBeTrue();
        using var perChannel = new WeightFakeQuantizer(weight, 1, QuantizationScheme.SymmetricPerChannel);
        perChannel.call(weight).allclose(tensor(new[] { -2f, 2f, 2f, -0.4f, 0.4f, 0.4f }).reshape(2, 3)).ShouldBeTrue();
    }

    /// <summary>90 % of 101 values from −50 to 50 lie from −45 to 45; of 101 from 0 to 100, below 90.</summary>
    [Fact]
    public void A_percentile_leaves_out_its_share_of_the_values()
    {
        using var scope = NewDisposeScope();
        var rule = RangeRule.Percentile(90);
        using var grid = RangeEstimator.Grid(arange(-50f, 51f).reshape(1, -1), 8, QuantizationScheme.SymmetricPerTensor with { Range = rule });
        grid.Scale.item<float>().ShouldBe(45f / 127, 1e-6f);
        new ActivationRange("a", 0, 100, 50, [.. Enumerable.Range(0, 101).Select(x => (float)x)]).Ends(rule, 4).ShouldBe((0, 90));
        new ActivationRange("b", -50, 50, 25, [.. Enumerable.Range(-50, 101).Select(x => (float)x)]).Ends(rule, 4).ShouldBe((-45, 45));
        Should.Throw<ArgumentOutOfRangeException>(() => RangeRule.Percentile(100)).Message.ShouldContain("use MinMax");
    }

    [Fact]
    public void More_bits_never_raise_the_error_and_a_least_squares_range_is_never_worse_than_min_max()
    {
        using var network = new CifarResNet(8);
        var block = BlockPartition.ByUnit.Of(network)[1];
        var minMax = ((int[])[2, 3, 4, 6, 8]).Select(bits => QuantizationError.Of(block, bits, QuantizationScheme.SymmetricPerChannel)).ToList();
        var fitted = ((int[])[2, 3, 4, 6, 8]).Select(bits => QuantizationError.Of(
            block, bits, QuantizationScheme.SymmetricPerChannel with { Range = RangeRule.LeastSquares })).ToList();
        minMax.ShouldBe(minMax.OrderDescending());
        fitted.Zip(minMax, (a, b) => a <= b * (1 + 1e-6)).ShouldAllBe(ok => ok);
    }

    /// <summary>The errors of the best uniform quantizers of a normal distribution: Max 1960, table II (for three levels table I, whose levels are equidistant too).</summary>
    [Theory]
    [InlineData(Symmetry.Symmetric, 2, 0.1902)]
    [InlineData(Symmetry.MidRise, 2, 0.1188)]
    [InlineData(Symmetry.MidRise, 3, 0.03744)]
    [InlineData(Symmetry.MidRise, 4, 0.01154)]
    public void A_least_squares_grid_of_normal_weights_errs_as_the_best_uniform_quantizer(Symmetry symmetry, int bits, double expected)
    {
        using var scope = NewDisposeScope();
        var weight = randn([1, 400_000], generator: new Generator(8));
        using var grid = RangeEstimator.Grid(weight, bits, new(symmetry, Granularity.PerTensor, RangeRule.LeastSquares));
        (grid.Error(weight) / weight.numel()).ShouldBe(expected, 0.02 * expected); // the search takes 24 ranges, the best one lies between
    }

    [Fact]
    public void A_mid_rise_grid_has_all_its_levels_on_both_sides_of_zero()
    {
        using var scope = NewDisposeScope();
        using var grid = RangeEstimator.Grid(tensor(new[] { -3f, -0.9f, -1e-6f, 1e-6f, 1.1f, 3f }).reshape(1, -1), 2, new(Symmetry.MidRise, Granularity.PerTensor, RangeRule.MinMax));
        var weight = tensor(new[] { -9f, -1.9f, -0.1f, 0.1f, 1.9f, 9f });
        grid.Quantize(weight).data<long>().ToArray().ShouldBe([-2, -1, -1, 0, 0, 1]);
        grid.Snap(weight).reshape(-1).data<float>().ToArray().ShouldBe([-3f, -1f, -1f, 1f, 1f, 3f]);
    }

    [Fact]
    public void The_fused_activation_kernel_equals_the_plain_grid_in_both_memory_layouts()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(6);
        var plain = randn([4, 3, 9, 7], generator: generator).relu();
        var range = new ActivationRange("x", 0, 2.5, 0.4, []);
        using var quantizer = new ActivationFakeQuantizer(range, 4, QuantizationScheme.AsymmetricPerTensor);
        using var grid = quantizer.Grid();
        foreach (var input in (Tensor[])[plain, plain.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)])
        {
            quantizer.call(input).sub(grid.Snap(input)).abs().max().item<float>().ShouldBe(0f, 1e-6f);
        }
    }

    [Fact]
    public void A_zero_point_that_was_loaded_counts()
    {
        using var scope = NewDisposeScope();
        var input = tensor(new[] { -0.4f, 0.3f, 0.9f });
        using var quantizer = new ActivationFakeQuantizer(new ActivationRange("x", 0, 1, 0.4, []), 4, QuantizationScheme.AsymmetricPerTensor);
        quantizer.call(input)[0].item<float>().ShouldBe(0);
        quantizer.get_buffer("zero_point")!.add_(6); // as another file may have it, at the same scale
        quantizer.call(input)[0].item<float>().ShouldBe(-0.4f, 1e-6f);
    }

    [Fact]
    public void The_gradient_passes_straight_through_inside_the_range_and_is_zero_far_outside()
    {
        using var scope = NewDisposeScope();
        var range = new ActivationRange("x", 0, 1, 0.4, []);
        using var quantizer = new ActivationFakeQuantizer(range, 4, QuantizationScheme.AsymmetricPerTensor);
        var input = tensor(new[] { -2f, 0.3f, 0.7f, 3f }, requires_grad: true);
        quantizer.call(input).sum().backward();
        input.grad!.data<float>().ToArray().ShouldBe([0f, 1f, 1f, 0f]);
    }

    [Fact]
    public void All_32_bits_leaves_the_output_unchanged()
    {
        using var scope = NewDisposeScope();
        using var network = new CifarResNet(8);
        using var copy = network.Clone();
        var blocks = BlockPartition.ByUnit.Of(network).Select(block => new BlockPrecision(block, BitWidth.Float, BitWidth.Float));
        ModelQuantizer.Quantize(copy, blocks, QuantizationScheme.SymmetricPerChannel, null);
        using var generator = new Generator(7);
        var input = randn([2, 3, 32, 32], generator: generator);
        network.eval();
        copy.eval();
        copy.call(input).sub(network.call(input)).abs().max().item<float>().ShouldBe(0f);
    }
}
