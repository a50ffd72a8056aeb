using System.Text.Json;
using System.Text.Json.Nodes;
using static Hawq.Kit.Tests.TinyFineTuning;
using static TorchSharp.torch;

namespace Hawq.Kit.Tests.FineTuning;

public class RunCardTests
{
    [Fact]
    public void Run_card_says_what_the_weights_beside_it_are()
    {
        using var folder = new TemporaryFolder();
        using var start = new CifarResNet(8, seed: 1);
        var pictures = Given.Pictures.Take(16);
        var report = NetworkTraining.Of(start).WithEpochs(2).WithBatchSize(8).Run(pictures, null, 5);
        var accuracy = Accuracy.Of(report.Network, pictures);
        report.Save(folder["tiny.safetensors"], accuracy);
        using var card = JsonDocument.Parse(File.ReadAllText(folder["tiny.json"]));
        var root = card.RootElement;
        root.GetProperty("seed").GetInt64().ShouldBe(5);
        root.GetProperty("parameters").GetInt64().ShouldBe(start.parameters().Sum(p => p.numel()));
        root.GetProperty("threads").GetInt32().ShouldBe(get_num_threads());
        root.GetProperty("registerBits").GetInt32().ShouldBeOneOf(128, 256, 512);
        root.GetProperty("epochs").GetArrayLength().ShouldBe(2);
        root.GetProperty("results").GetProperty("test").GetProperty("correct").GetInt64().ShouldBe(accuracy.Correct);
        using var loaded = new CifarResNet(8, seed: 2).LoadWeights(folder["tiny.safetensors"]);
        Accuracy.Of(loaded, pictures).ShouldBe(accuracy);
        Should.Throw<ArgumentException>(() => report.Save(folder["tiny.pth"], null)).Message.ShouldContain("safetensors");
        Directory.GetFiles(folder.Path).Length.ShouldBe(2);
    }

    [Fact]
    public void A_saved_fine_tuning_is_read_back_for_the_same_recipe_alone()
    {
        using var folder = new TemporaryFolder();
        using var start = new CifarResNet(8, seed: 1);
        var (train, validation) = Given.Pictures.Take(48).Split(16, seed: 1);
        var recipe = Recipe(start);
        recipe.ReadSaved(folder["tuned.safetensors"], train, validation, 5).ShouldBeNull();
        var report = recipe.Run(train, validation, 5);
        report.Save(folder["tuned.safetensors"], null);

        var saved = recipe.ReadSaved(folder["tuned.safetensors"], train, validation, 5).ShouldNotBeNull();
        saved.Network.training.ShouldBeFalse();
        Accuracy.Of(saved.Network, validation).ShouldBe(report.After);
        (saved.Before, saved.After, saved.Settings, saved.Seed).ShouldBe((report.Before, report.After, report.Settings, report.Seed));
        saved.Epochs.ShouldBe(report.Epochs);
        saved.Stages.ShouldBe(report.Stages);

        var card = File.ReadAllText(folder["tuned.json"]);
        using var other = new CifarResNet(8, seed: 2);
        Recipe(other).ReadSaved(folder["tuned.safetensors"], train, validation, 5).ShouldBeNull("other weights");
        recipe.WithBatchSize(4).ReadSaved(folder["tuned.safetensors"], train, validation, 5).ShouldBeNull("another setting");
        recipe.ReadSaved(folder["tuned.safetensors"], train, validation, 6).ShouldBeNull("another seed");
        recipe.ReadSaved(folder["tuned.safetensors"], validation, train, 5).ShouldBeNull("other pictures");
        recipe.WithBatchSize(4).Run(train, validation, 5).Save(folder["tuned.safetensors"], null);
        File.WriteAllText(folder["tuned.json"], card);
        recipe.ReadSaved(folder["tuned.safetensors"], train, validation, 5).ShouldBeNull("weights of another run than the card's");
        File.WriteAllText(folder["tuned.json"], "{");
        Should.Throw<InvalidDataException>(() => recipe.ReadSaved(folder["tuned.safetensors"], train, validation, 5)).Message.ShouldContain("is no run card");
    }

    /// <summary>libtorch has a number of threads for each thread, so that who saves may have another than who trained.</summary>
    [Fact]
    public void A_card_names_what_the_training_ran_on_also_when_it_is_saved_again()
    {
        using var folder = new TemporaryFolder();
        using var start = new CifarResNet(8, seed: 1);
        var recipe = Recipe(start).OrderedBy(BlockOrder.AllAtOnce);
        var threads = get_num_threads();
        try
        {
            set_num_threads(1);
            var (tuned, trained) = (recipe.Run(Few, Few, 5), NetworkTraining.Of(start).WithEpochs(1).WithBatchSize(32).Run(Few, null, 5));
            set_num_threads(2);
            tuned.Save(folder["tuned.safetensors"], null);
            trained.Save(folder["trained.safetensors"], null);
            var saved = recipe.ReadSaved(folder["tuned.safetensors"], Few, Few, 5).ShouldNotBeNull();
            saved.Environment.ShouldNotBeNull().ShouldBe(tuned.Environment);
            saved.Save(folder["again.safetensors"], null);
            string[] names = ["tuned", "trained", "again"];
            names.Select(name => Card(folder, name)["threads"]!.GetValue<int>()).ShouldBe([1, 1, 1]);
            names.Select(name => Card(folder, name)["kit"]!.GetValue<string>()).ShouldAllBe(kit => kit == LibraryVersion.Kit);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Fact]
    public void A_card_names_the_bits_of_each_layer_and_an_older_one_goes_without()
    {
        using var folder = new TemporaryFolder();
        using var start = new CifarResNet(8, seed: 1);
        var recipe = Recipe(start).OrderedBy(BlockOrder.AllAtOnce).With(QuantizationScheme.Pact);
        var report = recipe.Run(Few, Few, 5);
        report.Layers.Select(layer => layer.WeightBits.Value).ShouldBe([4, 2, 2, 4, 4, 2, 2, 4]); // blocks of 1, 2, 2, 2 and 1 layers with 4, 2, 4, 2 and 4 bits
        report.Layers.ShouldAllBe(layer => layer.ActivationBits.Value == 4);
        report.Layers[0].Note.ShouldEndWith("; signed input calibrated");
        var path = folder["a.safetensors"];
        report.Save(path, null);
        var card = Card(folder, "a");
        card["layers"]![1]!.ToJsonString().ShouldBe("{\"layer\":\"layer1.0.conv1\",\"weightBits\":2,\"inputBits\":4,\"note\":\"DoReFa, inputs with learned clip\"}");
        Read().ShouldBe(report.Layers);
        card["layers"]![1]!["weightBits"] = 9;
        File.WriteAllText(folder["a.json"], card.ToJsonString());
        Should.Throw<InvalidDataException>(() => Read()).Message.ShouldContain("bits are not 1 to 8");
        card.Remove("layers");
        File.WriteAllText(folder["a.json"], card.ToJsonString());
        Read().ShouldBe(report.Layers);

        IReadOnlyList<LayerQuantization> Read() => recipe.ReadSaved(path, Few, Few, 5).ShouldNotBeNull().Layers;
    }

    /// <summary>The words that tell runs apart, and the form of the files, are those of the rows in the repository. Its pictures need not be here: their hash is in the card.</summary>
    [Fact]
    public void A_row_of_the_repository_is_read_for_its_recipe()
    {
        using var network = new CifarResNet().LoadWeights(Path.Combine(Given.Root, "models", "resnet20-cifar10.safetensors"));
        var blocks = BlockPartition.ByUnit.Of(network);
        var recipe = BlockwiseFineTuning.Of(network, Uniform(3), Uniform(4) with { Blocks = [.. Uniform(4).Blocks.Select((block, k) => k == 0 ? block with { Bits = 8 } : block)] })
            .With(QuantizationScheme.MidRisePerChannel with { ActivationRange = RangeRule.LeastSquares }).OrderedBy(BlockOrder.AllAtOnce)
            .WithEpochs(perStage: 1, closing: 29).WithEpochLength(45_000).WithBatchSize(128).WithDistillation()
            .With(Optimization.Sgd(0.01) with { Schedule = LearningRateSchedule.Constant }, closing: Optimization.Sgd(0.02));
        var path = Path.Combine(Given.Root, "models", "table1", "direct-3-4-2019.safetensors");
        var report = recipe.ReadSaved(path, new NamedPictures("49c3a583e32953af"), new NamedPictures("7a54780d30a47227"), 2019).ShouldNotBeNull();
        (report.Before.Correct, report.After.Correct, report.Epochs.Count).ShouldBe((4027, 4644, 30));
        report.Environment.ShouldBe(new TrainingEnvironment(1, 256, 2, "0.1.0", "0.107.0"));
        report.Layers.Select(layer => (layer.WeightBits.Value, layer.ActivationBits.Value)).ShouldBe([(3, 8), .. Enumerable.Repeat((3, 4), 19)]);
        Accuracy.Of(report.Network, Cifar10.Read(Given.Fixture("cifar10-test-256.bin"))).Percent.ShouldBeGreaterThan(85);

        BitAllocation Uniform(int bits) => new("", [.. blocks.Select(block => new BlockAllocation(block, bits, 1, 1, 1))], QuantizationScheme.MidRisePerChannel, 0);
    }

    [Fact]
    public void A_name_with_another_ending_is_refused_not_taken_for_nothing_saved()
    {
        using var folder = new TemporaryFolder();
        using var start = new CifarResNet(8, seed: 1);
        Should.Throw<ArgumentException>(() => Recipe(start).ReadSaved(folder["tuned"], Few, Few, 5)).Message.ShouldContain("expected a name that ends in .safetensors");
    }

    private static JsonObject Card(TemporaryFolder folder, string name) => JsonNode.Parse(File.ReadAllText(folder[$"{name}.json"]))!.AsObject();

    /// <summary>A set of pictures of which nothing is asked but what it is called.</summary>
    private sealed class NamedPictures(string hash) : IImageSource
    {
        public int Count => 45_000;

        public int Side => 32;

        public string Hash => hash;

        public IImageSource Take(int count) => throw new NotSupportedException();

        public IImageSource Sample(int count, long seed) => throw new NotSupportedException();

        public IEnumerable<Batch> Batches(int size) => throw new NotSupportedException();

        public IEnumerable<Batch> TrainingBatches(int size, Augmentation augmentation, long seed, int epoch, int? pictures = null) => throw new NotSupportedException();
    }
}
