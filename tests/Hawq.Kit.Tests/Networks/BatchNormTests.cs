using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Networks;

/// <summary>The fused batch norm against libtorch's own, in float64 where libtorch computes it.</summary>
public class BatchNormTests
{
    public static TheoryData<int, bool, bool> Cases { get; } = new()
    {
        { 16, true, true }, { 16, true, false }, { 16, false, false }, { 21, true, true }, { 3, false, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Output_gradients_and_statistics_equal_those_of_libtorch(int channels, bool rectifies, bool hasResidual)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(7);
        var inputs = Inputs(channels, generator);
        var (fused, plain) = (nn.BatchNorm2d(channels), Wide(channels));
        Fill(fused, plain, generator);
        var (actual, expected) = (Run(inputs, ScalarType.Float32, Fused), Run(inputs, ScalarType.Float64, Plain));
        foreach (var (a, e) in actual.Zip(expected))
        {
            Difference(a, e).ShouldBeLessThan(2e-6);
        }

        Difference(fused.running_mean!, plain.running_mean!).ShouldBeLessThan(1e-6);
        Difference(fused.running_var!, plain.running_var!).ShouldBeLessThan(1e-6);
        fused.num_batches_tracked!.item<long>().ShouldBe(1);

        Tensor Fused(Tensor x, Tensor r) => !rectifies ? fused.Normalized(x) : hasResidual ? fused.RectifiedSum(x, r) : fused.Rectified(x);

        Tensor Plain(Tensor x, Tensor r)
        {
            var y = hasResidual ? plain.call(x) + r : plain.call(x);
            return rectifies ? y.relu() : y;
        }

        List<Tensor> Run((Tensor X, Tensor R, Tensor G) of, ScalarType type, Func<Tensor, Tensor, Tensor> network)
        {
            var (x, r) = (of.X.to(type).requires_grad_(true), of.R.to(type).requires_grad_(true));
            var norm = type == ScalarType.Float32 ? fused : plain;
            var y = network(x, r);
            Tensor[] wanted = hasResidual ? [x, r, norm.weight!, norm.bias!] : [x, norm.weight!, norm.bias!];
            return [y, .. autograd.grad([y], wanted, [of.G.to(type)])];
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void In_evaluation_it_equals_libtorch_by_the_running_statistics(int channels, bool rectifies, bool hasResidual)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var generator = new Generator(10);
        var (x, r, _) = Inputs(channels, generator);
        var (fused, plain) = (nn.BatchNorm2d(channels), Wide(channels));
        Fill(fused, plain, generator);
        fused.running_mean!.copy_(randn([channels], generator: generator) + 5);
        fused.running_var!.copy_(rand([channels], generator: generator) * 9 + 0.1);
        plain.running_mean!.copy_(fused.running_mean!);
        plain.running_var!.copy_(fused.running_var!);
        fused.eval();
        plain.eval();
        var wide = plain.call(x.to(ScalarType.Float64));
        wide = hasResidual ? wide + r : wide;
        wide = rectifies ? wide.relu() : wide;
        Difference(Of(x, r), wide).ShouldBeLessThan(2e-6);
        Difference(Of(x.to(ScalarType.BFloat16), r.to(ScalarType.BFloat16)), wide).ShouldBeLessThan(0.01);
        Difference(fused.running_mean!, plain.running_mean!).ShouldBe(0);

        Tensor Of(Tensor input, Tensor other) =>
            !rectifies ? fused.Normalized(input) : hasResidual ? fused.RectifiedSum(input, other) : fused.Rectified(input);
    }

    [Fact]
    public void In_bfloat16_it_errs_by_the_rounding_of_its_output()
    {
        using var scope = NewDisposeScope();
        var (x, r, g) = Inputs(16, new Generator(8));
        var (norm, wide) = (nn.BatchNorm2d(16), Wide(16));
        var narrow = x.to(ScalarType.BFloat16).requires_grad_(true);
        var exact = narrow.detach().to(ScalarType.Float64).requires_grad_(true);
        var (y, expected) = (norm.Rectified(narrow), wide.call(exact).relu());
        y.dtype.ShouldBe(ScalarType.BFloat16);
        Difference(y, expected).ShouldBeLessThan(0.004);                    // half a unit in the last of 8 bits
        var gradient = autograd.grad([y], [narrow], [g.to(ScalarType.BFloat16)])[0];
        Difference(gradient, autograd.grad([expected], [exact], [g.to(ScalarType.Float64)])[0]).ShouldBeLessThan(0.01);
    }

    [Fact]
    public void The_same_numbers_come_from_any_count_of_threads()
    {
        using var scope = NewDisposeScope();
        var (x, r, _) = Inputs(16, new Generator(9));
        var threads = get_num_threads();
        try
        {
            set_num_threads(1);
            var one = nn.BatchNorm2d(16).RectifiedSum(x, r);
            set_num_threads(2);
            (nn.BatchNorm2d(16).RectifiedSum(x, r) == one).all().item<bool>().ShouldBeTrue();
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    private static (Tensor X, Tensor R, Tensor G) Inputs(int channels, Generator generator)
    {
        return (Rows() * 3 + 5, Rows(), Rows());

        Tensor Rows() => randn([12, 13, 14, channels], generator: generator).permute(0, 3, 1, 2);
    }

    private static TorchSharp.Modules.BatchNorm2d Wide(int channels)
    {
        var norm = nn.BatchNorm2d(channels);
        norm.to(ScalarType.Float64);
        return norm;
    }

    private static void Fill(TorchSharp.Modules.BatchNorm2d fused, TorchSharp.Modules.BatchNorm2d plain, Generator generator)
    {
        using var _ = no_grad();
        fused.weight!.copy_(randn(fused.weight!.shape, generator: generator));
        fused.bias!.copy_(randn(fused.bias!.shape, generator: generator));
        plain.weight!.copy_(fused.weight!);
        plain.bias!.copy_(fused.bias!);
    }

    /// <summary>Largest difference ÷ largest value.</summary>
    private static double Difference(Tensor actual, Tensor expected)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (a, e) = (actual.to(ScalarType.Float64), expected.to(ScalarType.Float64));
        return (a - e).abs().max().item<double>() / e.abs().max().item<double>();
    }
}
