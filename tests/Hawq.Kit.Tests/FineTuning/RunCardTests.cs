using System.Text.Json;
using static Hawq.Kit.Tests.TinyFineTuning;

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
        root.GetProperty("threads").GetInt32().ShouldBe(TorchSharp.torch.get_num_threads());
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
}
