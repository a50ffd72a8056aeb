using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Numerics;

public class PartedTraceTests
{
    /// <summary>Every sample is exact, so the fewest probes do: parts · (probes − 1) of 8 or more.</summary>
    [Theory]
    [InlineData(1, 9)]
    [InlineData(2, 5)]
    [InlineData(3, 4)]
    [InlineData(8, 2)]
    [InlineData(16, 2)]
    public void Parted_trace_is_exact_on_diagonal_parts(int parts, int probes)
    {
        using var generator = new Generator(1);
        var all = Enumerable.Range(0, parts).Select(k => new MatrixOperator(diag(tensor(new[] { 4.0 + k, 1.5 }))));
        PartedTrace.Of(all, generator, 0.05, 16, default).ShouldBe(new Estimate((5.5 * parts) + (parts * (parts - 1) / 2), 0, probes));
        PartedTrace.Of(all, generator, 0.05, 2, default).Samples.ShouldBe(2, "no more than the most");
    }

    /// <summary>zᵀAz is 1 or 3, each as likely, so the first two probes of a single part agree for every other seed.</summary>
    [Fact]
    public void Samples_that_agree_by_chance_do_not_stop_a_single_part()
    {
        var part = new MatrixOperator(tensor(new[,] { { 1, 0.5 }, { 0.5, 1 } }));
        var off = Enumerable.Range(0, 100).Count(seed =>
        {
            using var generator = new Generator((ulong)seed);
            var trace = PartedTrace.Of([part], generator, 0.05, 2000, default);
            return Math.Abs(trace.Value - 2) > 4 * trace.StandardError;
        });
        off.ShouldBeLessThanOrEqualTo(5, "nine probes agree once in 256 times");
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
