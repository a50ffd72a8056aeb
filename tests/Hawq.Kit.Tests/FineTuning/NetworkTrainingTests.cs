using static TorchSharp.torch;

namespace Hawq.Kit.Tests.FineTuning;

public class NetworkTrainingTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public void Resumed_run_is_bit_identical_to_an_undisturbed_one()
    {
        using var folder = new TemporaryFolder();
        using var start = new CifarResNet(8, seed: 1);
        var recipe = NetworkTraining.Of(start).WithEpochs(3);
        using var undisturbed = recipe.Run(Given.Pictures, null, 5).Network;
        using var source = new CancellationTokenSource();
        var stop = new Listener<TrainingProgress>(p =>
        {
            if (p.Step == 3)
            {
                source.Cancel();
            }
        });
        var saved = recipe.WithCheckpoint(folder["run"]);
        Should.Throw<OperationCanceledException>(() => saved.Run(Given.Pictures, null, 5, stop, source.Token));
        var resumed = saved.Run(Given.Pictures, null, 5);
        Same(undisturbed, resumed.Network).ShouldBeTrue();
        resumed.Epochs.Select(e => e.Epoch).ShouldBe([1, 2, 3]);
        Same(start, new CifarResNet(8, seed: 1)).ShouldBeTrue();
        Should.Throw<InvalidOperationException>(() => saved.WithEpochs(4).Run(Given.Pictures, null, 5)).Message.ShouldContain("is the checkpoint of another run");
    }

    [Fact]
    public void A_checkpoint_holds_each_weight_once_and_a_damaged_one_is_named()
    {
        using var folder = new TemporaryFolder();
        using var start = new CifarResNet(8, seed: 1);
        var recipe = NetworkTraining.Of(start).WithEpochs(1).WithBatchSize(16).WithCheckpoint(folder["run"]);
        recipe.Run(Given.Pictures.Take(16), null, 5).Network.Dispose();
        using var scope = NewDisposeScope();
        var tensors = Safetensors.Read(folder["run"]);
        tensors.Keys.Where(name => name.EndsWith("conv1.weight", StringComparison.Ordinal) && !name.Contains("layer", StringComparison.Ordinal)).ShouldBe(["weights/conv1.weight"]);
        var metadata = Safetensors.ReadMetadata(folder["run"]);
        Damaged("weights/conv1.weight", null, "it lacks \"weights/conv1.weight\"");
        Damaged("weights/conv1.weight", zeros(3), "\"conv1.weight\" has another shape");
        Damaged("optimizer", zeros(3, ScalarType.Byte), "the optimizer's state is not readable");

        void Damaged(string name, Tensor? value, string said)
        {
            var others = tensors.Where(pair => pair.Key != name).Select(pair => (pair.Key, pair.Value));
            Safetensors.Write(folder["run"], value is null ? others : others.Append((name, value)), metadata);
            Should.Throw<InvalidDataException>(() => recipe.WithEpochs(1).Run(Given.Pictures.Take(16), null, 5)).Message.ShouldContain(said);
        }
    }

    [Fact]
    public void In_bfloat16_it_learns_as_in_float32_and_keeps_float32_weights()
    {
        using var start = new CifarResNet(8, seed: 1);
        var recipe = NetworkTraining.Of(start).WithEpochs(4).WithBatchSize(32).With(Optimization.Sgd(0.05));
        var single = recipe.Run(Given.Pictures, null, 5);
        var brain = recipe.With(TrainingPrecision.BFloat16).Run(Given.Pictures, null, 5);
        brain.Network.parameters().ShouldAllBe(parameter => parameter.dtype == ScalarType.Float32);
        brain.Epochs[^1].TrainingLoss.ShouldBe(single.Epochs[^1].TrainingLoss, 0.05 * single.Epochs[0].TrainingLoss);
        brain.Epochs[^1].TrainingLoss.ShouldNotBe(single.Epochs[^1].TrainingLoss);
        brain.Epochs[^1].TrainingLoss.ShouldBeLessThan(brain.Epochs[0].TrainingLoss);
        brain.Settings.ShouldContain("bfloat16");
        Same(single.Network, brain.Network).ShouldBeFalse();
    }

    [Fact]
    public void Infinite_loss_diverges_and_keeps_the_last_state()
    {
        using var start = new CifarResNet(8, seed: 1);
        var recipe = NetworkTraining.Of(start).WithEpochs(2).WithBatchSize(16).With(Optimization.Sgd(1e30));
        var error = Should.Throw<DivergedException>(() => recipe.Run(Given.Pictures.Take(64), null, 5));
        error.Message.ShouldContain("Lower the learning rate");
        error.Epochs.ShouldBeEmpty();
        using var last = error.LastGood;
        Same(start, last).ShouldBeTrue(); // no epoch ended well
        Same(start, new CifarResNet(8, seed: 1)).ShouldBeTrue();
    }

    [Fact]
    public void Live_tensors_stay_flat_over_ten_epochs()
    {
        using var start = new CifarResNet(8, seed: 1);
        var live = new List<long>();
        var count = new Listener<TrainingProgress>(_ => live.Add(Given.LiveTensors));
        var pictures = Given.Pictures.Take(4);
        NetworkTraining.Of(start).WithEpochs(11).WithBatchSize(4).Run(pictures, pictures, 5, count).Network.Dispose();
        live.Count.ShouldBe(11);
        live[^1].ShouldBe(live[1]);
    }

    /// <summary>Without momentum and decay Δw = −rate · ∂L/∂w, with L the loss of the step's batch and the rate that of the schedule.</summary>
    [Fact]
    public void Each_step_takes_the_rate_of_the_schedule()
    {
        using var scope = NewDisposeScope();
        using var start = new CifarResNet(8, seed: 1);
        var pictures = Given.Pictures.Take(16);
        var rule = Optimization.Sgd(0.5) with { Momentum = 0, WeightDecay = 0, Schedule = LearningRateSchedule.Steps(0.5) };
        var recipe = NetworkTraining.Of(start).WithBatchSize(16).With(Augmentation.None).With(rule);
        using var one = recipe.WithEpochs(1).Run(pictures, null, 5).Network;
        using var two = recipe.WithEpochs(2).Run(pictures, null, 5).Network;
        Moved(start, one, epoch: 1, rate: 0.5);
        Moved(one, two, epoch: 2, rate: 0.05);

        void Moved(Network before, Network after, int epoch, double rate)
        {
            using var copy = before.Clone();
            copy.train();
            var batch = pictures.TrainingBatches(16, Augmentation.None, 5, epoch).Single();
            Tensor[] weights = [.. copy.parameters()];
            var steps = autograd.grad([nn.functional.cross_entropy(copy.call(batch.Inputs), batch.Targets)], weights).Select(gradient => gradient * -rate).ToList();
            var changes = after.parameters().Zip(weights, (end, begin) => end.detach() - begin.detach());
            var errors = changes.Zip(steps, (change, step) => (change - step).abs().max().item<float>());
            errors.Max().ShouldBeLessThan(1e-3f * steps.Max(step => step.abs().max().item<float>()));
        }
    }

    [Fact]
    public void A_checkpoint_has_a_name_of_its_own_and_its_folder_is_made_before_the_first_step()
    {
        using var folder = new TemporaryFolder();
        using var start = new CifarResNet(8, seed: 1);
        var (training, tuning) = (NetworkTraining.Of(start).WithEpochs(1).WithBatchSize(16), TinyFineTuning.Recipe(start));
        foreach (var name in (string[])["", " ", folder.Path, folder["new/"]])
        {
            Should.Throw<ArgumentException>(() => training.WithCheckpoint(name)).ParamName.ShouldBe("path");
            Should.Throw<ArgumentException>(() => tuning.WithCheckpoint(name)).ParamName.ShouldBe("path");
        }

        var isThere = new List<bool>();
        var look = new Listener<TrainingProgress>(_ => isThere.Add(Directory.Exists(folder["new"])));
        training.WithCheckpoint(folder["new/run.state"]).Run(Given.Pictures.Take(16), null, 5, look).Network.Dispose();
        isThere.ShouldBe([true]);
    }

    [Fact]
    public void A_shorter_epoch_takes_that_many_pictures()
    {
        using var start = new CifarResNet(8, seed: 1);
        var steps = new List<TrainingProgress>();
        var recipe = NetworkTraining.Of(start).WithEpochs(2).WithBatchSize(16);
        var report = recipe.WithEpochLength(48).Run(Given.Pictures, null, 5, new Listener<TrainingProgress>(steps.Add));
        steps.Count.ShouldBe(2 * 3);
        report.Settings.ShouldEndWith("; epoch of 48 pictures");
        Should.Throw<ArgumentOutOfRangeException>(() => recipe.WithEpochLength(1));
    }

    private static bool Same(Network left, Network right)
    {
        using var scope = NewDisposeScope();
        return Networks.CifarResNetTests.Same(left, right);
    }
}
