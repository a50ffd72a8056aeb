using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Studies;

public class StudyMeasurementTests
{
    [Fact]
    public void A_budget_of_bit_operations_needs_the_costs()
    {
        using var folder = new TemporaryFolder();
        using var network = new CifarResNet(8, seed: 1);
        var study = TinyStudy.Of(network).WithBudgets(Budget.BitOperations(2)).WithRules(AllocationRule.Hawq).WithOrders(BlockOrder.AllAtOnce).WithSeeds(1).In(folder["a"]);
        Should.Throw<ArgumentException>(() => study.Run()).Message.ShouldContain("needs the MACs");
        var macs = network.MultiplyAccumulates(3, 32, 32);
        SensitivityTable WithMacs(SensitivityTable table) => table.WithMultiplyAccumulates(macs, 32);
        var bits = study.WithCosts(WithMacs).Run().Results.Single().Bits;
        var table = WithMacs(TinyStudy.Curvature(network).SensitivityTo(network, QuantizationScheme.AsymmetricPerTensor, CurvatureMeasure.TopEigenvalue, 2, 4, 8));
        var expected = table.Allocate(Budget.BitOperations(2));
        bits.ShouldBe(string.Join(",", expected.Blocks.Select(block => block.Bits)));
        expected.BitOperations!.Value.ShouldBeInRange(1, 2_000_000_000);
    }

    /// <summary>They are of one type.</summary>
    [Fact]
    public void Curvature_of_a_loss_with_label_smoothing_is_measured_anew()
    {
        using var folder = new TemporaryFolder();
        using var network = new CifarResNet(8, seed: 1);
        using var batch = TinyStudy.Train.Batches(4).First();
        using var plain = nn.CrossEntropyLoss();
        using var smooth = new TorchSharp.Modules.CrossEntropyLoss(label_smoothing: 0.9);
        foreach (var (loss, measured) in new[] { (plain, 1), (smooth, 2), (plain, 2) })
        {
            var analysis = HessianAnalysis.Of(network, loss, [batch]).WithTopEigenvalues(tolerance: 0.5, maximum: 3);
            Study.Of(network, analysis, TinyStudy.Train, TinyStudy.Validation).WithBits(2, 4, 8).WithOrders(BlockOrder.AllAtOnce)
                .FineTunedBy(tuning => tuning.WithBatchSize(8)).WithSeeds(1).In(folder["a"]).Run();
            Directory.GetDirectories(folder["a/measured"]).Length.ShouldBe(measured);
        }
    }
}
