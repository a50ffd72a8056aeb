using static Hawq.Kit.Tests.TinyFineTuning;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.FineTuning;

public class DivergenceTests
{
    /// <summary>No loss follows the last step. After it weights are about 1e28, whose squares no float32 holds, or 1e13, which overflow a few layers on.</summary>
    [Theory]
    [InlineData(1e30, false, "The square norm of ")]
    [InlineData(1e30, true, "The square norm of ")]
    [InlineData(1e15, true, "The validation loss became ")]
    public void A_last_step_that_goes_astray_is_no_success(double rate, bool isValidated, string told)
    {
        using var scope = NewDisposeScope();
        using var start = new CifarResNet(8, seed: 1);
        var pictures = Given.Pictures.Take(16);
        var recipe = NetworkTraining.Of(start).WithEpochs(1).WithBatchSize(16).With(Optimization.Sgd(rate));
        var error = Should.Throw<DivergedException>(() => recipe.Run(pictures, isValidated ? pictures : null, 5));
        error.Message.ShouldStartWith(told);
        error.Message.ShouldContain("Lower the learning rate.");
        error.Epochs.ShouldBeEmpty();
        using var last = error.LastGood;
        last.training.ShouldBeFalse();
        Networks.CifarResNetTests.Same(start, last).ShouldBeTrue();
    }

    [Fact]
    public void The_last_good_network_of_a_stages_first_epoch_has_the_stages_block_quantized()
    {
        using var network = new CifarResNet(8, seed: 1);
        var train = new WatchedPictures(Few, (batch, epoch) => epoch == 2 ? Damaged(batch) : batch);
        var recipe = BlockwiseFineTuning.Of(network, Bits(network), BitWidth.Float).WithBatchSize(32).OrderedBy(BlockOrder.NetworkOrder);
        var error = Should.Throw<DivergedException>(() => recipe.Run(train, Few, 3));
        error.Message.ShouldStartWith("The loss became NaN in stage 2 (\"layer1.0\"), epoch 2; expected a finite number. Lower the learning rate, or give the block more bits.");
        error.Epochs.Count.ShouldBe(1);
        using var last = error.LastGood;
        last.WeightLayers().Where(layer => layer.Layer.IsQuantized).Select(layer => layer.Name).ShouldBe(["conv1", "layer1.0.conv1", "layer1.0.conv2"]);
        last.parameters().ShouldAllBe(parameter => parameter.isfinite().all().item<bool>());
    }

    [Fact]
    public void In_a_stage_that_quantizes_nothing_no_block_is_to_get_more_bits()
    {
        using var network = new CifarResNet(8, seed: 1);
        var train = new WatchedPictures(Few, (batch, epoch) => epoch == 2 ? Damaged(batch) : batch);
        var recipe = BlockwiseFineTuning.Of(network, Bits(network), BitWidth.Float).WithBatchSize(32).OrderedBy(BlockOrder.AllAtOnce).WithEpochs(1, closing: 1);
        var error = Should.Throw<DivergedException>(() => recipe.Run(train, Few, 3));
        error.Message.ShouldContain("in stage 2 (\"closing\"), epoch 2; expected a finite number. Lower the learning rate.");
        error.LastGood.Dispose();
    }

    [Fact]
    public void A_network_is_freed_with_its_training_unless_that_handed_it_out()
    {
        var (freed, kept) = (new CifarResNet(8, seed: 1), new CifarResNet(8, seed: 1));
        var (lost, held) = (freed.parameters().First(), kept.parameters().First());
        using (var training = new ModelInTraining(freed))
        {
            training.Model.ShouldBeSameAs(freed);
        }

        using (var training = new ModelInTraining(kept))
        {
            kept.train();
            training.HandOut().ShouldBeSameAs(kept);
        }

        (lost.IsInvalid, held.IsInvalid, kept.training).ShouldBe((true, false, false));
        kept.Dispose();
    }

    private static Batch Damaged(Batch batch)
    {
        batch.Inputs.fill_(float.NaN);
        return batch;
    }
}
