using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Numerics;

public class HutchinsonTests
{
    [Fact]
    public void Hutchinson_with_Rademacher_probes_is_exact_on_a_diagonal_operator()
    {
        var trace = Hutchinson.Trace(new MatrixOperator(diag(tensor(new[] { 3.0, -1, 4, 1.5 }))), 1, minimum: 2);
        trace.ShouldBe(new Estimate(7.5, 0, 2));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Trace_estimate_lies_within_four_standard_errors_of_the_dense_trace(long seed)
    {
        var matrix = Given.Symmetric([.. Enumerable.Range(1, 40).Select(k => 1.0 / k)], 5);
        var trace = Hutchinson.Trace(new MatrixOperator(matrix), seed, 0.02);
        Math.Abs(trace.Value - matrix.trace().ToNumber()).ShouldBeLessThanOrEqualTo(4 * trace.StandardError);
        trace.RelativeError.ShouldBeLessThanOrEqualTo(0.02);
        var closed = 2 * (matrix - diag(matrix.diagonal())).pow(2).sum().ToNumber() / trace.Samples;
        (trace.StandardError / Math.Sqrt(closed)).ShouldBe(1, 0.25, "some 300 probes tell it to 7 %");
    }

    [Fact]
    public void Bad_inputs_are_named()
    {
        var of = new MatrixOperator(eye(2));
        Should.Throw<ArgumentOutOfRangeException>(() => Hutchinson.Trace(of, 1, minimum: 1)).ParamName.ShouldBe("minimum");
        Should.Throw<ArgumentOutOfRangeException>(() => Hutchinson.Trace(of, 1, maximum: 3)).ParamName.ShouldBe("maximum");
        Should.Throw<ArgumentOutOfRangeException>(() => Lanczos.Top(of, 0, 1)).ParamName.ShouldBe("count");
        Should.Throw<ArgumentOutOfRangeException>(() => PowerIteration.Top(of, 1, maximum: 0)).ParamName.ShouldBe("maximum");
    }
}
