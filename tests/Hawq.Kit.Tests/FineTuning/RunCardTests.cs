using System.Text.Json;

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
        root.GetProperty("epochs").GetArrayLength().ShouldBe(2);
        root.GetProperty("results").GetProperty("test").GetProperty("correct").GetInt64().ShouldBe(accuracy.Correct);
        using var loaded = new CifarResNet(8, seed: 2).LoadWeights(folder["tiny.safetensors"]);
        Accuracy.Of(loaded, pictures).ShouldBe(accuracy);
        Should.Throw<ArgumentException>(() => report.Save(folder["tiny.pth"], null)).Message.ShouldContain("safetensors");
        Directory.GetFiles(folder.Path).Length.ShouldBe(2);
    }
}
