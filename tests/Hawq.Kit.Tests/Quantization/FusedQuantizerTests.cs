using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Quantization;

/// <summary>The quantizers' kernels against the same formulas written as libtorch operators, which float64 tensors take.</summary>
public class FusedQuantizerTests
{
    private static readonly QuantizationScheme Fitted = QuantizationScheme.SymmetricPerChannel with { Range = RangeRule.LeastSquares };

    public static TheoryData<QuantizationScheme> LeastSquares { get; } = [Fitted, Fitted with { Symmetry = Symmetry.Asymmetric }, Fitted with { Symmetry = Symmetry.MidRise }, Fitted with { Granularity = Granularity.PerTensor }];

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

    [Fact]
    public void A_learned_step_has_the_gradients_of_its_operators() =>
        Compare((x, step) => LearnedStepFunction.Of(x, step, IntegerRange.Of(3, Symmetry.Symmetric), x.numel()), 0.4f);

    [Fact]
    public void A_learned_clip_has_the_gradients_of_its_operators() => Compare((x, clip) => LearnedClipFunction.Of(x, clip, 3), 1.3f);

    private static void Compare(Func<Tensor, Tensor, Tensor> quantize, float parameter)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(6);
        var (x, g) = (randn([5, 7, 9, 11], generator: generator), randn([5, 7, 9, 11], generator: generator));
        var (fast, plain) = (Run(ScalarType.Float32), Run(ScalarType.Float64));
        foreach (var (a, e) in fast.Zip(plain))
        {
            ((a.to(ScalarType.Float64) - e).abs().max() / e.abs().max()).item<double>().ShouldBeLessThan(2e-6);
        }

        List<Tensor> Run(ScalarType type)
        {
            var (values, learned) = (x.to(type).requires_grad_(true), tensor([(double)parameter], dtype: type, requires_grad: true));
            var y = quantize(values, learned);
            return [y, .. autograd.grad([y], [values, learned], [g.to(type)])];
        }
    }
}
