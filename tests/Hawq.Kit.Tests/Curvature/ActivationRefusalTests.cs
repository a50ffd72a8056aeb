using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Curvature;

/// <summary>What an analysis of activations refuses with a reason, where libtorch would end the process or a number be of something else.</summary>
public class ActivationRefusalTests
{
    [Fact]
    public void Loss_that_is_differentiable_but_once_is_refused_and_the_network_given_back()
    {
        using var network = new Chain();
        network.train();
        Should.Throw<InvalidOperationException>(() => ActivationAnalysis.Of(network, nn.MultiMarginLoss(), Given.TinyBatches(2)).PartitionedBy(Used).Run(1))
            .Message.ShouldStartWith("The loss has no second derivative");
        network.training.ShouldBeTrue();
        network.parameters().ShouldAllBe(parameter => parameter.requires_grad && ReferenceEquals(parameter.grad, null));
        ActivationAnalysis.Of(network, nn.CrossEntropyLoss(), Given.TinyBatches(2)).PartitionedBy(Used).Run(1).Blocks.Count.ShouldBe(1);
    }

    [Fact]
    public void A_layer_that_never_runs_is_named_and_can_be_left_out()
    {
        using var network = new Chain();
        var analysis = ActivationAnalysis.Of(network, nn.CrossEntropyLoss(), Given.TinyBatches(5)).PartitionedBy(BlockPartition.ByLayer);
        Should.Throw<ArgumentException>(() => analysis.Run(1)).Message.ShouldStartWith("Layer \"idle\" did not run");
        analysis.PartitionedBy(Used).Run(1).Blocks.Select(block => block.Block.Name).ShouldBe(["used"]);
    }

    [Fact]
    public void A_loss_with_class_weights_is_refused()
    {
        using var network = new Chain();
        var weighted = nn.CrossEntropyLoss(tensor([1.0, 3.0]));
        Should.Throw<InvalidOperationException>(() => ActivationAnalysis.Of(network, weighted, Given.TinyBatches(11)).PartitionedBy(Used).Run(1))
            .Message.ShouldContain("class weights");
    }

    /// <summary>Its hooks would hide the inputs of convolutions.</summary>
    [Fact]
    public void An_operator_that_has_the_network_gives_it_up()
    {
        using var network = new CifarResNet(8, seed: 1);
        var (loss, batches) = (nn.CrossEntropyLoss(), Given.Pictures.Take(2).Batches(2).ToList());
        var analysis = ActivationAnalysis.Of(network, loss, batches).WithProbes(2);
        var expected = analysis.Run(3);
        network.train();
        using var hessian = HessianOperator.Of(network, loss, batches, BlockPartition.ByUnit.Of(network)[^1]);
        var report = analysis.Run(3);
        report.Blocks.Select(block => (block.Volume, block.Trace.Value)).ShouldBe(expected.Blocks.Select(block => (block.Volume, block.Trace.Value)));
        network.training.ShouldBeTrue();
        Should.Throw<ObjectDisposedException>(() => hessian.Multiply(ones(hessian.Dimension))).Message.ShouldStartWith("Another analysis took the network over");
    }

    private static BlockPartition Used => BlockPartition.By(layer => layer == "idle" ? null : layer);

    /// <summary>A layer of it is registered and never called.</summary>
    private sealed class Chain : Network
    {
        private readonly LinearLayer _used = new(3, 2, new Generator(1));

        public Chain()
            : base(nameof(Chain))
        {
            register_module("used", _used);
            register_module("idle", new LinearLayer(3, 2, new Generator(1)));
            this.to(ScalarType.Float64);
        }

        public override Network NewInstance() => new Chain();

        public override Tensor forward(Tensor input) => _used.call(input);
    }
}
