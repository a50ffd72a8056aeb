namespace Hawq.Kit.Tests.Studies;

public class StudyCostTests
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
}
