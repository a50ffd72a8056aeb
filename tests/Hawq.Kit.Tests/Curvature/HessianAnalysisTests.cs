using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Curvature;

public class HessianAnalysisTests
{
    [Fact]
    public void Same_seed_gives_the_same_result()
    {
        var analysis = Tiny().WithTopEigenvalues(2).WithTrace();
        var (one, two) = (analysis.Run(5), analysis.Run(5));
        one.Blocks.Select(b => b.TopEigenvalue).ShouldBe(two.Blocks.Select(b => b.TopEigenvalue));
        one.Blocks.Select(b => b.AverageTrace).ShouldBe(two.Blocks.Select(b => b.AverageTrace));
        one.SampleHash.ShouldBe(two.SampleHash);
    }

    /// <summary>libtorch would end the process.</summary>
    [Fact]
    public void A_weight_that_the_loss_does_not_depend_on_is_named()
    {
        using var network = new HalfUsed();
        var (loss, batches) = (nn.CrossEntropyLoss(), Given.TinyBatches(5));
        Should.Throw<ArgumentException>(() => HessianAnalysis.Of(network, loss, batches).WithTopEigenvalues().Run(1)).Message.ShouldContain("spare");
        Should.Throw<ArgumentException>(() => HessianAnalysis.Of(network, loss, batches).WithEmpiricalFisher().Run(1)).Message.ShouldContain("spare");
        Should.Throw<ArgumentException>(() => HessianAnalysis.Of(network, loss, batches).WithEmpiricalFisher().Estimate(1)).Message.ShouldContain("spare");
    }

    [Fact]
    public void A_quantized_network_is_refused()
    {
        using var network = new CifarResNet(8);
        var batches = Given.Pictures.Take(4).Batches(4).ToArray();
        var blocks = BlockPartition.ByUnit.Of(network).Select(block => new BlockPrecision(block, 4, 32));
        ModelQuantizer.Quantize(network, blocks, QuantizationScheme.SymmetricPerChannel, null);
        Should.Throw<InvalidOperationException>(() => HessianAnalysis.Of(network, nn.CrossEntropyLoss(), batches).WithTrace().Run(1)).Message.ShouldContain("is quantized");
        Should.Throw<InvalidOperationException>(() => LossLandscape.Of(network, nn.CrossEntropyLoss(), batches).AlongRandomDirections().Run(1)).Message.ShouldContain("is quantized");
    }

    [Fact]
    public void Gradients_that_the_caller_switched_off_are_recorded_nevertheless()
    {
        var analysis = Tiny().WithTopEigenvalues().WithTrace().WithEmpiricalFisher().KeepingGraphsOf(0);
        var expected = analysis.Run(5);
        using var off = no_grad();
        var report = analysis.Run(5);
        report.Blocks.Select(b => (b.TopEigenvalue, b.Trace, b.Fisher)).ShouldBe(expected.Blocks.Select(b => (b.TopEigenvalue, b.Trace, b.Fisher)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Model_state_is_restored_after_an_exception(bool cancelled)
    {
        using var network = new CifarResNet(8);
        network.train();
        network.named_children().Single(child => child.name == "bn1").module.eval();
        network.get_parameter("linear.bias")!.requires_grad = false;
        var modes = network.modules().Select(m => m.training).ToList();
        var wants = network.parameters().Select(p => p.requires_grad).ToList();
        using var source = new CancellationTokenSource();
        var progress = new Listener<CurvatureProgress>(_ =>
        {
            source.Cancel();
            if (!cancelled)
            {
                throw new IOException("no paper");
            }
        });
        Action run = () => HessianAnalysis.Of(network, nn.CrossEntropyLoss(), Given.Pictures.Take(8).Batches(8)).WithTrace().Run(1, progress, source.Token);
        if (cancelled)
        {
            Should.Throw<OperationCanceledException>(run);
        }
        else
        {
            Should.Throw<IOException>(run);
        }

        network.modules().Select(m => m.training).ShouldBe(modes);
        network.parameters().Select(p => p.requires_grad).ShouldBe(wants);
        network.parameters().ShouldAllBe(p => ReferenceEquals(p.grad, null));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void No_live_tensor_remains()
    {
        using var network = new CifarResNet(8);
        var batches = Given.Pictures.Take(12).Batches(8).ToArray();
        var analysis = HessianAnalysis.Of(network, nn.CrossEntropyLoss(), batches)
            .WithTopEigenvalues(1, maximum: 3).WithTrace(maximum: 8).WithSpectralDensity(2, 2).WithEmpiricalFisher(3).KeepingGraphsOf(1);
        analysis.Run(1);
        var before = Given.LiveTensors;
        analysis.Run(1);
        Given.LiveTensors.ShouldBe(before);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void Live_tensors_stay_flat_over_a_hundred_products()
    {
        using var network = new CifarResNet(8);
        var risk = new EmpiricalRisk(network, nn.CrossEntropyLoss(), Given.Pictures.Take(4).Batches(2));
        using var graphs = new GradientGraphs(risk, BlockPartition.ByUnit.Of(network), 1);
        var hessian = new HessianOperator(graphs, 4);
        using var v = ones(hessian.Dimension);
        hessian.Multiply(v).Dispose();
        var before = Given.LiveTensors;
        for (var k = 0; k < 100; k++)
        {
            hessian.Multiply(v).Dispose();
        }

        Given.LiveTensors.ShouldBe(before);
    }

    [Fact]
    public void Bad_inputs_are_told_what_to_do()
    {
        Should.Throw<InvalidOperationException>(() => Tiny().Run(1)).Message.ShouldBe("The analysis measures nothing; add WithTopEigenvalues(), WithTrace(), WithSpectralDensity() or WithEmpiricalFisher().");
        Should.Throw<ArgumentOutOfRangeException>(() => Tiny().WithTopEigenvalues(2, method: EigenvalueMethod.PowerIteration))
            .Message.ShouldStartWith("Power iteration finds one eigenvalue; use Lanczos for more.");
        Should.Throw<ArgumentException>(() => HessianAnalysis.Of(Given.TinyNetwork(), nn.CrossEntropyLoss(), []).WithTrace().Run(1))
            .Message.ShouldStartWith("Received no samples");
        Should.Throw<ArgumentException>(() => HessianAnalysis.Of(
            Given.TinyNetwork(), nn.CrossEntropyLoss(reduction: nn.Reduction.Sum), Given.TinyBatches(4)).WithTrace().Run(1))
            .Message.ShouldContain("reduction Sum; expected Mean");
        var frozen = Given.TinyNetwork();
        frozen.get_parameter("b.weight")!.requires_grad = false;
        Should.Throw<ArgumentException>(() => HessianAnalysis.Of(frozen, nn.CrossEntropyLoss(), Given.TinyBatches(4)).WithTrace().Run(1))
            .Message.ShouldStartWith("Block \"b\" has a weight that does not require grad");
    }

    private static HessianAnalysis Tiny() => HessianAnalysis.Of(Given.TinyNetwork(), nn.CrossEntropyLoss(), Given.TinyBatches(5, 6));

    /// <summary>A layer of it is registered and never called.</summary>
    private sealed class HalfUsed : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear _used = nn.Linear(3, 2, dtype: ScalarType.Float64);

        public HalfUsed()
            : base(nameof(HalfUsed))
        {
            register_module("used", _used);
            register_module("spare", nn.Linear(3, 2, dtype: ScalarType.Float64));
        }

        public override Tensor forward(Tensor input) => _used.call(input);
    }
}
