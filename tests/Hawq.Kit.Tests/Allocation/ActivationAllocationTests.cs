using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Allocation;

public class ActivationAllocationTests
{
    private static readonly QuantizationScheme Scheme = QuantizationScheme.SymmetricPerChannel;

    [Fact]
    public void Perturbation_is_average_trace_times_the_error_that_the_quantizer_makes()
    {
        using var scope = NewDisposeScope();
        using var network = new CifarResNet(depth: 8, seed: 1);
        var batches = Given.Pictures.Take(6).Batches(4).ToList();
        var calibration = ActivationCalibration.Of(network, batches);
        var report = Report(network, batches);
        var table = report.SensitivityTo(network, batches, calibration, Scheme, 4, 8, 32);
        table.Blocks.Select(b => b.Block.WeightCount).ShouldBe(report.Blocks.Select(b => b.Volume));

        // The first layer's input is the picture itself.
        using var quantizer = new ActivationFakeQuantizer(calibration["conv1"], 4, Scheme);
        var error = batches.Sum(batch => (quantizer.call(batch.Inputs) - batch.Inputs).to(ScalarType.Float64).pow(2).sum().item<double>()) / 6;
        table.Blocks[0].Errors[0].ShouldBe(error, 1e-4 * error);
        table.Blocks[0].Perturbation(0).ShouldBe(Math.Abs(report.Blocks[0].AverageTrace) * error, 1e-4 * Math.Abs(report.Blocks[0].AverageTrace) * error);
        table.Blocks.ShouldAllBe(b => b.Errors[0] > b.Errors[1] && b.Errors[2] == 0);
    }

    [Fact]
    public void Compression_of_activations_is_that_of_their_volumes()
    {
        using var network = new CifarResNet(depth: 8, seed: 1);
        var batches = Given.Pictures.Take(4).Batches(4).ToList();
        var table = Report(network, batches).SensitivityTo(network, batches, ActivationCalibration.Of(network, batches), Scheme, 4, 8);
        table.Uniform(4).WeightCompression.ShouldBe(8); // ResNet20's A-Comp in the paper's Table 1
        long[] volumes = [3072, 2 * 16384, 16384 + 8192, 8192 + 4096, 64];
        var mixed = table.AllocateByHand("4MP", 8, 4, 4, 4, 8);
        mixed.WeightCompression.ShouldBe(32.0 * volumes.Sum() / ((4 * volumes.Sum()) + (4 * (3072 + 64))), 1e-9);
        var chosen = table.Allocate(Budget.AverageBits(5), monotone: false);
        chosen.AverageBits.ShouldBeLessThanOrEqualTo(5);
        chosen.Perturbation.ShouldBe(BruteForce(table, 5), 1e-9 * chosen.Perturbation);
    }

    [Fact]
    public void Each_block_gets_its_own_activation_bits()
    {
        using var network = new CifarResNet(depth: 8, seed: 1);
        var batches = Given.Pictures.Take(4).Batches(4).ToList();
        var activations = Report(network, batches).SensitivityTo(network, batches, ActivationCalibration.Of(network, batches), Scheme, 4, 6, 8)
            .AllocateByHand("4MP", 8, 6, 4, 4, 8);
        var weights = HessianAnalysis.Of(network, nn.CrossEntropyLoss(), batches).WithTrace(relativeError: 10).Run(1)
            .SensitivityTo(network, Scheme, CurvatureMeasure.AverageTrace, 2, 4).Uniform(4);
        var report = BlockwiseFineTuning.Of(network, weights, activations).OrderedBy(BlockOrder.AllAtOnce).WithEpochs(1).WithBatchSize(4)
            .Run(Given.Pictures.Take(4), Given.Pictures.Take(4), seed: 1);
        var layers = report.Network.WeightLayers().ToDictionary(layer => layer.Name, layer => ((ActivationFakeQuantizer)layer.Layer.InputQuantizer!).Bits.Value);
        string[] names = ["conv1", "layer1.0.conv1", "layer1.0.conv2", "layer2.0.conv1", "layer3.0.conv2", "linear"];
        names.Select(name => layers[name]).ShouldBe([8, 6, 6, 4, 4, 8]);
        report.Settings.ShouldContain("conv1 4/8, layer1.0 4/6");
    }

    [Fact]
    public void Other_blocks_are_refused()
    {
        using var network = new CifarResNet(depth: 8, seed: 1);
        var rows = SensitivityTable.Of(CurvatureMeasure.AverageTrace, Scheme, [4], new SensitivityRow("conv1", 5, 1, [1]));
        var weights = HessianAnalysis.Of(network, nn.CrossEntropyLoss(), Given.Pictures.Take(2).Batches(2)).WithTrace(relativeError: 10).Run(1)
            .SensitivityTo(network, Scheme, CurvatureMeasure.AverageTrace, 4).Uniform(4);
        Should.Throw<ArgumentException>(() => BlockwiseFineTuning.Of(network, weights, rows.Uniform(4))).Message.ShouldContain("layer1.0");
    }

    private static ActivationReport Report(Network network, IReadOnlyList<Batch> batches) =>
        ActivationAnalysis.Of(network, nn.CrossEntropyLoss(), batches).WithProbes(2).Run(seed: 2);

    private static double BruteForce(SensitivityTable table, double averageBits)
    {
        var volumes = table.Blocks.Select(b => b.Block.WeightCount).ToArray();
        return Enumerable.Range(0, 1 << volumes.Length)
            .Where(choice => volumes.Select((v, k) => v * table.Bits[(choice >> k) & 1].Value).Sum() <= averageBits * volumes.Sum())
            .Min(choice => volumes.Select((_, k) => table.Blocks[k].Perturbation((choice >> k) & 1)).Sum());
    }
}
