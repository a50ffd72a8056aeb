using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Quantization;

/// <summary>The quantizers' kernels against the same formulas written as libtorch operators, which float64 tensors take.</summary>
public class FusedQuantizerTests
{
    private static readonly QuantizationScheme Fitted = QuantizationScheme.SymmetricPerChannel with { Range = RangeRule.LeastSquares };

    public static TheoryData<QuantizationScheme> LeastSquares { get; } = [Fitted, Fitted with { Symmetry = Symmetry.Asymmetric }, Fitted with { Symmetry = Symmetry.MidRise }, Fitted with { Granularity = Granularity.PerTensor }];

    /// <summary>Of either type; one part of the kernels' work, and four, of which the last has five numbers.</summary>
    public static TheoryData<ScalarType, int> Runs { get; } = new()
    {
        { ScalarType.Float32, 3465 },
        { ScalarType.Float32, (3 * 32768) + 5 },
        { ScalarType.BFloat16, 3465 },
        { ScalarType.BFloat16, (3 * 32768) + 5 },
    };

    [Theory]
    [MemberData(nameof(LeastSquares))]
    public void Least_squares_grids_equal_those_of_the_search_by_operators(QuantizationScheme scheme)
    {
        using var scope = NewDisposeScope();
        var rows = randn([12, 75], generator: new Generator(4)) + 0.2;
        rows = scheme.Granularity == Granularity.PerTensor ? rows.reshape(1, -1) : rows;
        var (low, high) = (rows.amin([1]).clamp_max_(0), rows.amax([1]).clamp_min_(0));
        foreach (var bits in (int[])[2, 3, 4, 8])
        {
            var range = IntegerRange.Of(bits, scheme.Symmetry);
            var (scale, zero) = LeastSquaresRows.Fit(rows, low, high, range, scheme.Symmetry);
            var (expected, shift) = LeastSquaresGrid.Search(rows, low, high, range, scheme.Symmetry);
            (scale / expected - 1).abs().max().item<float>().ShouldBeLessThan(1e-5f);
            (zero == shift).all().item<bool>().ShouldBeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_learned_step_has_the_gradients_of_its_operators(ScalarType type, int count) =>
        Compare(type, count, 0.41f, (x, step) => LearnedStepFunction.Of(x, step, IntegerRange.Of(3, Symmetry.Symmetric), count));

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_learned_clip_has_the_gradients_of_its_operators(ScalarType type, int count) =>
        Compare(type, count, 1.3f, (x, clip) => LearnedClipFunction.Of(x, clip, 3));

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_grid_whose_zero_point_is_not_0_has_the_gradient_of_its_operators(ScalarType type, int count)
    {
        using var grid = RangeEstimator.Interval(-0.9, 2, 3);
        grid.ZeroPoint.item<float>().ShouldBe(2);
        Compare(type, count, null, (x, _) => ActivationSnap.Of(x, grid));
    }

    /// <summary>
    /// Against float64 tensors of the very numbers that the kernel gets. They are multiples of 1/256, none of which lies so near to a tie or
    /// to an end of the three grids that float32 could take it for one.
    /// </summary>
    private static void Compare(ScalarType type, int count, float? parameter, Func<Tensor, Tensor, Tensor> quantize)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(6);
        var x = randn([count], generator: generator);
        var gradient = (x / 2) + randn([count], generator: generator); // rises with x, so that the sums do not come to about 0
        var (values, gradients) = (Rounded(x).to(type), Rounded(gradient).to(type));
        var (fast, plain) = (Run(values, gradients, ScalarType.Float32), Run(values.to(ScalarType.Float64), gradients.to(ScalarType.Float64), ScalarType.Float64));
        var tolerance = type == ScalarType.BFloat16 ? 1.0 / 256 : 2e-6;
        ((fast[0] - plain[0]).abs() - (plain[0].abs() * tolerance)).max().item<double>().ShouldBeLessThanOrEqualTo(0);
        (fast[1] - plain[1]).abs().max().item<double>().ShouldBe(0);
        plain[1].eq(0).sum().item<long>().ShouldBeGreaterThan(count / 20);
        fast.Skip(2).Zip(plain.Skip(2)).ShouldAllBe(sums => Math.Abs((sums.First / sums.Second).item<double>() - 1) < 1e-5);

        List<Tensor> Run(Tensor numbers, Tensor upstream, ScalarType learned)
        {
            var input = numbers.detach().requires_grad_(true);
            Tensor[] inputs = parameter is { } value ? [input, tensor([(double)value], dtype: learned, requires_grad: true)] : [input];
            var y = quantize(input, inputs[^1]);
            return [.. autograd.grad([y], inputs, [upstream]).Prepend(y).Select(result => result.detach().to(ScalarType.Float64))];
        }

        static Tensor Rounded(Tensor numbers) => (numbers * 256).round() / 256;
    }
}
