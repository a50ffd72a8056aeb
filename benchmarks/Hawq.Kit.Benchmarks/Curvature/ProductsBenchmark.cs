using System.Diagnostics;
using static TorchSharp.torch;

namespace Hawq.Kit.Benchmarks;

/// <summary>A Hessian product over all weights beside a gradient by the same weights, in time and memory.</summary>
internal sealed class ProductsBenchmark : Benchmark
{
    public override string Name => "products";

    public override string Description => "ResNet20 and ResNet50: Hessian-vector product ÷ gradient, time and peak memory";

    public override BenchmarkResult Run(BenchmarkOptions options)
    {
        var (pictures, few, side) = options.Quick ? (16, 1, 64) : (128, 8, 128);
        using var small = new Case($"ResNet20, {pictures} × 32²", new CifarResNet(20), pictures, 32);
        using var large = new Case($"ResNet50, {few} × {side}²", new ImageNetResNet(), few, side);
        Case[] cases = [small, large];
        var timings = Alternation.Of(options.Rounds, [.. cases.SelectMany(one => one.Contestants)]);
        return new(
            Name, "random weights and pictures, evaluation mode, one block of all conv and linear weights", timings,
            [.. cases.SelectMany((one, k) => one.Ratios(timings[3 * k].Median, timings[(3 * k) + 1].Median, timings[(3 * k) + 2].Median))],
            cases.ToDictionary(one => one.Name, one => (object)new Dictionary<string, double>
            {
                ["gradientMegabytes"] = one.GradientBytes / 1e6,
                ["productMegabytes"] = one.ProductBytes / 1e6,
            }));
    }

    /// <summary>One network with one batch.</summary>
    private sealed class Case : IDisposable
    {
        private readonly Network _network;
        private readonly Batch _batch;
        private readonly IReadOnlyList<Block> _blocks;
        private readonly EmpiricalRisk _risk;
        private readonly Tensor _v;

        public Case(string name, Network network, long size, long side)
        {
            (Name, _network) = (name, network);
            using var generator = new Generator(0);
            _batch = new Batch(randn([size, 3, side, side], generator: generator), randint(10, [size], ScalarType.Int64, generator: generator));
            _network.eval();
            _blocks = BlockPartition.By(_ => "all").Of(network);
            _risk = new EmpiricalRisk(network, nn.CrossEntropyLoss(), [_batch]);
            _v = randn([_blocks[0].WeightCount], generator: generator);
            Gradient();
            Products(1);
            GradientBytes = Peak(() => Gradient());
            ProductBytes = Peak(() => Products(2));
        }

        public string Name { get; }

        /// <summary>Most bytes of the heap in use during a gradient, less those before.</summary>
        public long GradientBytes { get; }

        /// <summary>The same for the graph and two products on it.</summary>
        public long ProductBytes { get; }

        public IReadOnlyList<Contestant> Contestants =>
        [
            new($"{Name}: gradient", Gradient),
            new($"{Name}: product on its kept graph", () => Products(3).Product),
            new($"{Name}: graph", () => Products(0).Graph),
        ];

        public IEnumerable<Ratio> Ratios(double gradient, double product, double graph) =>
        [
            Ratio.AtMost($"{Name}: product ÷ gradient", product / gradient, 2.5),
            Ratio.AtMost($"{Name}: a graph and 10 products, a product's share ÷ gradient", (product + (graph / 10)) / gradient, 2.5),
            Ratio.AtMost($"{Name}: peak memory, product ÷ gradient", (double)ProductBytes / GradientBytes, 2.4),
        ];

        public void Dispose()
        {
            _network.Dispose();
            _batch.Dispose();
            _v.Dispose();
        }

        private double Gradient()
        {
            var clock = Stopwatch.StartNew();
            using var scope = NewDisposeScope();
            var loss = nn.functional.cross_entropy(_network.call(_batch.Inputs), _batch.Targets);
            autograd.grad([loss], [.. _blocks[0].Weights]);
            return clock.Elapsed.TotalSeconds;
        }

        private (double Graph, double Product) Products(int count)
        {
            using var graphs = new GradientGraphs(_risk, _blocks, 1);
            var clock = Stopwatch.StartNew();
            graphs.Gradient(0).Dispose();
            var graph = clock.Elapsed.TotalSeconds;
            var seconds = new List<double> { 0 };
            for (var k = 0; k < count; k++)
            {
                clock.Restart();
                graphs.Product(0, _v).Dispose();
                seconds.Add(clock.Elapsed.TotalSeconds);
            }

            return (graph, Alternation.Median(seconds[Math.Min(1, count)..]));
        }

        private static long Peak(Action action)
        {
            var before = NativeHeap.InUse();
            return NativeHeap.PeakOf(action) - before;
        }
    }
}
