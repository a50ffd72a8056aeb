using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Curvature;

/// <summary>The heap is the whole process's: no other test runs beside these.</summary>
[CollectionDefinition(nameof(MemoryPlanTests), DisableParallelization = true)]
[Collection(nameof(MemoryPlanTests))]
public class MemoryPlanTests
{
    [Fact]
    public void Two_budgets_give_the_same_values_and_hold()
    {
        using var network = new CifarResNet(8);
        var batches = Given.Pictures.Take(24).Batches(24).ToArray();
        var analysis = HessianAnalysis.Of(network, nn.CrossEntropyLoss(), batches).WithTopEigenvalues(maximum: 3);
        var expected = analysis.Run(3);
        foreach (var megabytes in new[] { 30, 12 })
        {
            var report = expected;
            var before = NativeHeap.InUse();
            var peak = NativeHeap.PeakOf(() => report = analysis.WithinMemory(megabytes << 20).Run(3)) - before;
            peak.ShouldBeLessThan((megabytes + 8L) << 20, "8 MiB are for Lanczos and libtorch itself; unbounded it is above 40");
            report.SampleHash.ShouldBe(expected.SampleHash);
            foreach (var (one, other) in report.Blocks.Zip(expected.Blocks))
            {
                (one.TopEigenvalue / other.TopEigenvalue).ShouldBe(1, 1e-3, one.Block.Name);
            }
        }
    }

    [Fact]
    public void Cut_batches_change_rounding_alone()
    {
        using var network = new CifarResNet(8);
        network.to(ScalarType.Float64);
        using var batch = Given.Pictures.Take(24).Batches(24).Single();
        using var wide = new Batch(batch.Inputs.to(ScalarType.Float64), batch.Targets.clone());
        var analysis = HessianAnalysis.Of(network, nn.CrossEntropyLoss(), [wide]).WithTopEigenvalues(maximum: 3);
        var (whole, cut) = (analysis.Run(3), analysis.WithinMemory(20 << 20).Run(3)); // unbounded it is above 80 MB
        foreach (var (one, other) in cut.Blocks.Zip(whole.Blocks))
        {
            (one.TopEigenvalue / other.TopEigenvalue).ShouldBe(1, 1e-10, one.Block.Name); // 1e-3 in float32
        }
    }

    /// <summary>In float32 a fresh network of this depth moves by a hundredth and more when its inputs do by 10⁻⁷, so only float64 tells.</summary>
    [Theory]
    [InlineData("ResNet50", 32)]
    [InlineData("Inception-V3", 75)]
    [InlineData("SqueezeNext", 64)]
    public void Cut_batches_change_rounding_alone_in_every_block_of_the_ImageNet_networks(string name, long side)
    {
        using Network network = name switch
        {
            "ResNet50" => new ImageNetResNet(classes: 10),
            "Inception-V3" => new InceptionV3(classes: 10, dropout: 0),
            _ => new SqueezeNext(classes: 10),
        };
        network.to(ScalarType.Float64);
        var random = new Generator(7);
        using var batch = new Batch(randn([3, 3, side, side], ScalarType.Float64, generator: random), tensor([1L, 4, 9]));
        Settle(network, batch.Inputs);
        var loss = nn.CrossEntropyLoss();
        var (whole, cut) = (Report([batch]), Report(new EmpiricalRisk(network, loss, [batch]).CutTo(2).Batches)); // by hand: measured bytes of 2 and 3 samples hardly differ
        cut.Samples.ShouldBe(whole.Samples);
        foreach (var (one, other) in cut.Blocks.Zip(whole.Blocks))
        {
            (one.TopEigenvalue / other.TopEigenvalue).ShouldBe(1, 1e-9, one.Block.Name);
        }

        CurvatureReport Report(IReadOnlyList<Batch> batches) => HessianAnalysis.Of(network, loss, batches).WithTopEigenvalues(maximum: 1).Run(3);
    }

    [Fact]
    public void Less_memory_keeps_fewer_graphs_and_at_last_cuts_the_batches()
    {
        using var network = new CifarResNet(8);
        var risk = new EmpiricalRisk(network, nn.CrossEntropyLoss(), Given.Pictures.Take(96).Batches(32).ToArray());
        var memory = GraphMemory.Measured(risk, BlockPartition.ByUnit.Of(network), bytes: 1 << 30);
        var (one, beside) = (memory.Graph(32), memory.Passing(32));
        var all = MemoryPlan.Within((3 * one) + beside, risk, memory);
        all.ShouldBe(new MemoryPlan(32, 3, (3 * one) + beside));
        var tight = MemoryPlan.Within((one + beside) / 2, risk, memory);
        tight.BatchSize.ShouldBeLessThan(32);
        tight.Bytes.ShouldBeLessThanOrEqualTo((one + beside) / 2);
        risk.CutTo(tight.BatchSize).Samples.ShouldBe(96);
        Should.Throw<InvalidOperationException>(() => MemoryPlan.Within(1000, risk, memory))
            .Message.ShouldStartWith("WithinMemory received 1,000 bytes; a Hessian product of a single sample needs about ");
    }

    [Fact]
    public void A_gradient_takes_the_memory_of_few_batches_whatever_their_number()
    {
        using var model = nn.Sequential(("only", nn.Linear(500, 1000, hasBias: false))); // 2 MB
        using var generator = new Generator(1);
        var batches = Enumerable.Range(0, 64).Select(_ => new Batch(randn([1, 500], generator: generator), randn([1, 1000], generator: generator))).ToArray();
        using var graphs = new GradientGraphs(new EmpiricalRisk(model, nn.MSELoss(), batches), BlockPartition.ByLayer.Of(model), keptBatches: 0);
        graphs.Gradient(0).Dispose();
        var before = NativeHeap.InUse();
        var peak = NativeHeap.PeakOf(() => graphs.Gradient(0).Dispose()) - before;
        peak.ShouldBeLessThan(24L << 20, "64 gradients are 128 MB");
    }

    /// <summary>Gives batch norm the statistics of these pictures: with a fresh network's, softmax saturates.</summary>
    private static void Settle(Network network, Tensor inputs)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        network.train();
        for (var pass = 0; pass < 40; pass++)
        {
            network.call(inputs);
        }

        network.eval();
    }
}
