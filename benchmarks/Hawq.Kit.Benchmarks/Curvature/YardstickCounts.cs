using static TorchSharp.torch;

namespace Hawq.Kit.Benchmarks;

/// <summary>How many products the yardsticks need for each block.</summary>
/// <remarks>
/// They are counted on the kit's products of the block: the same H·v (the benchmark compares them), the same numbers at every step,
/// and an hour less.
/// </remarks>
internal static class YardstickCounts
{
    public const string OwnRule = "change of λ < 1e-3";
    public const string ResidualRule = "residual ≤ 1 %";
    public const string Probes = "standard error ≤ 5 %";
    private const int Most = 100;
    private const int TriedProbes = 16;

    /// <summary>Power iteration as PyHessian's <c>eigenvalues</c>.</summary>
    public static KeptCounts PowerIterations(CurvatureWork work, BenchmarkOptions options) => KeptCounts.Of(
        Name("power-iterations", options),
        $"power iteration, {work.Words}; from a normal vector; at most {Most} products; values at the residual rule's end",
        () => [.. All(work, PowerIteration)]);

    /// <summary>Plain Hutchinson, one probe for all samples: its need follows from the spread of a few probes.</summary>
    public static KeptCounts HutchinsonProbes(CurvatureWork work, BenchmarkOptions options) => KeptCounts.Of(
        Name("hutchinson-probes", options),
        $"Hutchinson, {work.Words}; probes = (standard deviation ÷ mean ÷ 5 %)², the deviation of {TriedProbes} Rademacher probes",
        () => [.. All(work, hessian =>
        {
            var trace = Hutchinson.Trace(hessian, 1, double.Epsilon, TriedProbes, TriedProbes);
            var needed = (int)Math.Ceiling(TriedProbes * Math.Pow(trace.RelativeError / 0.05, 2));
            return new KeptCounts.Row(hessian.Block.Name, trace.Value, trace.StandardError, new Dictionary<string, int> { [Probes] = needed });
        })]);

    private static string Name(string name, BenchmarkOptions options) => options.Quick ? name + ".quick" : name;

    private static IEnumerable<KeptCounts.Row> All(CurvatureWork work, Func<HessianOperator, KeptCounts.Row> count)
    {
        var risk = new EmpiricalRisk(work.Network, nn.CrossEntropyLoss(), work.Batches);
        using var graphs = new GradientGraphs(risk, work.Blocks, work.Batches.Count);
        for (var b = 0; b < work.Blocks.Count; b++)
        {
            var row = count(new HessianOperator(graphs, b));
            Console.WriteLine($"counted  {row.Block}: {string.Join(", ", row.Products.Select(rule => $"{rule.Key}: {rule.Value}"))}");
            yield return row;
        }
    }

    private static KeptCounts.Row PowerIteration(HessianOperator hessian)
    {
        using var generator = new Generator(1);
        var v = randn([hessian.Dimension], generator: generator);
        v.div_(v.norm());
        var (value, residual, counts) = (double.NaN, double.PositiveInfinity, new Dictionary<string, int>());
        for (var k = 1; k <= Most && counts.Count < 2; k++)
        {
            using var product = hessian.Multiply(v);
            using var scope = NewDisposeScope();
            var before = value;
            value = v.dot(product).item<float>();
            residual = (product - (v * value)).norm().item<float>() / Math.Abs(value);
            Note(OwnRule, k, Math.Abs(before - value) / (Math.Abs(before) + 1e-6) < 1e-3);
            Note(ResidualRule, k, residual <= 0.01);
            v.copy_(product / product.norm());
        }

        v.Dispose();
        return new KeptCounts.Row(hessian.Block.Name, value, residual, counts);

        void Note(string rule, int products, bool holds)
        {
            if (holds || products == Most)
            {
                counts.TryAdd(rule, products);
            }
        }
    }
}
