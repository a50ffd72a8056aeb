using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Allocation;

public class SharpDirectionTests
{
    [Theory]
    [InlineData(EigenvalueMethod.Lanczos)]
    [InlineData(EigenvalueMethod.PowerIteration)]
    public void Share_is_the_squared_cosine_with_the_dense_eigenvector(EigenvalueMethod method)
    {
        var reference = new TinyReference();
        var report = HessianAnalysis.Of(reference.Model, nn.CrossEntropyLoss(), reference.Batches(11))
            .WithTopEigenvalues(1, 1e-9, 500, method).Run(1);
        var shares = report.SharpDirections(QuantizationScheme.SymmetricPerTensor, 3);
        var risk = new EmpiricalRisk(reference.Model, nn.CrossEntropyLoss(), reference.Batches(11));
        using var graphs = new GradientGraphs(risk, BlockPartition.ByLayer.Of(reference.Model), 1);
        for (var k = 0; k < 2; k++)
        {
            var weight = shares[k].Block.Weights[0].detach();
            var step = weight.abs().max() / 3;                                              // integers −3 to 3
            var change = ((weight / step).round() * step - weight).view(-1);
            var v = linalg.eigh(Given.Dense(new HessianOperator(graphs, k))).Item2.select(1, -1);
            var cosine = (change.dot(v) / change.norm()).ToNumber();
            shares[k].Share.ShouldBe(cosine * cosine, 1e-6);
            shares[k].Bound.ShouldBe(0.5 * report.Blocks[k].TopEigenvalue * change.pow(2).sum().ToNumber(), 1e-9);
        }
    }

    [Fact]
    public void A_report_without_eigenvalues_and_a_float_width_are_told_what_to_do()
    {
        var report = HessianAnalysis.Of(Given.TinyNetwork(), nn.CrossEntropyLoss(), Given.TinyBatches(4)).WithTrace(maximum: 8).Run(1);
        Should.Throw<InvalidOperationException>(() => report.SharpDirections(QuantizationScheme.SymmetricPerTensor, 3))
            .Message.ShouldContain("WithTopEigenvalues()");
        Should.Throw<ArgumentOutOfRangeException>(() => report.SharpDirections(QuantizationScheme.SymmetricPerTensor, 32)).ParamName.ShouldBe("bits");
    }

    [Fact]
    public void Table_and_chart_have_a_row_and_a_bar_a_block()
    {
        var report = HessianAnalysis.Of(Given.TinyNetwork(), nn.CrossEntropyLoss(), Given.TinyBatches(4)).WithTopEigenvalues().Run(1);
        var shares = report.SharpDirections(QuantizationScheme.SymmetricPerTensor, 2);
        shares.ToDataFrame().Rows.Count.ShouldBe(2);
        ChartHtml.Summary(shares.PlotSharpDirections()).ShouldContain("by chance, 1/n: 2 points, 0.08333 to 0.125");
    }
}
