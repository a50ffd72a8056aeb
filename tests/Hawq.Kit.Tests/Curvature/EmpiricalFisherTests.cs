using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Curvature;

public class EmpiricalFisherTests
{
    [Theory]
    [InlineData(11)]
    [InlineData(4, 7)]
    public void Trace_and_standard_error_are_those_of_PyTorchs_gradients_of_single_samples(params int[] sizes)
    {
        var reference = new TinyReference();
        var report = HessianAnalysis.Of(reference.Model, nn.CrossEntropyLoss(), reference.Batches(sizes)).WithEmpiricalFisher().Run(1);
        foreach (var block in report.Blocks)
        {
            var expected = Estimate.Of(reference.Numbers("fisher", block.Block.Name));
            block.Fisher!.Value.ShouldBe(expected.Value, 1e-12);
            block.Fisher.StandardError.ShouldBe(expected.StandardError, 1e-12);
            block.Magnitude(CurvatureMeasure.EmpiricalFisher).ShouldBe(expected.Value / block.Block.WeightCount, 1e-12);
        }

        report.Products.ShouldBe(0);
    }

    [Fact]
    public void Only_the_first_samples_are_taken_and_no_live_tensor_remains()
    {
        var reference = new TinyReference();
        var risk = new EmpiricalRisk(reference.Model, nn.CrossEntropyLoss(), reference.Batches(4, 7));
        var blocks = BlockPartition.ByLayer.Of(reference.Model);
        var before = Given.LiveTensors;
        var found = EmpiricalFisher.Traces(risk, blocks, 5, default);
        Given.LiveTensors.ShouldBe(before);
        found[0].Value.ShouldBe(reference.Numbers("fisher", "a")[..5].Average(), 1e-12);
        found[0].Samples.ShouldBe(5);
    }

    [Fact]
    public void A_report_without_it_says_what_to_add()
    {
        var report = HessianAnalysis.Of(Given.TinyNetwork(), nn.CrossEntropyLoss(), Given.TinyBatches(4)).WithTopEigenvalues().Run(1);
        Should.Throw<InvalidOperationException>(() => report.Blocks[0].AverageFisher).Message.ShouldContain("WithEmpiricalFisher()");
    }
}
