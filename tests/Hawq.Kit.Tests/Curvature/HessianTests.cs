using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Curvature;

public class HessianTests
{
    [Fact]
    public void Block_Hessian_is_the_diagonal_block_of_the_full_Hessian()
    {
        var model = Given.TinyNetwork();
        var risk = new EmpiricalRisk(model, nn.CrossEntropyLoss(), Given.TinyBatches(11));
        var full = Full(model, Given.TinyBatches(11)[0]);
        using var graphs = new GradientGraphs(risk, BlockPartition.ByLayer.Of(model), 8);
        Given.Distance(Given.Dense(new HessianOperator(graphs, 0)), full.narrow(0, 0, 12).narrow(1, 0, 12)).ShouldBeLessThan(1e-9);
        Given.Distance(Given.Dense(new HessianOperator(graphs, 1)), full.narrow(0, 12, 8).narrow(1, 12, 8)).ShouldBeLessThan(1e-9);
    }

    [Fact]
    public void Hessian_product_is_linear_and_symmetric()
    {
        var model = Given.TinyNetwork();
        var risk = new EmpiricalRisk(model, nn.CrossEntropyLoss(), Given.TinyBatches(5, 6));
        using var graphs = new GradientGraphs(risk, BlockPartition.ByLayer.Of(model), 1);
        var hessian = new HessianOperator(graphs, 0);
        using var generator = new Generator(1);
        Tensor u = randn([12], ScalarType.Float64, generator: generator), v = randn([12], ScalarType.Float64, generator: generator);
        Given.Distance(hessian.Multiply((2 * u) - (3 * v)), (2 * hessian.Multiply(u)) - (3 * hessian.Multiply(v))).ShouldBeLessThan(1e-12);
        u.dot(hessian.Multiply(v)).ToNumber().ShouldBe(v.dot(hessian.Multiply(u)).ToNumber(), 1e-12);
    }

    [Fact]
    public void Hessian_of_linear_regression_is_the_Gram_matrix()
    {
        var model = nn.Sequential(("only", nn.Linear(3, 1, hasBias: false, dtype: ScalarType.Float64)));
        using var generator = new Generator(1);
        var x = randn([20, 3], ScalarType.Float64, generator: generator);
        var y = randn([20, 1], ScalarType.Float64, generator: generator);
        var risk = new EmpiricalRisk(model, nn.MSELoss(), [new Batch(x, y)]);
        using var graphs = new GradientGraphs(risk, BlockPartition.ByLayer.Of(model), 1);
        Given.Distance(Given.Dense(new HessianOperator(graphs, 0)), x.T.matmul(x) * (2.0 / 20)).ShouldBeLessThan(1e-12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Result_does_not_depend_on_batch_split(int kept)
    {
        var model = Given.TinyNetwork();
        Given.Distance(Dense(1, 11), Dense(kept, 1, 7, 3)).ShouldBeLessThan(1e-12);

        Tensor Dense(int keptBatches, params int[] sizes)
        {
            var risk = new EmpiricalRisk(model, nn.CrossEntropyLoss(), Given.TinyBatches(sizes));
            using var graphs = new GradientGraphs(risk, BlockPartition.ByLayer.Of(model), keptBatches);
            return Given.Dense(new HessianOperator(graphs, 0));
        }
    }

    [Fact]
    public void Vector_of_another_length_is_refused_by_block_and_shape()
    {
        var model = Given.TinyNetwork();
        using var graphs = new GradientGraphs(
            new EmpiricalRisk(model, nn.CrossEntropyLoss(), Given.TinyBatches(4)), BlockPartition.ByLayer.Of(model), 1);
        Should.Throw<ArgumentException>(() => new HessianOperator(graphs, 0).Multiply(zeros(5)))
            .Message.ShouldStartWith("Block \"a\" has 12 weights; received a vector of shape [5].");
    }

    [Fact]
    public void Operator_of_a_network_is_the_diagonal_block_and_gives_the_mode_back()
    {
        var model = Given.TinyNetwork();
        model.train();
        var full = Full(model, Given.TinyBatches(11)[0]);
        var block = BlockPartition.ByLayer.Of(model)[1];
        HessianOperator? disposed = null;
        using (var hessian = HessianOperator.Of(model, nn.CrossEntropyLoss(), Given.TinyBatches(5, 6), block))
        {
            disposed = hessian;
            var dense = Given.Dense(hessian);
            Given.Distance(dense, full.narrow(0, 12, 8).narrow(1, 12, 8)).ShouldBeLessThan(1e-9);
            Hutchinson.Trace(LinearOperator.Of(dense), seed: 1).Value.ShouldBe(Hutchinson.Trace(hessian, seed: 1).Value, 1e-9);
        }

        model.training.ShouldBeTrue();
        Should.Throw<ObjectDisposedException>(() => disposed!.Multiply(ones(8, ScalarType.Float64)));
        model.parameters().ShouldAllBe(parameter => parameter.requires_grad);
    }

    [Fact]
    public void Loss_without_a_graph_is_refused()
    {
        var model = nn.Sequential(("a", nn.Linear(4, 3)), ("cut", new Detaching()));
        var batches = new[] { new Batch(ones(2, 4), zeros(2, ScalarType.Int64)) };
        Should.Throw<InvalidOperationException>(() => HessianAnalysis.Of(model, nn.CrossEntropyLoss(), batches).WithTopEigenvalues().Run(1))
            .Message.ShouldStartWith("The loss has no graph");
        Should.Throw<InvalidOperationException>(() => HessianAnalysis.Of(model, nn.CrossEntropyLoss(), batches).WithEmpiricalFisher(2).Run(1))
            .Message.ShouldStartWith("The loss has no graph");
    }

    [Fact]
    public void Loss_that_is_linear_in_the_weights_has_a_Hessian_of_zero()
    {
        var model = nn.Sequential(("only", nn.Linear(4, 3, hasBias: false)));
        using var hessian = HessianOperator.Of(
            model, nn.HingeEmbeddingLoss(), [new Batch(ones(2, 4), ones(2, 3))], BlockPartition.ByLayer.Of(model)[0]); // targets of 1: the loss is the output
        Given.Dense(hessian).abs().max().ToNumber().ShouldBe(0);
    }

    [Fact]
    public void Loss_that_is_differentiable_but_once_is_refused_and_gradients_stay()
    {
        var model = nn.Sequential(("only", nn.Linear(4, 3, hasBias: false)));
        var weight = model.parameters().Single();
        model.call(ones(1, 4)).sum().backward();
        var before = weight.grad!.clone();
        Should.Throw<InvalidOperationException>(() => HessianAnalysis
            .Of(model, nn.MultiMarginLoss(), [new Batch(ones(2, 4), zeros(2, ScalarType.Int64))]).WithTopEigenvalues().Run(1))
            .Message.ShouldStartWith("The loss has no second derivative");
        HessianAnalysis.Of(model, nn.MultiMarginLoss(), [new Batch(ones(2, 4), zeros(2, ScalarType.Int64))]).WithEmpiricalFisher(2).Run(1)
            .Blocks[0].Fisher!.Value.ShouldBeGreaterThanOrEqualTo(0); // takes first derivatives alone
        weight.grad!.allclose(before).ShouldBeTrue();
    }

    /// <summary>libtorch would end the process at the first derivative already.</summary>
    [Fact]
    public void Loss_that_is_not_differentiable_at_all_is_refused()
    {
        var model = nn.Sequential(("a", nn.Linear(4, 3)), ("next", new Next()));
        var analysis = HessianAnalysis.Of(model, nn.CrossEntropyLoss(), [new Batch(ones(2, 4), zeros(2, ScalarType.Int64))]);
        Should.Throw<InvalidOperationException>(() => analysis.WithTopEigenvalues().Run(1)).Message.ShouldStartWith("The loss has no derivative");
        Should.Throw<InvalidOperationException>(() => analysis.WithEmpiricalFisher(2).Run(1)).Message.ShouldStartWith("The loss has no derivative");
        model.parameters().ShouldAllBe(parameter => ReferenceEquals(parameter.grad, null));
    }

    private sealed class Next() : nn.Module<Tensor, Tensor>(nameof(Next))
    {
        public override Tensor forward(Tensor input) => input.nextafter(zeros_like(input));
    }

    private sealed class Detaching() : nn.Module<Tensor, Tensor>(nameof(Detaching))
    {
        public override Tensor forward(Tensor input) => input.detach();
    }

    /// <summary>∂²L/∂W² over both weights, by autograd of each gradient entry.</summary>
    private static Tensor Full(nn.Module<Tensor, Tensor> model, Batch batch)
    {
        var weights = model.parameters().Where(p => p.dim() == 2).Cast<Tensor>().ToList();
        var loss = nn.functional.cross_entropy(model.call(batch.Inputs), batch.Targets);
        var flat = Flat(autograd.grad([loss], weights, retain_graph: true, create_graph: true));
        return stack([.. Enumerable.Range(0, 20).Select(k => Flat(autograd.grad([flat[k]], weights, retain_graph: true)))]);
    }

    private static Tensor Flat(IEnumerable<Tensor> parts) => cat([.. parts.Select(part => part.reshape(-1))]);
}
