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
        using var whole = new GradientGraphs(new EmpiricalRisk(model, nn.CrossEntropyLoss(), Given.TinyBatches(11)), BlockPartition.ByLayer.Of(model), 1);
        using var cut = new GradientGraphs(new EmpiricalRisk(model, nn.CrossEntropyLoss(), Given.TinyBatches(1, 7, 3)), BlockPartition.ByLayer.Of(model), kept);
        Given.Distance(Given.Dense(new HessianOperator(whole, 0)), Given.Dense(new HessianOperator(cut, 0))).ShouldBeLessThan(1e-12);
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
