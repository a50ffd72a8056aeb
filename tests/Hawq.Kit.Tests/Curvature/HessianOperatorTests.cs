using TorchSharp;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Curvature;

public class HessianOperatorTests
{
    private static readonly Loss<Tensor, Tensor, Tensor> Loss = nn.CrossEntropyLoss();

    /// <summary>H·v ≈ (g(W + εv) − g(W − εv)) ÷ 2ε: first derivatives alone, by libtorch's own nodes.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Products_of_a_network_with_convolutions_are_differences_of_gradients(int layer)
    {
        using var model = Convolutional();
        model.eval();
        var (whole, block) = (Batches(5).Single(), BlockPartition.ByLayer.Of(model)[layer]);
        using var generator = new Generator(7);
        var v = randn([block.WeightCount], ScalarType.Float64, generator: generator);
        var expected = (Gradient(1e-6) - Gradient(-1e-6)) / 2e-6;
        expected.abs().max().ToNumber().ShouldBeGreaterThan(1e-3);
        using var hessian = HessianOperator.Of(model, Loss, Batches(2, 3), block);
        Given.Distance(hessian.Multiply(v), expected).ShouldBeLessThan(1e-7);

        Tensor Gradient(double step)
        {
            using var keeper = new WeightKeeper([block]);
            keeper.Move([v], step);
            var loss = nn.functional.cross_entropy(model.call(whole.Inputs), whole.Targets);
            return autograd.grad([loss], [.. block.Weights]).Single().reshape(-1);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_second_operator_takes_the_network_over_whichever_is_disposed_first(bool inOrder)
    {
        using var model = Convolutional();
        model.train();
        model.get_parameter("last.bias")!.requires_grad = false;
        var wants = model.parameters().Select(parameter => parameter.requires_grad).ToList();
        var (batches, blocks) = (Batches(2, 3), BlockPartition.ByLayer.Of(model));
        using var v = ones(blocks[1].WeightCount, ScalarType.Float64);
        using var expected = Fresh();
        var first = HessianOperator.Of(model, Loss, batches, blocks[0]);
        using (var u = ones(blocks[0].WeightCount, ScalarType.Float64))
        {
            first.Multiply(u).Dispose();
        }

        var second = HessianOperator.Of(model, Loss, batches, blocks[1]);
        Given.Distance(second.Multiply(v), expected).ShouldBeLessThan(1e-14);
        Should.Throw<ObjectDisposedException>(() => first.Multiply(ones(blocks[0].WeightCount, ScalarType.Float64)))
            .Message.ShouldStartWith("Another analysis took the network over");
        (inOrder ? first : second).Dispose();
        model.training.ShouldBe(!inOrder, "the second has it until it is disposed");
        if (inOrder)
        {
            Given.Distance(second.Multiply(v), expected).ShouldBeLessThan(1e-14);
        }

        (inOrder ? second : first).Dispose();
        model.modules().ShouldAllBe(module => module.training);
        model.parameters().Select(parameter => parameter.requires_grad).ShouldBe(wants);
        Given.Distance(Fresh(), expected).ShouldBeLessThan(1e-14);

        Tensor Fresh()
        {
            using var fresh = HessianOperator.Of(model, Loss, batches, blocks[1]);
            return fresh.Multiply(v);
        }
    }

    [Fact]
    public void No_live_tensor_remains()
    {
        using var model = Convolutional();
        var (batches, block) = (Batches(2, 3), BlockPartition.ByLayer.Of(model)[0]);
        using var v = ones(block.WeightCount, ScalarType.Float64);
        Given.ShouldLeaveNoTensor(() =>
        {
            using var hessian = HessianOperator.Of(model, Loss, batches, block);
            hessian.Multiply(v).Dispose();
        });
    }

    [Fact]
    public void A_vector_of_another_type_is_refused_by_both_types()
    {
        using var model = Convolutional();
        using var hessian = HessianOperator.Of(model, Loss, Batches(5), BlockPartition.ByLayer.Of(model)[0]);
        Should.Throw<ArgumentException>(() => hessian.Multiply(ones(hessian.Dimension, ScalarType.Float32)))
            .Message.ShouldStartWith("Block \"first\" takes vectors of Float64 on cpu; received one of Float32 on cpu.");
        Should.Throw<ArgumentException>(() => hessian.Multiply(ones(hessian.Dimension, ScalarType.Float64, META)))
            .Message.ShouldContain("received one of Float64 on meta");
    }

    [Fact]
    public void A_block_without_weights_or_of_another_network_is_refused()
    {
        var (model, copy) = (Given.TinyNetwork(), Given.TinyNetwork());
        foreach (var block in new[] { new Block("a", ["a"], []), BlockPartition.ByLayer.Of(copy)[0] })
        {
            Should.Throw<ArgumentException>(() => HessianOperator.Of(model, Loss, Given.TinyBatches(5), block))
                .Message.ShouldStartWith("Block \"a\" has no weights of this network");
        }
    }

    [Fact]
    public void A_loss_with_class_weights_is_refused()
    {
        var model = Given.TinyNetwork();
        var weighted = nn.CrossEntropyLoss(tensor([1.0, 3.0]));
        Should.Throw<InvalidOperationException>(() => HessianOperator.Of(model, weighted, Given.TinyBatches(5, 6), BlockPartition.ByLayer.Of(model)[0]))
            .Message.ShouldContain("class weights");
    }

    /// <summary>ReLU gives zeros, where the loss is finite and √ has no derivative.</summary>
    [Fact]
    public void A_product_that_is_not_finite_is_refused_by_its_block()
    {
        var model = nn.Sequential(
            ("a", nn.Linear(3, 4, dtype: ScalarType.Float64)), ("root", new Root()), ("b", nn.Linear(4, 2, dtype: ScalarType.Float64)));
        Given.Randomize(model);
        var (batches, blocks) = (Given.TinyBatches(5, 6), BlockPartition.ByLayer.Of(model));
        var analysis = HessianAnalysis.Of(model, Loss, batches);
        foreach (var recipe in new[] { analysis.WithTrace(), analysis.WithTopEigenvalues(), analysis.WithTopEigenvalues(method: EigenvalueMethod.PowerIteration) })
        {
            Should.Throw<InvalidOperationException>(() => recipe.Run(1)).Message.ShouldStartWith("The Hessian product of block \"a\" is not finite though the loss is");
        }

        using var late = HessianOperator.Of(model, Loss, batches, blocks[1]);
        double.IsFinite(late.Multiply(ones(8, ScalarType.Float64)).sum().ToNumber()).ShouldBeTrue("its weights lie behind the root");
    }

    /// <summary>conv, batch norm, tanh, strided conv, tanh, linear in float64, for pictures of 2 × 6 × 6.</summary>
    private static nn.Module<Tensor, Tensor> Convolutional()
    {
        using var generator = new Generator(5);
        var model = nn.Sequential(
            ("first", new ConvolutionLayer(ConvolutionShape.Square(2, 3, 3), generator)),
            ("norm", nn.BatchNorm2d(3)),
            ("tanh", nn.Tanh()),
            ("second", new ConvolutionLayer(ConvolutionShape.Square(3, 4, 3, stride: 2), generator)),
            ("bend", nn.Tanh()),
            ("flat", nn.Flatten()),
            ("last", new LinearLayer(4 * 3 * 3, 3, generator)));
        model.to(ScalarType.Float64);
        return model;
    }

    private static Batch[] Batches(params int[] sizes)
    {
        using var generator = new Generator(3);
        var (inputs, targets) = (randn([5, 2, 6, 6], ScalarType.Float64, generator: generator), tensor([0L, 1, 2, 1, 0]));
        long[] lengths = [.. sizes];
        return [.. inputs.split(lengths).Zip(targets.split(lengths), (x, y) => new Batch(x, y))];
    }

    private sealed class Root() : nn.Module<Tensor, Tensor>(nameof(Root))
    {
        public override Tensor forward(Tensor input) => input.relu().sqrt();
    }
}
