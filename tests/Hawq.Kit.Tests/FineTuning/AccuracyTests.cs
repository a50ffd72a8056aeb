namespace Hawq.Kit.Tests.FineTuning;

public class AccuracyTests
{
    [Fact]
    public void A_part_that_the_user_holds_in_evaluation_mode_stays_there()
    {
        using var network = new CifarResNet(8, seed: 1);
        network.train();
        var frozen = network.named_modules().Single(module => module.name == "layer1.0.bn1").module;
        frozen.eval();
        Accuracy.Of(network, Given.Pictures.Take(4));
        using var batch = Given.Pictures.Take(4).Batches(4).First();
        ActivationCalibration.Of(network, [batch]);
        (network.training, frozen.training).ShouldBe((true, false));
    }

    [Fact]
    public void Pictures_of_which_none_can_be_decoded_have_no_accuracy()
    {
        using var root = new TemporaryFolder();
        Directory.CreateDirectory(root["a"]);
        File.WriteAllText(root["a/text.jpg"], "no picture");
        using var network = new CifarResNet(8, seed: 1);
        var folder = ImageFolder.Open(root.Path, 32).WithCorruptLimit(1);
        Should.Throw<InvalidDataException>(() => Accuracy.Of(network, folder)).Message.ShouldStartWith("None of the 1 pictures could be decoded");
    }

    [Fact]
    public void Pictures_of_more_classes_than_the_network_has_outputs_are_refused()
    {
        using var network = new CifarResNet(8, classes: 5, seed: 1);
        var pictures = Given.Pictures.Take(64);
        Should.Throw<ArgumentException>(() => Accuracy.Of(network, pictures)).Message.ShouldContain("expected 5, as many as the network has outputs");
        Should.Throw<ArgumentException>(() => NetworkTraining.Of(network).WithBatchSize(64).Run(pictures, null, 5)).Message.ShouldContain("expected 5");
    }
}
