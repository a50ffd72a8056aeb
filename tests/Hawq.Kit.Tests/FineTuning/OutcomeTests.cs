using static Hawq.Kit.Tests.TinyFineTuning;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.FineTuning;

/// <summary>What a fine-tuning reports: where it began and which epoch it ends with.</summary>
public class OutcomeTests
{
    [Fact]
    public void Before_is_the_accuracy_of_a_copy_that_is_quantized_by_hand()
    {
        using var scope = NewDisposeScope();
        using var network = new CifarResNet(8, seed: 1);
        var allocation = Bits(network);
        var report = BlockwiseFineTuning.Of(network, allocation, activationBits: 4).WithBatchSize(32).OrderedBy(BlockOrder.AllAtOnce).Run(Few, Few, 3);
        using var tuned = report.Network;
        using var copy = network.Clone();
        ModelQuantizer.Quantize(
            copy, allocation.Blocks.Select(block => new BlockPrecision(block.Block, block.Bits, 4)), allocation.Scheme, ActivationCalibration.Of(network, Few.Batches(32)));
        report.Before.ShouldBe(Accuracy.Of(copy, Few));
        report.Before.Loss.ShouldNotBe(Accuracy.Of(network, Few).Loss);
    }

    /// <summary>A trained network is best with a part of it at 8 bits, worse with the rest at 2, and undone by the closing epoch's rate.</summary>
    [Fact]
    public void After_is_that_of_the_best_epoch_from_the_last_quantization_on()
    {
        using var network = new CifarResNet().LoadWeights(Path.Combine(Given.Root, "models", "resnet20-cifar10.safetensors"));
        var blocks = BlockPartition.By(layer => layer.StartsWith("layer2", StringComparison.Ordinal) || layer.StartsWith("layer3", StringComparison.Ordinal) ? "late" : "early").Of(network);
        var allocation = new BitAllocation(
            "by hand", [new BlockAllocation(blocks[0], 8, 1, 1, 2), new BlockAllocation(blocks[1], 2, 1, 1, 1)], QuantizationScheme.MidRisePerChannel, 0);
        var recipe = BlockwiseFineTuning.Of(network, allocation, BitWidth.Float).WithEpochs(1, closing: 1).WithBatchSize(64).WithEpochLength(64)
            .With(Constant(1e-6), closing: Constant(2));
        var validation = Cifar10.Read(Given.Fixture("cifar10-test-256.bin")).Take(128);
        var report = recipe.Run(Given.Pictures, validation, 3);
        using var tuned = report.Network;
        var complete = report.Epochs.Where(epoch => epoch.Stage >= 2).Select(epoch => epoch.ValidationAccuracy).ToList();
        report.After.Percent.ShouldBe(complete.Max());
        Accuracy.Of(tuned, validation).ShouldBe(report.After);
        report.Epochs[0].ValidationAccuracy.ShouldBeGreaterThan(complete.Max(), "or the best epoch of all would pass too");
        complete[^1].ShouldBeLessThan(complete.Max(), "or the last epoch would pass too");

        static Optimization Constant(double rate) => Optimization.Sgd(rate) with { Schedule = LearningRateSchedule.Constant };
    }

    [Fact]
    public void A_run_that_is_stopped_before_it_begins_takes_no_picture()
    {
        using var network = new CifarResNet(8, seed: 1);
        using var source = new CancellationTokenSource();
        source.Cancel();
        var taken = 0;
        var pictures = new WatchedPictures(Few, (batch, _) =>
        {
            taken++;
            return batch;
        });
        Should.Throw<OperationCanceledException>(() => Recipe(network).Run(pictures, pictures, 3, null, source.Token));
        Should.Throw<OperationCanceledException>(() => NetworkTraining.Of(network).Run(pictures, pictures, 3, null, source.Token));
        taken.ShouldBe(0);
    }

    [Fact]
    public void Calibration_stops_between_batches()
    {
        using var network = new CifarResNet(8, seed: 1);
        using var source = new CancellationTokenSource();
        var taken = 0;
        var pictures = new WatchedPictures(Given.Pictures, (batch, _) =>
        {
            taken++;
            source.Cancel();
            return batch;
        })
        {
            Side = 64, // of such pictures 64 are a batch, a quarter of them
        };
        Should.Throw<OperationCanceledException>(() => Recipe(network).Run(pictures, pictures, 3, null, source.Token));
        taken.ShouldBe(1);
    }
}
