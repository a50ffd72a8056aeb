using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Numerics;

public class PartedTraceTests
{
    [Fact]
    public void Parted_trace_is_exact_on_diagonal_parts()
    {
        using var generator = new Generator(1);
        LinearOperator[] parts = [new MatrixOperator(diag(tensor(new[] { 3.0, -1 }))), new MatrixOperator(diag(tensor(new[] { 4.0, 1.5 })))];
        PartedTrace.Of(parts, generator, 0.05, 8, default).ShouldBe(new Estimate(7.5, 0, 2));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Parted_trace_lies_within_four_standard_errors_of_the_dense_trace(ulong seed)
    {
        using var generator = new Generator(seed);
        var parts = Parts(24);
        var trace = PartedTrace.Of(parts.Select(part => new MatrixOperator(part)), generator, 0.01, 2000, default);
        trace.RelativeError.ShouldBeLessThanOrEqualTo(0.01);
        Math.Abs(trace.Value - parts.Sum(part => part.trace().ToNumber())).ShouldBeLessThanOrEqualTo(4 * trace.StandardError);
    }

    [Fact]
    public void Standard_error_is_the_spread_over_many_seeds()
    {
        var parts = Parts(16);
        var runs = Enumerable.Range(0, 200).Select(seed =>
        {
            using var generator = new Generator((ulong)seed);
            return PartedTrace.Of(parts.Select(part => new MatrixOperator(part)), generator, 1, 2, default);
        }).ToList();
        var spread = Estimate.Of([.. runs.Select(run => run.Value)]).StandardError * Math.Sqrt(runs.Count);
        (Math.Sqrt(runs.Average(run => run.StandardError * run.StandardError)) / spread).ShouldBe(1, 0.2, "200 runs tell a spread to 5 %");
        var closed = parts.Sum(part => 2 * (part - diag(part.diagonal())).pow(2).sum().ToNumber()) / 2;    // two probes
        (spread / Math.Sqrt(closed)).ShouldBe(1, 0.2);
    }

    [Fact]
    public void Probes_of_their_own_beat_one_for_all_where_parts_are_alike()
    {
        var part = Given.Symmetric([.. Enumerable.Range(1, 20).Select(k => 1.0 / k)], 5);
        using var generator = new Generator(1);
        var parted = PartedTrace.Of(Enumerable.Repeat(new MatrixOperator(part), 16), generator, 0.04, 512, default);
        var shared = Hutchinson.Trace(new MatrixOperator(part * 16), 1, 0.04, maximum: 512);
        shared.Samples.ShouldBeGreaterThan(4 * parted.Samples, "1 ÷ 16 of the variance, but for chance and the fewest probes");
    }

    private static List<Tensor> Parts(int count) =>
        [.. Enumerable.Range(0, count).Select(k => Given.Symmetric([1 + k, 2, 0.5, -1, 0.25, 3], (ulong)k))];
}
