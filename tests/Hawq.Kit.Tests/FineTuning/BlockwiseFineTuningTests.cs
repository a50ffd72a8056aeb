using static Hawq.Kit.Tests.TinyFineTuning;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.FineTuning;

public class BlockwiseFineTuningTests
{
    [Theory]
    [InlineData(BlockOrder.MostSensitiveFirst)]
    [InlineData(BlockOrder.LeastSensitiveFirst)]
    [InlineData(BlockOrder.NetworkOrder)]
    [InlineData(BlockOrder.AllAtOnce)]
    public void Stages_follow_the_order(BlockOrder order)
    {
        using var network = new CifarResNet(8, seed: 1);
        var recipe = Recipe(network).OrderedBy(order);
        var report = recipe.Run(Few, Few, 3);
        var omega = report.Stages.Select(stage => stage.Perturbation).ToList();
        IEnumerable<double> expected = order switch
        {
            BlockOrder.MostSensitiveFirst => omega.OrderDescending(),
            BlockOrder.LeastSensitiveFirst => omega.Order(),
            _ => omega,
        };
        omega.ShouldBe(expected);
        report.Stages[^1].Blocks.ShouldBe(5);
        report.Stages.Count.ShouldBe(order == BlockOrder.AllAtOnce ? 1 : 5);
        if (order == BlockOrder.NetworkOrder)
        {
            report.Stages.Select(stage => stage.Name).ShouldBe(BlockPartition.ByUnit.Of(network).Select(block => block.Name));
        }

        report.Network.Dispose();
    }

    [Fact]
    public void After_stage_k_exactly_k_blocks_lie_on_their_grid()
    {
        using var network = new CifarResNet(8, seed: 1);
        var allocation = Bits(network);
        using var folder = new TemporaryFolder();
        for (var k = 1; k <= 3; k++)
        {
            var last = k;
            using var source = new CancellationTokenSource();
            var stop = new Listener<TrainingProgress>(p =>
            {
                if (p.Last?.Stage == last)
                {
                    source.Cancel();
                }
            });
            var recipe = Recipe(network).WithCheckpoint(folder[$"stage-{k}"]).WithBatchSize(16);
            Should.Throw<OperationCanceledException>(() => recipe.Run(Few, Few, 3, stop, source.Token));
            var finished = allocation.Blocks.OrderByDescending(b => b.Perturbation).Take(k).SelectMany(b => b.Block.LayerNames).ToHashSet();
            using var scope = NewDisposeScope();
            var saved = Safetensors.Read(folder[$"stage-{k}"]);
            saved.Keys.Where(key => key.StartsWith("weights/", StringComparison.Ordinal) && key.EndsWith("scale", StringComparison.Ordinal))
                .Select(key => key["weights/".Length..]).ShouldAllBe(key => finished.Any(layer => key.StartsWith(layer + ".", StringComparison.Ordinal)));
            saved.Keys.Count(key => key.StartsWith("weights/", StringComparison.Ordinal) && key.EndsWith("scale", StringComparison.Ordinal)).ShouldBe(finished.Count);
        }
    }

    [Fact]
    public void Quantized_weights_take_at_most_two_to_the_bits_values()
    {
        using var network = new CifarResNet(8, seed: 1);
        var allocation = Bits(network);
        using var tuned = Recipe(network).Run(Few, Few, 3).Network;
        using var scope = NewDisposeScope();
        var layers = tuned.WeightLayers().ToDictionary(layer => layer.Name, layer => layer.Layer);
        foreach (var block in allocation.Blocks)
        {
            foreach (var name in block.Block.LayerNames)
            {
                var weight = ((WeightFakeQuantizer)layers[name].WeightQuantizer!).call(layers[name].Weight).detach();
                for (var channel = 0; channel < weight.shape[0]; channel++)
                {
                    weight[channel].flatten().data<float>().Distinct().Count().ShouldBeLessThanOrEqualTo(1 << block.Bits.Value);
                }
            }
        }
    }

    [Theory]
    [InlineData(1, 2)] // between two stages
    [InlineData(1, 6)] // in the closing stage
    [InlineData(2, 3)] // in the second stage
    [Trait("Category", "Slow")]
    public void Resumed_run_is_bit_identical_to_an_undisturbed_one(int perStage, int epochs)
    {
        using var folder = new TemporaryFolder();
        using var network = new CifarResNet(8, seed: 1);
        var recipe = Recipe(network).WithEpochs(perStage, closing: 3);
        using var undisturbed = recipe.Run(Few, Few, 3).Network;
        using var source = new CancellationTokenSource();
        var stop = new Listener<TrainingProgress>(p =>
        {
            if (p.Last?.Epoch == epochs)
            {
                source.Cancel();
            }
        });
        var saved = recipe.WithCheckpoint(folder["run"]);
        Should.Throw<OperationCanceledException>(() => saved.Run(Few, Few, 3, stop, source.Token));
        var resumed = saved.Run(Few, Few, 3);
        Same(undisturbed, resumed.Network).ShouldBeTrue();
        var again = saved.Run(Few, Few, 3); // the checkpoint is of the finished run
        Same(undisturbed, again.Network).ShouldBeTrue();
        again.Epochs.Count.ShouldBe((5 * perStage) + 3);
    }

    [Fact]
    public void Diverging_run_hands_out_the_last_good_network_and_leaves_the_float_one_alone()
    {
        using var network = new CifarResNet(8, seed: 1);
        var recipe = Recipe(network).With(Optimization.Sgd(1e30) with { Schedule = LearningRateSchedule.Constant }).WithBatchSize(8);
        var error = Should.Throw<DivergedException>(() => recipe.Run(Few, Few, 3));
        error.Message.ShouldContain("expected a finite number");
        using var last = error.LastGood;
        last.parameters().ShouldNotBeEmpty();
        last.training.ShouldBeFalse();
        last.parameters().ShouldAllBe(parameter => parameter.isfinite().all().item<bool>());
        Same(network, new CifarResNet(8, seed: 1)).ShouldBeTrue();
    }

    [Fact]
    public void Frozen_blocks_keep_their_weights_and_others_train_on()
    {
        using var network = new CifarResNet(8, seed: 1);
        var first = Bits(network).Blocks.MaxBy(b => b.Perturbation)!.Block.LayerNames[0];
        Moved(Recipe(network).FreezingFinishedBlocks()).ShouldBeFalse();
        Moved(Recipe(network)).ShouldBeTrue();

        // Whether the first block moved after its own stage: the checkpoint of that stage against the end.
        bool Moved(BlockwiseFineTuning recipe)
        {
            using var folder = new TemporaryFolder();
            using var source = new CancellationTokenSource();
            var stop = new Listener<TrainingProgress>(p =>
            {
                if (p.Last?.Stage == 1)
                {
                    source.Cancel();
                }
            });
            var saved = recipe.WithCheckpoint(folder["run"]).WithBatchSize(16);
            Should.Throw<OperationCanceledException>(() => saved.Run(Few, Few, 3, stop, source.Token));
            using var scope = NewDisposeScope();
            var early = Safetensors.Read(folder["run"])[$"weights/{first}.weight"];
            using var tuned = saved.Run(Few, Few, 3).Network;
            return !Same(early, Weight(tuned, first));
        }
    }

    /// <summary>A gradient of zero would let weight decay move them, but not in a run that was stopped, which begins without gradients.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frozen_blocks_end_the_same_in_a_run_that_was_stopped(bool byAdam)
    {
        using var folder = new TemporaryFolder();
        using var network = new CifarResNet(8, seed: 1);
        var rule = (byAdam ? Optimization.Adam(0.01) : Optimization.Sgd(0.01)) with { WeightDecay = 0.1 };
        var recipe = Recipe(network).FreezingFinishedBlocks().WithBatchSize(16).With(rule);
        using var whole = recipe.Run(Few, Few, 3).Network;
        using var source = new CancellationTokenSource();
        var stop = new Listener<TrainingProgress>(p =>
        {
            if (p.Last?.Stage == 2)
            {
                source.Cancel();
            }
        });
        Should.Throw<OperationCanceledException>(() => recipe.WithCheckpoint(folder["run"]).Run(Few, Few, 3, stop, source.Token));
        using var resumed = recipe.WithCheckpoint(folder["run"]).Run(Few, Few, 3).Network;
        using var scope = NewDisposeScope();
        whole.WeightLayers().Select(layer => layer.Name).ShouldAllBe(name => Same(Weight(whole, name), Weight(resumed, name)));
    }

    [Fact]
    public void A_checkpoint_is_not_taken_for_that_of_another_scheme_or_network()
    {
        using var folder = new TemporaryFolder();
        using var network = new CifarResNet(8, seed: 1);
        var recipe = Recipe(network).WithCheckpoint(folder["run"]);
        recipe.With(QuantizationScheme.DoReFa).Run(Few, Few, 3).Network.Dispose();
        Should.Throw<InvalidOperationException>(() => recipe.With(QuantizationScheme.Pact).Run(Few, Few, 3)).Message.ShouldContain("another run");
        using var other = new CifarResNet(8, seed: 2);
        var same = BlockwiseFineTuning.Of(other, Bits(network), activationBits: 4).WithBatchSize(32).WithCheckpoint(folder["run"]).With(QuantizationScheme.DoReFa);
        Should.Throw<InvalidOperationException>(() => same.Run(Few, Few, 3)).Message.ShouldContain("another run");
    }

    private static TorchSharp.Modules.Parameter Weight(Network network, string layer) => network.WeightLayers().Single(l => l.Name == layer).Layer.Weight;

    private static bool Same(Tensor left, Tensor right) => left.equal(right).all().item<bool>();

    private static bool Same(Network left, Network right)
    {
        using var scope = NewDisposeScope();
        var (one, other) = (left.state_dict(), right.state_dict());
        return one.Count == other.Count && one.All(pair => pair.Value.equal(other[pair.Key]).all().item<bool>());
    }
}
